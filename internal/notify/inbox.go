package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/postgres"
)

// Notice is a message as its reader sees it.
type Notice struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	Link      string     `json:"link"`
	CreatedAt time.Time  `json:"created_at"`
	ReadAt    *time.Time `json:"read_at,omitempty"` // absent while unread
}

// maxUnread bounds the count: a badge says "99+".
const maxUnread = 100

var (
	errNotice    = fault.New(fault.NotFound, "notify.notice-not-found", "没有找到这条消息，请刷新消息列表后再试。")
	errSignIn    = fault.New(fault.Unauthenticated, "session.required", "请先登录，登录后可以查看消息。")
	errBadCursor = fault.New(fault.Invalid, "page.bad-cursor", "翻页位置已失效，请从第一页重新查看。")
)

type cursor struct {
	ID string `json:"id"`
}

// newest is above every id, so that the first page has the plan of any other.
const newest = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// Inbox lists the messages of whoever is signed in, newest first.
func (s *Service) Inbox(ctx context.Context, req page.Request) (page.Page[Notice], error) {
	account, err := reader(ctx)
	if err != nil {
		return page.Page[Notice]{}, err
	}
	before := cursor{newest}
	if _, err := req.Decode(&before); err != nil {
		return page.Page[Notice]{}, err
	}
	if uuid.Validate(before.ID) != nil {
		return page.Page[Notice]{}, errBadCursor
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id, kind, title, body, link, created_at, read_at
		FROM notify.notices WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, account, before.ID, req.Limit()+1)
	if err != nil {
		return page.Page[Notice]{}, postgres.Fault(fmt.Errorf("read notices: %w", err))
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
	if err != nil {
		return page.Page[Notice]{}, postgres.Fault(fmt.Errorf("read notices: %w", err))
	}
	return page.Cut(out, req.Limit(), func(n Notice) any { return cursor{n.ID} }), nil
}

// Unread counts the unread messages of whoever is signed in, up to 100.
func (s *Service) Unread(ctx context.Context) (int, error) {
	account, err := reader(ctx)
	if err != nil {
		return 0, err
	}
	var n int
	err = s.DB.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM
		(SELECT 1 FROM notify.notices WHERE account_id = $1 AND read_at IS NULL LIMIT $2) AS unread`, account, maxUnread).Scan(&n)
	if err != nil {
		return 0, postgres.Fault(fmt.Errorf("count unread notices: %w", err))
	}
	return n, nil
}

// MarkRead opens a message; the first time counts. Somebody else's message does
// not exist.
func (s *Service) MarkRead(ctx context.Context, id string) error {
	account, err := reader(ctx)
	if err != nil {
		return err
	}
	if uuid.Validate(id) != nil {
		return errNotice
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `UPDATE notify.notices SET read_at = coalesce(read_at, $3)
		WHERE id = $1 AND account_id = $2`, id, account, s.Clock.Now())
	if err != nil {
		return postgres.Fault(fmt.Errorf("mark notice read: %w", err))
	}
	if tag.RowsAffected() == 0 {
		return errNotice
	}
	// The badge in the reader's other windows goes down too.
	return s.Bus.Live().Publish(ctx, Topic(account), "read")
}

// MarkReadAt reads the messages that lead to a page which was opened by another way.
func (s *Service) MarkReadAt(ctx context.Context, link string) error {
	account, err := reader(ctx)
	if err != nil {
		return err
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `UPDATE notify.notices SET read_at = $3 WHERE account_id = $1 AND link = $2 AND read_at IS NULL`,
		account, link, s.Clock.Now())
	if err != nil {
		return postgres.Fault(fmt.Errorf("mark notices read: %w", err))
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return s.Bus.Live().Publish(ctx, Topic(account), "read")
}

func reader(ctx context.Context) (accountID string, err error) {
	a := actor.From(ctx)
	if a.AccountID == "" {
		return "", errSignIn
	}
	return a.AccountID, nil
}
