// Package audit is the evidence log: who did what, when, in what capacity, on
// whose behalf and on what ground.
//
// The rules it stands for: 行政许可法 Art 61 has an agency keep its records so
// that they can be looked into; 个人信息保护法 Art 51, 54 and 55 ask for records of
// how personal data is handled; 电子签名法 Art 5 and 6 ask that what is relied on
// later can be shown not to have changed.
//
// Invariants: an entry is written in the transaction of the act, so there is no
// act without its entry and no entry without its act; every entry is a leaf of a
// tree whose root is signed every few seconds, so whoever changes or removes one
// is found out by anybody who kept a checkpoint (package ledger). Callers mask
// personal data in Before and After: the log is read by people who have no
// business with it.
package audit

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/jobs"
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
	Keys  Keyring    // seals the keys that sign checkpoints
	Jobs  *jobs.Jobs // looks through the log at night; nil in tests that do not
	// Stamps asks an authority to date checkpoints; the zero value does not.
	Stamps Stamping
}

// Keyring seals secrets; *sm.Keyring is one.
type Keyring interface {
	Seal(plain []byte, context string) []byte
	Open(sealed []byte, context string) ([]byte, error)
}

// Stamping is a time-stamping authority (RFC 3161).
type Stamping struct {
	URL    string // "" for none
	Client *http.Client
	Every  time.Duration // between stamps, 0: an hour
	Roots  *ledger.StampTrust
}

// Service writes and reads the log.
type Service struct {
	Deps
	names map[string]string
	keys  keyCache
}

// New makes the service.
func New(d Deps) *Service {
	s := &Service{Deps: d, names: map[string]string{}}
	if d.Jobs != nil {
		s.registerJobs()
	}
	return s
}

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
	Subject    string // applicant id of whose personal data was seen or changed; "": OnBehalf's
	Ground     string // why: the opinion, the article, the purpose of an unmasked read
	Before     []byte // state before and after, masked JSON; nil when it adds nothing
	After      []byte

	// OrgPath and Region say where the object belongs and so which administrators
	// may read the entry; "" means where the official works. What an applicant
	// does is nobody's yet: without them only the city's administrators see it.
	OrgPath string
	Region  string
}

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

// ActionNames are the Chinese names of the module's own entries.
var ActionNames = map[string]string{"audit.erase": "依法删除留痕中的个人信息", "audit.export": "导出留痕日志"}
