package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/postgres"
)

// Access is one act on somebody's personal data, as that person may know it
// (个人信息保护法 Art 44, 45): the office and the post, not the private name of the
// official.
type Access struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"`
	Who        string    `json:"who"` // post and surname, or 本人, 系统
	Own        bool      `json:"own"` // it was the person, or who acts for them
	ActionName string    `json:"action_name"`
	ObjectKind string    `json:"object_kind"`
	ObjectID   string    `json:"object_id"`
	Ground     string    `json:"ground"`
}

// AboutSubject lists who saw or changed an applicant's personal data, newest first.
func (s *Service) AboutSubject(ctx context.Context, subject string, req page.Request) (page.Page[Access], error) {
	before, err := position(req)
	if err != nil {
		return page.Page[Access]{}, err
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id::text, at, actor_kind, actor_name, post_name, action, object_kind, object_id, ground
		FROM audit.entries WHERE subject = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, subject, before, req.Limit()+1)
	if err != nil {
		return page.Page[Access]{}, postgres.Fault(fmt.Errorf("who saw the data: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Access, error) {
		var a Access
		var kind, name, post, action string
		err := row.Scan(&a.ID, &a.At, &kind, &name, &post, &action, &a.ObjectKind, &a.ObjectID, &a.Ground)
		a.Own = kind == string(actor.Citizen) || kind == string(actor.Enterprise)
		a.Who = whoFor(actor.Kind(kind), name, post)
		if a.ActionName = s.names[action]; a.ActionName == "" {
			a.ActionName = "其他操作"
		}
		return a, err
	})
	if err != nil {
		return page.Page[Access]{}, postgres.Fault(fmt.Errorf("who saw the data: %w", err))
	}
	return page.Cut(list, req.Limit(), func(a Access) any { return cursor{a.ID} }), nil
}

func whoFor(kind actor.Kind, name, post string) string {
	switch kind {
	case actor.Citizen, actor.Enterprise:
		return "本人或代理人"
	case actor.System:
		return "系统自动处理"
	}
	surname, _, _ := strings.Cut(name, "（")
	if r := []rune(surname); len(r) > 0 {
		surname = string(r[:1]) + "某"
	}
	if post == "" {
		return "工作人员" + surname
	}
	return post + "　" + surname
}
