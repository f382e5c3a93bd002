package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// DocumentKind is a kind of paper that a case gives rise to.
type DocumentKind string

// The papers, each with the article that demands it.
const (
	PaperAcceptance  DocumentKind = "acceptance"   // 受理通知书, Art 32 last ¶
	PaperSupplement  DocumentKind = "supplement"   // 补正告知书, Art 32(4)
	PaperNotAccepted DocumentKind = "not_accepted" // 不予受理通知书, Art 32 last ¶
	PaperGrant       DocumentKind = "grant"        // 准予行政许可决定书, Art 38 ¶1
	PaperRefuse      DocumentKind = "refuse"       // 不予行政许可决定书, Art 38 ¶2
	PaperSpecial     DocumentKind = "special"      // 特别程序告知书, Art 45
	PaperExtend      DocumentKind = "extend"       // 延长期限告知书, Art 42
)

var paperTitles = map[DocumentKind]struct{ title, letters string }{
	PaperAcceptance:  {"行政许可申请受理通知书", "SL"},
	PaperSupplement:  {"行政许可申请材料补正告知书", "BZ"},
	PaperNotAccepted: {"行政许可申请不予受理通知书", "BYSL"},
	PaperGrant:       {"准予行政许可决定书", "ZYXK"},
	PaperRefuse:      {"不予行政许可决定书", "BYXK"},
	PaperSpecial:     {"行政许可特别程序告知书", "TBCX"},
	PaperExtend:      {"延长行政许可办理期限告知书", "YCQX"},
}

// Title is the paper's heading.
func (k DocumentKind) Title() string { return paperTitles[k].title }

// DocumentData is everything a paper says. It is stored with the move that gives rise to
// the paper, so that the file can be made later, or again, and says the same.
type DocumentData struct {
	Number        string           `json:"number"`
	CaseNo        string           `json:"case_no"`
	OrgID         string           `json:"org_id"`
	OrgName       string           `json:"org_name"`
	ItemName      string           `json:"item_name"`
	ApplicantName string           `json:"applicant_name"`
	Article       string           `json:"article"`
	SubmittedAt   time.Time        `json:"submitted_at"`
	IssuedAt      time.Time        `json:"issued_at"`
	PromisedDue   *time.Time       `json:"promised_due,omitempty"`
	StatutoryDue  *time.Time       `json:"statutory_due,omitempty"`
	LimitsText    LimitsText       `json:"limits_text"`
	Materials     []string         `json:"materials,omitempty"`
	Items         []SupplementItem `json:"items,omitempty"`
	Opinion       string           `json:"opinion,omitempty"`
	Ground        string           `json:"ground,omitempty"`
	Reason        string           `json:"reason,omitempty"`
	Procedure     string           `json:"procedure,omitempty"`
	Needed        string           `json:"needed,omitempty"`
}

// Papers makes the files of a paper: OFD sealed by the department, and a PDF copy for
// people without an OFD reader. The same data gives the same words.
type Papers interface {
	Make(ctx context.Context, kind DocumentKind, data DocumentData) (ofd, pdf []byte, err error)
}

// paper writes down a paper of the case as it stands after a move.
func (d *dossier) paper(kind DocumentKind, data DocumentData, t Transition, now time.Time) (*documentRow, error) {
	data.CaseNo, data.OrgID, data.OrgName, data.ItemName = d.CaseNo, d.OrgID, d.OrgName, d.ItemName
	data.ApplicantName, data.Article = d.ApplicantName, t.Article
	data.SubmittedAt, data.IssuedAt = d.SubmittedAt, now
	data.PromisedDue, data.StatutoryDue = d.PromisedDue, d.StatutoryDue
	data.LimitsText.Promised, data.LimitsText.Statutory = d.limitsText()
	data.Number = d.CaseNo + "-" + paperTitles[kind].letters + strconv.Itoa(d.Version)
	for _, m := range d.materials {
		if m.Status != MaterialMissing {
			data.Materials = append(data.Materials, m.Name)
		}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	return &documentRow{ID: postgres.NewID(), Kind: kind, Title: kind.Title(), Number: data.Number, Data: raw, IssuedAt: now}, nil
}

func (s *Service) queueDocument(b *pgx.Batch, d *record, p *documentRow) {
	b.Queue(`INSERT INTO intake.documents (case_no, id, kind, title, number, data, data_sealed, issued_at) VALUES ($1, $2, $3, $4, $5, '{}', $6, $7)`,
		d.CaseNo, p.ID, p.Kind, p.Title, p.Number, s.seal(d.OrgID, string(p.Data), paperContext(d.CaseNo, p.ID)), p.IssuedAt)
}
