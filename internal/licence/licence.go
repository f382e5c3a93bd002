// Package licence issues electronic licences and answers for them ever after.
//
// The rules it stands for: 国务院令第716号《关于在线政务服务的若干规定》Art 10 — an
// electronic licence is worth as much as the paper; GB/T 36904 — each has one
// identifier in the nation, with a check character; GB/T 36903 — what its file
// says of itself; 行政许可法 Art 69–70 — how one ends. A licence is an OFD file
// sealed by the department that issued it, and a row in the register: the file
// proves what was issued, the register says whether it still holds.
package licence

import (
	"context"
	"embed"
	"io"
	"log/slog"
	"time"

	"onedoor/internal/audit"
	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/notify"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/ofd"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/seal"
)

// Migrations is the schema "licence".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Actions of this module that need a right.
const (
	ActionView   actor.Action = "licence.view"
	ActionRevoke actor.Action = "licence.revoke"
)

// Items finds what licence an item leads to (module catalog).
type Items interface {
	ItemByID(ctx context.Context, id string) (*catalog.Item, error)
}

// Orgs finds the issuing department (module directory).
type Orgs interface {
	OrgByID(ctx context.Context, id string) (*directory.Org, error)
}

// Seals signs files and says whom to trust (module seal).
type Seals interface {
	EnsureSeal(ctx context.Context, orgID, orgName, uscc string) (seal.Seal, error)
	SignOFD(ctx context.Context, orgID string, doc []byte, stamps ...seal.Stamp) ([]byte, error)
	Picture(ctx context.Context, orgID string) ([]byte, error)
	Trust(ctx context.Context) (seal.Trust, error)
}

// Evidence is the evidence log (module audit).
type Evidence interface {
	Record(ctx context.Context, e audit.Entry) error
}

// Holders finds the accounts that act for an applicant (module identity).
type Holders interface {
	AccountsOf(ctx context.Context, applicantID string) ([]string, error)
}

// Notices tells an account something (module notify).
type Notices interface {
	Send(ctx context.Context, m notify.Message) error
}

// Keyring encrypts personal data at rest; *sm.Keyring is one.
type Keyring interface {
	SealFor(org string, plain []byte, context string) []byte
	Open(ciphertext []byte, context string) ([]byte, error)
	Blind(value, context string) []byte
}

// Files keeps the sealed files, encrypted; *sm.Files is one.
type Files interface {
	PutFor(ctx context.Context, org, key string, r io.Reader, contentType string) (size int64, sm3 []byte, err error)
	Read(ctx context.Context, key string) ([]byte, error)
}

// Faces are the fonts of the paper: Kai for titles, sans for the rest.
type Faces struct {
	Kai, Sans []byte // TrueType
}

// Deps is what the service needs.
type Deps struct {
	DB        *postgres.DB
	Bus       *events.Bus
	Clock     clock.Clock
	Log       *slog.Logger
	Items     Items
	Orgs      Orgs
	Seals     Seals
	Audit     Evidence
	Holders   Holders
	Notices   Notices
	Keys      Keyring
	Files     Files
	Faces     Faces
	PublicURL string // where people verify, printed in the QR code
	City      string // "随州市"
}

// Service is the licence module. Safe for concurrent use.
type Service struct {
	Deps
	kai, sans *ofd.Font
}

// New makes the service; it fails only when a font cannot be read.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Deps: d}
	var err error
	if s.sans, err = ofd.ParseFont("OnedoorSans", d.Faces.Sans); err != nil {
		return nil, err
	}
	if s.kai, err = ofd.ParseFont("OnedoorKai", d.Faces.Kai); err != nil {
		return nil, err
	}
	return s, nil
}

// Field is one printed line.
type Field struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// Licence is one entry of the register, as its holder and its department see it.
type Licence struct {
	ID                string     `json:"id"`
	Identifier        string     `json:"identifier"` // GB/T 36904
	Type              string     `json:"type"`
	Title             string     `json:"title"`
	Number            string     `json:"number"`
	Version           int        `json:"version"`
	CaseNo            string     `json:"case_no"`
	ItemID            string     `json:"item_id"`
	HolderName        string     `json:"holder_name"`
	HolderMasked      string     `json:"holder_code_masked"`
	HolderCodeType    string     `json:"holder_code_type"`
	HolderApplicantID string     `json:"-"`
	HolderCode        string     `json:"-"` // plain, never leaves Go
	IssuerID          string     `json:"issuer_id"`
	IssuerName        string     `json:"issuer_name"`
	IssuerUSCC        string     `json:"-"`
	IssuerPath        string     `json:"-"`
	Region            string     `json:"region"`
	Fields            []Field    `json:"fields"`
	IssuedAt          time.Time  `json:"issued_at"`
	ValidFrom         time.Time  `json:"valid_from"`
	ValidTo           *time.Time `json:"valid_to"` // null: without end
	Status            Status     `json:"status"`
	StatusText        string     `json:"status_text"`
	StatusAt          time.Time  `json:"status_at"`
	StatusReason      string     `json:"status_reason"`
	CanUnmask         bool       `json:"can_unmask"` // an official may see it whole, for a purpose

	fileKey string
	fileSM3 []byte
}

func (l *Licence) place() actor.Place { return actor.Place{OrgPath: l.IssuerPath, Region: l.Region} }

var (
	errNotFound = fault.New(fault.NotFound, "licence.not-found", "没有找到这张证照，请返回列表重新打开。")
	errType     = fault.New(fault.Conflict, "licence.no-type", "这个事项没有设置证照类型，不能制发证照，请联系目录管理员。")
)
