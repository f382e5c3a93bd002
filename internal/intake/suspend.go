package intake

import (
	"context"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// specialProcedures are the eight of Art 45; no other reason stops the clock.
var specialProcedures = map[string]string{
	"hearing": "听证", "tender": "招标", "auction": "拍卖", "inspection": "检验",
	"testing": "检测", "quarantine": "检疫", "appraisal": "鉴定", "expert": "专家评审",
}

// Suspend begins a special procedure (Art 45): the clock stops, and the applicant is told
// in writing how long it will take.
func (s *Service) Suspend(ctx context.Context, caseNo string, version int, sp Suspension) (*Case, error) {
	name, ok := specialProcedures[sp.Kind]
	if !ok {
		return nil, fault.New(fault.Invalid, "intake.special-kind",
			"只有听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审可以暂停计算期限（行政许可法第四十五条），请选择其中一种。")
	}
	if err := needText(sp.Ground, "ground", "请写明启动特别程序的理由和依据。"); err != nil {
		return nil, err
	}
	if err := needText(sp.Needed, "needed", "请写明所需时间，依法要书面告知申请人。"); err != nil {
		return nil, err
	}
	sp.Since = s.now()
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveSuspend, change{
		opinion: name + "：" + sp.Ground,
		detail:  sp,
		paper:   PaperSpecial, data: DocumentData{Procedure: name, Ground: sp.Ground, Needed: sp.Needed},
		facts: func(d *dossier, now time.Time) {
			d.SuspendedFrom = d.stateBefore()
			d.Paused = append(d.Paused, Span{From: now})
		},
	}))
}

// stateBefore is where a suspended case goes back to: whatever was reached last.
func (d *dossier) stateBefore() State {
	return d.events[len(d.events)-1].ToState
}

// Resume ends the special procedure; as many days are left as were before.
func (s *Service) Resume(ctx context.Context, caseNo string, version int, opinion string) (*Case, error) {
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveResume, change{
		opinion: opinion,
		facts: func(d *dossier, now time.Time) {
			if d.SuspendedFrom != "" {
				d.State = d.SuspendedFrom
			}
			d.SuspendedFrom = ""
			d.closePause(now)
		},
	}))
}

func (d *dossier) closePause(now time.Time) {
	for i := range d.Paused {
		if d.Paused[i].To.IsZero() {
			d.Paused[i].To = now
		}
	}
}

// Extend prolongs the statutory period by ten working days, once, with the reason told to
// the applicant (Art 42 ¶1). The right belongs to the agency's head.
func (s *Service) Extend(ctx context.Context, caseNo string, version int, reason string) (*Case, error) {
	if err := needText(reason, "reason", "延长办理期限必须把理由告知申请人（行政许可法第四十二条），请写明。"); err != nil {
		return nil, err
	}
	d, err := s.load(ctx, actor.From(ctx), caseNo)
	if err != nil {
		return nil, err
	}
	if d.Extended && d.Version == version {
		return nil, fault.New(fault.Conflict, "intake.extended-once", "办理期限只能延长一次，这个办件已经延长过。")
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveExtend, change{
		opinion: reason, paper: PaperExtend, data: DocumentData{Reason: reason},
		facts: func(d *dossier, _ time.Time) { d.Extended = true },
	}))
}
