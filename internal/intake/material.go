package intake

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// CheckMaterial records that one material was looked at (Art 34): ok, or wrong with what
// is wrong about it, from which the supplement notice is then drawn up.
func (s *Service) CheckMaterial(ctx context.Context, caseNo string, version int, code, result, note string) (*Case, error) {
	if result != "ok" && result != "wrong" {
		return nil, fault.New(fault.Invalid, "intake.check-result", "请选择材料核对结果：符合或不符合。")
	}
	if result == "wrong" {
		if err := needText(note, "note", "请写明这份材料哪里不符合要求，便于申请人补正。"); err != nil {
			return nil, err
		}
	}
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	// Before the material: whoever has no business with it learns nothing of it.
	if err := who.Require(TransitionOf(MoveCheckMaterial).Right, d.place()); err != nil {
		return nil, err
	}
	name := d.materialName(code)
	if name == "" || code == "form" {
		return nil, errUnknownMaterial
	}
	opinion := name + "：符合要求"
	if result == "wrong" {
		opinion = name + "：" + note
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveCheckMaterial, change{
		opinion: opinion,
		detail:  map[string]string{"material": code, "result": result, "note": note},
		more: func(b *pgx.Batch, d *dossier) {
			b.Queue(`UPDATE intake.materials SET result = $3, note = '', note_sealed = $4, checked_by = $5, checked_at = $6
				WHERE case_no = $1 AND code = $2`, d.CaseNo, code, result, s.seal(d.OrgID, note, noteContext(d.CaseNo, code)), d.LastBy, d.LastAt)
		},
	}))
}
