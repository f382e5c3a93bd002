package intake

import (
	"context"
	"fmt"
	"time"
)

// Decision is what the approver decides: granted, or refused with reasons (Art 38).
type Decision struct {
	Grant   bool
	Opinion string
	Reason  string
}

// Decide ends the examination. The paper, and the job that makes the licence and closes
// the case, are in the same transaction: a decision can't be without its consequences.
func (s *Service) Decide(ctx context.Context, caseNo string, version int, dec Decision) (*Case, error) {
	m, paper, result, opinion := MoveGrant, PaperGrant, ResultGranted, dec.Opinion
	if opinion == "" && dec.Grant {
		opinion = "符合法定条件、标准，准予许可。"
	}
	if !dec.Grant {
		if err := needText(dec.Reason, "reason", "作出不予许可决定必须说明理由（行政许可法第三十八条）。"); err != nil {
			return nil, err
		}
		m, paper, result = MoveRefuse, PaperRefuse, ResultRefused
		opinion = dec.Reason
	}
	if err := needText(opinion, "opinion", "请填写决定意见。"); err != nil {
		return nil, err
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, m, change{
		opinion: opinion, paper: paper,
		data: DocumentData{Opinion: opinion, Reason: dec.Reason},
		facts: func(d *dossier, now time.Time) {
			d.Result = result
			d.DecidedAt = &now
			d.end(now)
		},
		jobs: func(ctx context.Context) error {
			if err := s.Jobs.Insert(ctx, resultArgs{CaseNo: caseNo}, nil); err != nil {
				return fmt.Errorf("job for the result: %w", err)
			}
			return nil
		},
	}))
}
