package intake

import (
	"context"

	"onedoor/internal/kernel/fault"
)

// Review puts the case before whoever decides, with an opinion and a proposal (Art 34).
func (s *Service) Review(ctx context.Context, caseNo string, version int, opinion string, recommend Move) (*Case, error) {
	if recommend != MoveGrant && recommend != MoveRefuse {
		return nil, fault.New(fault.Invalid, "intake.recommendation", "请选择审查建议：建议准予或建议不予许可。")
	}
	if err := needText(opinion, "opinion", "请填写审查意见。"); err != nil {
		return nil, err
	}
	proposal := "建议准予许可。"
	if recommend == MoveRefuse {
		proposal = "建议不予许可。"
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveReview, change{
		opinion: proposal + opinion,
		detail:  map[string]Move{"recommend": recommend},
	}))
}
