package intake

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// RequestSupplement tells the applicant everything that is missing, once (Art 32(4)). The
// five days stop until the reply.
func (s *Service) RequestSupplement(ctx context.Context, caseNo string, version int, items []SupplementItem, note string) (*Case, error) {
	if len(items) == 0 || len(items) > 100 {
		return nil, fault.New(fault.Invalid, "intake.supplement-empty", "请一次列出需要补正的全部内容，至少一项。")
	}
	for i, it := range items {
		if err := needText(it.What, "items/"+strconv.Itoa(i)+"/what", "请写明这一项需要补正什么。"); err != nil {
			return nil, err
		}
	}
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i].Name = d.materialName(items[i].Material)
		if items[i].Name == "" {
			return nil, errUnknownMaterial
		}
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveRequestSupplement, change{
		opinion: note,
		detail:  Supplement{Items: items, Note: note, At: s.now()},
		paper:   PaperSupplement, data: DocumentData{Items: items, Opinion: note},
		facts: func(d *dossier, now time.Time) { d.SupplementAt = &now },
	}))
}

// materialName is the name of a material of the case; "form" stands for what was filled in.
func (d *dossier) materialName(code string) string {
	if code == "form" {
		return "申请表"
	}
	for _, m := range d.materials {
		if m.Code == code {
			return m.Name
		}
	}
	return ""
}

// Supplement is the applicant's reply: the files go to the case, the five days run on.
func (s *Service) Supplement(ctx context.Context, caseNo string, version int, note string, refs []FileRef) (*Case, error) {
	who := actor.From(ctx)
	if len([]rune(note)) > maxText {
		return nil, needText(note, "note", "")
	}
	files, err := s.uploadsOf(ctx, who, refs)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 && note == "" {
		return nil, fault.New(fault.Invalid, "intake.supplement-empty", "请上传补正的材料，或者写明补正情况。")
	}
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	if len(d.files)+len(files) > MaxFiles {
		return nil, errTooManyFiles
	}
	given := make([]string, 0, len(files))
	for _, f := range files {
		if f.Material != "form" && d.materialName(f.Material) == "" {
			return nil, errUnknownMaterial
		}
		given = append(given, f.Material)
	}
	err = s.move(ctx, caseNo, version, MoveSupplement, change{
		opinion: note,
		facts: func(d *dossier, now time.Time) {
			d.ReceivedAt = now
			due := ResumedAcceptanceDue(s.Calendar, instant(d.StepDue), instant(d.SupplementAt), now)
			d.StepDue = &due
		},
		more: func(b *pgx.Batch, d *dossier) {
			queueFiles(b, d.CaseNo, who.AccountID, files, 1)
			// What was replaced must be looked at again.
			b.Queue(`UPDATE intake.materials SET status = $3, result = '', checked_by = '', checked_at = NULL
				WHERE case_no = $1 AND code = ANY($2)`, d.CaseNo, given, MaterialSubmitted)
		},
	})
	if isNull(err) {
		err = errFilesMoved.Because(err)
	}
	return s.moved(ctx, caseNo, err)
}
