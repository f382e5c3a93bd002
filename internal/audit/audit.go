// Package audit is the evidence log: who did what, when, in what capacity, on
// whose behalf and on what ground.
//
// The rules it stands for: 行政许可法 Art 61 has an agency keep its records so
// that they can be looked into; 个人信息保护法 Art 51, 54 and 55 ask for records of
// how personal data is handled; 电子签名法 Art 5 and 6 ask that what is relied on
// later can be shown not to have changed.
//
// Invariants: an entry is written in the transaction of the act, so there is no
// act without its entry and no entry without its act; the database refuses to
// change or remove an entry. Callers mask personal data in Before and After: the
// log is read by people who have no business with it.
package audit

import (
	"context"
	"embed"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "audit".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Deps is what the module needs.
type Deps struct {
	DB    *postgres.DB
	Clock clock.Clock
	Log   *slog.Logger
}

// Service writes and reads the log.
type Service struct {
	Deps
	names map[string]string
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, names: map[string]string{}} }

// Names tells the Chinese names of actions ("intake.accept": "受理") for the
// people who read the log; an action without one is shown by its code. Before
// the server starts.
func (s *Service) Names(names map[string]string) {
	for action, name := range names {
		s.names[action] = name
	}
}

// Entry is one act. The actor is taken from the context.
type Entry struct {
	Action     string // module.verb: "intake.accept"
	ObjectKind string // "case", "licence", "account"
	ObjectID   string // its key: the case number, the id
	OnBehalf   string // applicant id of whoever is represented, "" for oneself
	Ground     string // why: the opinion, the article, the purpose of an unmasked read
	Before     []byte // state before and after, masked JSON; nil when it adds nothing
	After      []byte

	// OrgPath and Region say where the object belongs and so which administrators
	// may read the entry; "" means where the official works. What an applicant
	// does is nobody's yet: without them only the city's administrators see it.
	OrgPath string
	Region  string
}

const insertEntry = `INSERT INTO audit.entries (id, at, actor_kind, account_id, staff_id, actor_name, post_name,
		address, action, object_kind, object_id, on_behalf, ground, org_path, region, before, after)
	VALUES ($1, $2, $3, nullif($4, '')::uuid, nullif($5, '')::uuid, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

// Record writes an entry in the transaction of ctx.
func (s *Service) Record(ctx context.Context, e Entry) error {
	if _, err := s.DB.Q(ctx).Exec(ctx, insertEntry, s.values(ctx, e)...); err != nil {
		return postgres.Fault(fmt.Errorf("record %s of %s %s: %w", e.Action, e.ObjectKind, e.ObjectID, err))
	}
	return nil
}

// Queue adds an entry to the batch of a hot use case, which travels with the
// act's own statements.
func (s *Service) Queue(ctx context.Context, b *pgx.Batch, e Entry) {
	b.Queue(insertEntry, s.values(ctx, e)...)
}

func (s *Service) values(ctx context.Context, e Entry) []any {
	a := actor.From(ctx)
	org := e.OrgPath
	if org == "" {
		org = a.OrgPath
	}
	onBehalf := e.OnBehalf
	if onBehalf == "" && a.Kind == actor.Enterprise {
		onBehalf = a.ApplicantID
	}
	return []any{
		postgres.NewID(), s.Clock.Now(), string(a.Kind), a.AccountID, a.StaffID, a.Name, a.PostName,
		a.Address, e.Action, e.ObjectKind, e.ObjectID, onBehalf, e.Ground, org, e.Region, e.Before, e.After,
	}
}
