// Package seal makes and checks electronic seals.
//
// The rules it stands for: 《电子印章管理办法》（国办发〔2025〕33号）— a seal is
// picture, name, owner's certificate and the maker's signature over them, it is
// registered, and its life (made, used, suspended, cancelled) is recorded;
// GB/T 38540-2020 — the form of the seal and of the signature made with it;
// GM/T 0031 clause 6 — how both are checked. Keys are SM2, digests SM3.
//
// The authority behind the certificates is the city's own, for demonstration: a
// real city puts a licensed one in its place (docs/adr/0004-own-ofd-and-seal.md).
package seal

import (
	"context"
	"embed"
	"log/slog"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "seal".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Keyring protects the private keys at rest; *sm.Keyring is one.
type Keyring interface {
	SealFor(org string, plain []byte, context string) []byte
	Open(ciphertext []byte, context string) ([]byte, error)
}

// Deps is what the service needs.
type Deps struct {
	DB    *postgres.DB
	Clock clock.Clock
	Log   *slog.Logger
	Keys  Keyring
	// Font is the TrueType face of the seals' text.
	Font []byte
	// Name is the city, in the names of the authority's certificates.
	Name string
}

// Service is the seal module. Safe for concurrent use.
type Service struct {
	db    *postgres.DB
	clock clock.Clock
	log   *slog.Logger
	keys  Keyring
	font  []byte
	name  string
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{db: d.DB, clock: d.Clock, log: d.Log, keys: d.Keys, font: d.Font, name: d.Name}
}

// Status is a seal's state in the register.
type Status string

// The states of a seal (制作备案 → 使用 → 停用 → 注销).
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Cancelled Status = "cancelled"
)

// Seal is a row of the register, without its key.
type Seal struct {
	ID        string    `json:"id" db:"id"` // esID: six digits of region, eight of sequence
	OrgID     string    `json:"org_id" db:"org_id"`
	OrgName   string    `json:"org_name" db:"org_name"`
	USCC      string    `json:"uscc" db:"uscc"`
	Name      string    `json:"name" db:"name"`
	Status    Status    `json:"status" db:"status"`
	StatusAt  time.Time `json:"status_at" db:"status_at"`
	ValidFrom time.Time `json:"valid_from" db:"valid_from"`
	ValidTo   time.Time `json:"valid_to" db:"valid_to"`
	CreatedAt time.Time `json:"created_at" db:"created_at"`
}

var (
	errMissing   = fault.New(fault.NotFound, "seal.missing", "该单位尚未制作电子印章，请先由管理员制作。")
	errNotActive = fault.New(fault.Conflict, "seal.not-active", "该单位的电子印章已停用或注销，不能签章。")
	errExpired   = fault.New(fault.Conflict, "seal.expired", "该单位的电子印章不在有效期内，不能签章。")
	errLiving    = fault.New(fault.Conflict, "seal.exists", "该单位已有在用的电子印章；需要换章的，先注销旧章。")
)

// second is the present instant as ASN.1 times hold it.
func (s *Service) second() time.Time { return s.clock.Now().Truncate(time.Second) }

// Picture is the seal as a PNG with a transparent ground, 42 mm across.
func (s *Service) Picture(ctx context.Context, orgID string) ([]byte, error) {
	row, err := s.newest(ctx, orgID)
	if err != nil {
		return nil, err
	}
	return row.Picture, nil
}
