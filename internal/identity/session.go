package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// The life of a session: over at the latest after lifetime, and after idleness
// without a request. An official's screen stands in a hall, so theirs is shorter.
const (
	lifetime      = 12 * time.Hour
	idleCitizen   = 2 * time.Hour
	idleStaff     = time.Hour
	touchInterval = time.Minute // how stale seen_at may be
)

var (
	errSessionOver = fault.New(fault.Unauthenticated, "session.expired", "登录已过期，请重新登录，登录后可以继续刚才的操作。")
	errPost        = fault.New(fault.Forbidden, "session.not-your-post", "您没有这个岗位，请联系本单位管理员。")
)

// Session is a session just opened.
type Session struct {
	Token   string // the secret, for the cookie
	Expires time.Time
	Actor   *actor.Actor
}

// OpenSession opens a session for an account without asking for a password: for
// who has just registered, and for benches.
func (s *Service) OpenSession(ctx context.Context, accountID string) (Session, error) {
	account, err := s.oneAccount(ctx, `id = $1`, accountID)
	if err != nil {
		return Session{}, err
	}
	if account == nil || !account.Active {
		return Session{}, errCredentials
	}
	return s.open(ctx, account)
}

func (s *Service) open(ctx context.Context, account *accountRow) (Session, error) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	now := s.Clock.Now()
	row := sessionRow{
		ID: postgres.NewID(), AccountID: account.ID, Kind: account.Kind, Name: account.Name,
		ApplicantID: account.ApplicantID, StaffID: account.StaffID, Active: account.Active, SeenAt: now, ExpiresAt: now.Add(lifetime),
	}
	if account.StaffID != nil {
		posts, err := s.Officials.PostsOf(ctx, *account.StaffID)
		if err != nil {
			return Session{}, err
		}
		if len(posts) > 0 {
			row.PostID = &posts[0].ID
		}
	}
	who, err := s.actorOf(ctx, &row)
	if err != nil {
		return Session{}, err
	}
	hash := sha256.Sum256([]byte(token))
	if _, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO identity.sessions (token_hash, id, account_id, post_id, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $5, $6)`, hash[:], row.ID, account.ID, row.PostID, now, row.ExpiresAt); err != nil {
		return Session{}, fmt.Errorf("save session: %w", err)
	}
	return Session{Token: token, Expires: row.ExpiresAt, Actor: who}, nil
}

type sessionRow struct {
	ID          string
	AccountID   string
	PostID      *string
	SeenAt      time.Time
	ExpiresAt   time.Time
	Kind        actor.Kind
	Name        string
	ApplicantID *string
	StaffID     *string
	Active      bool
}

// Actor is who is behind a token; session.expired when nobody is. It is
// httpapi's SessionReader and stands before every operation.
func (s *Service) Actor(ctx context.Context, token string) (*actor.Actor, error) {
	key := sha256.Sum256([]byte(token))
	now := s.Clock.Now()
	if who, ok := s.cache.get(key, now); ok {
		return who, nil
	}
	seen := s.cache.changes()
	row, err := s.session(ctx, key)
	if err != nil {
		return nil, postgres.Fault(err)
	}
	idle := idleCitizen
	if row != nil && row.Kind == actor.Staff {
		idle = idleStaff
	}
	if row == nil || !row.Active || !now.Before(row.ExpiresAt) || now.Sub(row.SeenAt) >= idle {
		return nil, errSessionOver
	}
	if now.Sub(row.SeenAt) >= touchInterval {
		if _, err := s.DB.Q(ctx).Exec(ctx, `UPDATE identity.sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2`, key[:], now); err != nil {
			return nil, postgres.Fault(fmt.Errorf("touch session: %w", err))
		}
	}
	who, err := s.actorOf(ctx, row)
	if err != nil {
		return nil, postgres.Fault(err)
	}
	s.cache.put(key, who, now, row.ExpiresAt, seen)
	return who, nil
}

func (s *Service) session(ctx context.Context, key [32]byte) (*sessionRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT s.id, s.account_id, s.post_id, s.seen_at, s.expires_at,
			a.kind, a.name, a.applicant_id, a.staff_id, a.active
		FROM identity.sessions s JOIN identity.accounts a ON a.id = s.account_id WHERE s.token_hash = $1`, key[:])
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[sessionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	return row, nil
}

