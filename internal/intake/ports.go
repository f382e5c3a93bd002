package intake

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/notify"
	"onedoor/internal/platform/blob"
)

// Item is what a case needs to know of a service item (实施清单), as published now.
// A case keeps the version it was made under.
type Item struct {
	ID          string
	Version     int
	Name        string
	Closed      string // "" when open for application, else why not, in Chinese
	OrgID       string
	OrgName     string
	OrgPath     string
	Region      string // 12 digits
	FormID      string
	FormVersion int
	Licence     *ItemLicence // nil when the decision paper is the result
	Promised    workday.Limit
	Statutory   workday.Limit
	Materials   []ItemMaterial
	Scenarios   []ItemScenario
}

// ItemScenario is a 情形: an answer in the form that makes material necessary or not.
type ItemScenario struct {
	Field, Value string   // the form's value at Field (a dotted path) that brings it about
	Adds, Drops  []string // material codes
}

// ItemLicence says what licence a grant leads to and what it copies from the form.
type ItemLicence struct {
	Type       string
	ValidYears int // 0: no end
	Fields     []ItemLicenceField
}

// ItemLicenceField is one line on the licence: From is a path in the form ("business.address").
type ItemLicenceField struct{ Title, From string }

// ItemMaterial is one line of the item's material list.
type ItemMaterial struct {
	Code     string
	Name     string
	Required bool
	// Waived material must not be asked for again (免提交, 国务院令716号 Art 7).
	Waived bool
}

// Items finds service items; an unknown id is a fault of kind not found.
// It is asked at every submit and must answer from memory.
type Items interface {
	Item(ctx context.Context, id string) (*Item, error)
}

// Forms checks what was filled in against the form's definition; what is wrong
// comes back as fault "form.invalid" with a field per mistake.
type Forms interface {
	Validate(ctx context.Context, id string, version int, data json.RawMessage) error
	Layout(ctx context.Context, id string, version int) (FormLayout, error)
	// Words reads values at dotted paths as people write them: titles and not codes.
	Words(ctx context.Context, id string, version int, data json.RawMessage, paths []string) ([]string, error)
}

// FormLayout is what a case needs to know of a form beside its schema. Paths are dotted
// ("operator.id_number").
type FormLayout struct {
	Prefill   map[string]string // path → name, id_number, phone, uscc, legal_name
	Sensitive []string          // paths of personal data
}

// Applicant is the person or legal person on whose behalf a case is made.
type Applicant struct {
	ID       string
	Kind     string // person, legal
	Name     string
	IDType   string // 111 resident identity card, 001 USCC
	IDNumber string
	Phone    string
}

// Applicants finds applicants by id.
type Applicants interface {
	Applicant(ctx context.Context, id string) (Applicant, error)
}

// Audit keeps the evidence; *audit.Service is one. Queue adds the entry to a hot batch,
// Record writes it in the transaction of ctx.
type Audit interface {
	Queue(ctx context.Context, b *pgx.Batch, e audit.Entry)
	Record(ctx context.Context, e audit.Entry) error
}

// Notices delivers messages in the transaction of ctx, once per DedupKey; *notify.Service is one.
type Notices interface {
	Send(ctx context.Context, m notify.Message) error
}

// LicenceRequest asks for the licence of a granted case.
type LicenceRequest struct {
	Type, ItemID, CaseNo, OrgID       string
	Region                            string
	HolderName, HolderCode            string
	HolderCodeType, HolderApplicantID string
	Fields                            []LicenceField
	ValidFrom                         time.Time
	ValidTo                           time.Time // zero: no end
}

// LicenceField is one line on the licence.
type LicenceField struct{ Title, Value string }

// IssuedLicence is what the case remembers of its licence.
type IssuedLicence struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Number string `json:"number"`
}

// Licences makes licences. Issue is idempotent by case number: asked twice, it answers
// with the same licence.
type Licences interface {
	Issue(ctx context.Context, r LicenceRequest) (IssuedLicence, error)
}

// Keyring encrypts what people fill in; *sm.Keyring is one.
type Keyring interface {
	SealFor(org string, plain []byte, context string) []byte
	Open(ct []byte, context string) ([]byte, error)
}

// Files keeps what people hand in and the papers, sealed; *sm.Files is one. PutFor seals
// under an organisation's key, Put under the house's.
type Files interface {
	Put(ctx context.Context, key string, r io.Reader, contentType string) (size int64, sm3 []byte, err error)
	PutFor(ctx context.Context, org, key string, r io.Reader, contentType string) (size int64, sm3 []byte, err error)
	Open(ctx context.Context, key string) (io.ReadCloser, blob.Attr, error)
	Delete(ctx context.Context, key string) error
}
