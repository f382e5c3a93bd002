package intake

import (
	"context"
	"time"

	"onedoor/internal/kernel/fault"
)

// Accept takes the application in (受理): from now the decision's clock runs, and the
// applicant gets a sealed, dated receipt (Art 32 last ¶). Every paper handed in must have
// been looked at and found in order: that is what "材料齐全、符合法定形式" says.
func (s *Service) Accept(ctx context.Context, caseNo string, version int, opinion string) (*Case, error) {
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveAccept, change{
		opinion: opinion, paper: PaperAcceptance, data: DocumentData{Opinion: opinion},
		allowed: (*dossier).inOrder,
		facts:   func(d *dossier, now time.Time) { d.startClock(now) },
	}))
}

// inOrder tells whether every material handed in has been checked and fits.
func (d *dossier) inOrder() error {
	for _, m := range d.materials {
		switch {
		case m.Status != MaterialSubmitted:
		case m.Result == "":
			return fault.New(fault.Conflict, "intake.material-unchecked", "“"+m.Name+"”还没有核对，请逐份核对材料后再受理。")
		case m.Result != "ok":
			return fault.New(fault.Conflict, "intake.material-wrong",
				"“"+m.Name+"”核对为不符合，请一次告知申请人补正；补正后仍不符合的，不予受理。")
		}
	}
	return nil
}

// startClock begins the decision's clock; the five days of acceptance are over.
func (d *dossier) startClock(at time.Time) {
	d.AcceptedAt = &at
	d.StepDue = nil
}

// Decline refuses to take the application in (不予受理), with the ground and where it may
// be brought instead (Art 32(1)(2)); also when a supplement never came or did not help.
func (s *Service) Decline(ctx context.Context, caseNo string, version int, ground string) (*Case, error) {
	if err := needText(ground, "ground", "请写明不予受理的理由和依据，告知申请人应当向哪个机关申请。"); err != nil {
		return nil, err
	}
	return s.moved(ctx, caseNo, s.move(ctx, caseNo, version, MoveDecline, change{
		opinion: ground, paper: PaperNotAccepted, data: DocumentData{Ground: ground},
		facts: func(d *dossier, now time.Time) { d.end(now) },
	}))
}

func (d *dossier) end(at time.Time) {
	d.EndedAt = &at
	d.StepDue = nil
}

// moved shows the case after a move of this actor: what he sees is what was committed.
func (s *Service) moved(ctx context.Context, caseNo string, err error) (*Case, error) {
	if err != nil {
		return nil, err
	}
	return s.Case(ctx, caseNo)
}

// needText refuses an act without its reason.
func needText(text, field, message string) error {
	if n := len([]rune(text)); n >= 2 && n <= maxText {
		return nil
	} else if n > maxText {
		message = "文字太长，请控制在2000字以内。"
	}
	return fault.New(fault.Invalid, "intake.reason-missing", message).WithFields(fault.Field{Path: "/" + field, Message: message})
}

// maxText bounds an opinion, in characters.
const maxText = 2000