// actorOf adds what the directory says of an official today: somebody who has
// left, or left the post, has no rights from the next look-up on.
func (s *Service) actorOf(ctx context.Context, row *sessionRow) (*actor.Actor, error) {
	who := &actor.Actor{Kind: row.Kind, AccountID: row.AccountID, Name: row.Name, SessionID: row.ID}
	if row.ApplicantID != nil {
		who.ApplicantID = *row.ApplicantID
	}
	if row.StaffID == nil {
		return who, nil
	}
	who.StaffID = *row.StaffID
	posts, err := s.Officials.PostsOf(ctx, who.StaffID)
	if err != nil {
		return nil, err
	}
	post := presentPost(posts, row.PostID)
	if post == nil {
		return who, nil
	}
	orgs, err := s.Officials.OrgsByIDs(ctx, []string{post.OrgID})
	if err != nil {
		return nil, err
	}
	who.PostName, who.OrgPath = post.Name, orgs[post.OrgID].Path
	who.Grants, err = s.Officials.GrantsOf(ctx, who.StaffID, post.ID)
	return who, err
}

// presentPost is the post chosen, if it is still held, else the main one.
func presentPost(posts []directory.Post, chosen *string) *directory.Post {
	for i := range posts {
		if chosen != nil && posts[i].ID == *chosen {
			return &posts[i]
		}
	}
	if len(posts) > 0 {
		return &posts[0]
	}
	return nil
}

// SwitchPost makes another post of the same official the present one; only one
// is in force at a time, so that every act has one capacity.
func (s *Service) SwitchPost(ctx context.Context, postID string) error {
	who := actor.From(ctx)
	posts, err := s.Officials.PostsOf(ctx, who.StaffID)
	if err != nil {
		return err
	}
	post := presentPost(posts, &postID)
	if post == nil || post.ID != postID {
		return errPost
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Q(ctx).Exec(ctx, `UPDATE identity.sessions SET post_id = $2 WHERE id = $1`, who.SessionID, postID); err != nil {
			return fmt.Errorf("switch post: %w", err)
		}
		if err := s.changed(ctx, who.AccountID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.switch-post", ObjectKind: "post", ObjectID: postID})
	})
}

// SignOut ends the session of the actor.
func (s *Service) SignOut(ctx context.Context) error {
	who := actor.From(ctx)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM identity.sessions WHERE id = $1`, who.SessionID); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		if err := s.changed(ctx, who.AccountID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.sign-out", ObjectKind: "account", ObjectID: who.AccountID})
	})
}

// EndSessions signs an account out everywhere, for instance when it is blocked.
func (s *Service) EndSessions(ctx context.Context, accountID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error { return s.endSessions(ctx, accountID, "") })
}

func (s *Service) endSessions(ctx context.Context, accountID, except string) error {
	if _, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM identity.sessions WHERE account_id = $1 AND id IS DISTINCT FROM nullif($2, '')::uuid`,
		accountID, except); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return s.changed(ctx, accountID)
}

// changed tells every process, this one included, once the transaction holds.
func (s *Service) changed(ctx context.Context, accountID string) error {
	postgres.AfterCommit(ctx, func() { s.cache.drop(accountID) })
	return s.DB.Notify(ctx, channel, accountID)
}

// present reads the actor of a session anew, past the cache.
func (s *Service) present(ctx context.Context, who *actor.Actor) (*actor.Actor, error) {
	var hash []byte
	if err := s.DB.Q(ctx).QueryRow(ctx, `SELECT token_hash FROM identity.sessions WHERE id = $1`, who.SessionID).Scan(&hash); err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	row, err := s.session(ctx, [32]byte(hash))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, errSessionOver
	}
	return s.actorOf(ctx, row)
}
