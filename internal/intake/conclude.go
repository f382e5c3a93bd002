package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
)

// Conclude brings a decided case to its end: the licence is issued (Art 39), the result
// delivered into the holder's space (Art 44), the case closed. It may be run again at any
// point: the licence is idempotent by case number, and a closed case is left alone.
func (s *Service) Conclude(ctx context.Context, caseNo string) error {
	ctx = system(ctx)
	who := actor.From(ctx)
	d, err := s.loadDossier(ctx, caseNo)
	if err != nil {
		return err
	}
	steps := []Move{MoveDeliver, MoveClose}
	var licence *IssuedLicence
	switch d.State {
	case Closed:
		return nil
	case Granted:
		if licence, err = s.issue(ctx, d); err != nil {
			return err
		}
		if licence != nil {
			steps = []Move{MoveMake, MoveDeliver, MoveClose}
		}
	case Refused:
	default:
		return fmt.Errorf("conclude %s: it is %s, not decided", caseNo, d.State)
	}
	err = s.applyAll(ctx, who, d, steps, func(d *dossier) {
		if licence != nil {
			d.LicenceID, d.LicenceName, d.LicenceNo = licence.ID, licence.Name, licence.Number
		}
	})
	if fault.KindOf(err) == fault.Conflict {
		return nil // the same job, run twice at once: the other one has closed the case
	}
	return err
}

// applyAll takes several system moves in one transaction: the applicant never sees a case
// stand half way between them.
func (s *Service) applyAll(ctx context.Context, who *actor.Actor, d *dossier, steps []Move, facts func(*dossier)) error {
	read, now := d.Version, s.now()
	// LastBy stays: who loses a race wants to hear of the person who was faster, and not
	// of what the system did after.
	facts(d)
	b := &pgx.Batch{}
	for _, m := range steps {
		t := TransitionOf(m)
		if f := t.check(d.State); f != nil {
			return fmt.Errorf("%s of %s: %w", m, d.CaseNo, f)
		}
		from := d.State
		d.State = t.Next(from)
		d.Version++
		s.queueEvent(b, &d.record, &eventRow{
			Seq: d.Version, At: now, Move: m, FromState: from, ToState: d.State,
			ActorKind: string(who.Kind), ActorName: byline(who, d.OrgName),
		})
		s.Audit.Queue(ctx, b, audit.Entry{
			Action: "intake." + string(m), ObjectKind: "case", ObjectID: d.CaseNo, OrgPath: d.OrgPath, Region: d.Region, OnBehalf: d.ApplicantID, Ground: "行政许可法" + t.Article,
			Before: stateJSON(from, d.Version-1), After: stateJSON(d.State, d.Version),
		})
		s.Bus.Queue(b, d.moved(m))
	}
	d.settle(s.Calendar)
	return s.commit(ctx, who, d, read, b, func(context.Context) error { return nil })
}

// issue asks for the licence; nil when the decision paper is the result itself.
func (s *Service) issue(ctx context.Context, d *dossier) (*IssuedLicence, error) {
	if d.LicenceType == "" {
		return nil, nil
	}
	item, err := s.Items.Item(ctx, d.ItemID)
	if err != nil {
		return nil, fmt.Errorf("item of the licence: %w", err)
	}
	holder, err := s.Applicants.Applicant(ctx, d.ApplicantID)
	if err != nil {
		return nil, fmt.Errorf("holder of the licence: %w", err)
	}
	plain, err := s.Keys.Open(d.Form, formContext(d.CaseNo))
	if err != nil {
		return nil, fmt.Errorf("decrypt form: %w", err)
	}
	req := LicenceRequest{
		Type: d.LicenceType, ItemID: d.ItemID, CaseNo: d.CaseNo, OrgID: d.OrgID, Region: d.Region,
		HolderName: holder.Name, HolderCode: holder.IDNumber, HolderCodeType: holder.IDType, HolderApplicantID: d.ApplicantID,
		ValidFrom: day(instant(d.DecidedAt)),
	}
	// Mapped by the item as it is published now: an item that lost its licence meanwhile
	// can't take away what was applied for.
	if item.Licence != nil {
		paths := make([]string, len(item.Licence.Fields))
		for i, f := range item.Licence.Fields {
			paths[i] = f.From
		}
		values, err := s.Forms.Words(ctx, d.FormID, d.FormVersion, plain, paths)
		if err != nil {
			return nil, fmt.Errorf("what the licence says: %w", err)
		}
		for i, f := range item.Licence.Fields {
			req.Fields = append(req.Fields, LicenceField{f.Title, values[i]})
		}
		if y := item.Licence.ValidYears; y > 0 {
			req.ValidTo = req.ValidFrom.AddDate(y, 0, -1)
		}
	}
	l, err := s.Licences.Issue(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("issue licence: %w", err)
	}
	return &l, nil
}

// day is midnight in Shanghai.
func day(t time.Time) time.Time {
	y, m, d := t.In(clock.Shanghai).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Shanghai)
}
