package intake

import (
	"context"
	"time"
)

// Withdraw takes the application back; it is the applicant's until the decision.
func (s *Service) Withdraw(ctx context.Context, caseNo string, version int, reason string) (*Case, error) {
	if err := needText(reason, "reason", "请简单说明撤回的原因。"); err != nil {
		return nil, err
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveWithdraw, change{
		opinion: reason,
		facts: func(d *dossier, now time.Time) {
			d.end(now)
			d.closePause(now)
		},
	}))
}
