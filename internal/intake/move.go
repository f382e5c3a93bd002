package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// Current is what the loser of a race learns.
type Current struct {
	State     State     `json:"state"`
	StateText string    `json:"state_text"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Version   int       `json:"version"`
}

func (r *record) stale(reader *actor.Actor) error {
	applicant := reader.ApplicantID != ""
	return fault.New(fault.Conflict, "intake.stale-version",
		"这个办件刚刚由"+r.LastBy+"处理过，当前状态是“"+stateText(r.State, r.Result, applicant)+"”，您的操作没有生效，请刷新后再决定。").
		WithCurrent(Current{r.State, stateText(r.State, r.Result, applicant), r.LastBy, r.LastAt, r.Version})
}

// change is what one use case does beside moving the state. It may set facts on the
// case and say what goes into the timeline; it does no I/O.
type change struct {
	opinion string
	// allowed says what else must be true of the case, once right, version and state are.
	allowed func(d *dossier) error
	detail  any
	paper   DocumentKind // "" when the move leaves no paper
	data    DocumentData // what the paper says beyond the case itself
	facts   func(d *dossier, now time.Time)
	// more adds the use case's own statements to the batch.
	more func(b *pgx.Batch, d *dossier)
	// jobs are inserted in the same transaction.
	jobs func(ctx context.Context) error
}

// move takes a case through one line of the table: right, version, state, facts,
// deadlines; then the row (if nobody was faster), the timeline, the paper, the evidence
// and the event in one transaction.
func (s *Service) move(ctx context.Context, caseNo string, version int, m Move, c change) error {
	who := actor.From(ctx)
	t := TransitionOf(m)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return err
	}
	switch t.Who {
	case ByApplicant:
		if who.ApplicantID != d.ApplicantID {
			return errApplicantOnly
		}
	case ByStaff:
		if err := who.Require(t.Right, d.place()); err != nil {
			return err
		}
	case BySystem:
		if who.Kind != actor.System {
			return fmt.Errorf("move %s by %s", m, who.Kind)
		}
	}
	if version != d.Version {
		return d.stale(who)
	}
	if f := t.check(d.State); f != nil {
		return f.WithCurrent(Current{d.State, stateText(d.State, d.Result, t.Who == ByApplicant), d.LastBy, d.LastAt, d.Version})
	}
	if c.allowed != nil {
		if err := c.allowed(d); err != nil {
			return err
		}
	}
	return s.apply(ctx, who, d, t, c)
}

var errApplicantOnly = fault.New(fault.Forbidden, "intake.applicant-only", "这项操作只能由申请人本人或其代理人办理。")

// apply writes a move whose right and state have been checked.
func (s *Service) apply(ctx context.Context, who *actor.Actor, d *dossier, t Transition, c change) error {
	now := s.now()
	read, from := d.Version, d.State
	d.State = t.Next(from)
	d.Version++
	d.LastBy, d.LastAt = byline(who, d.OrgName), now
	if c.facts != nil {
		c.facts(d, now)
	}
	d.settle(s.Calendar)

	ev := eventRow{
		Seq: d.Version, At: now, Move: t.Move, FromState: from, ToState: d.State,
		ActorKind: string(who.Kind), ActorID: actorID(who), ActorName: d.LastBy, PostName: who.PostName,
		Opinion: c.opinion,
	}
	if c.detail != nil {
		raw, err := json.Marshal(c.detail)
		if err != nil {
			return fmt.Errorf("timeline detail: %w", err)
		}
		ev.Detail = raw
	}
	b := &pgx.Batch{}
	var paperID string
	if c.paper != "" {
		doc, err := d.paper(c.paper, c.data, t, now)
		if err != nil {
			return err
		}
		paperID = doc.ID
		ev.DocumentID = &paperID
		s.queueDocument(b, &d.record, doc)
	}
	s.queueEvent(b, &d.record, &ev)
	if c.more != nil {
		c.more(b, d)
	}
	s.Audit.Queue(ctx, b, audit.Entry{
		Action: "intake." + string(t.Move), ObjectKind: "case", ObjectID: d.CaseNo, OrgPath: d.OrgPath, Region: d.Region, OnBehalf: d.ApplicantID, Ground: "行政许可法" + t.Article,
		Before: stateJSON(from, read), After: stateJSON(d.State, d.Version),
	})
	s.Bus.Queue(b, d.moved(t.Move))
	return s.commit(ctx, who, d, read, b, func(ctx context.Context) error {
		if paperID != "" {
			if err := s.Jobs.Insert(ctx, paperArgs{CaseNo: d.CaseNo, DocumentID: paperID}, nil); err != nil {
				return fmt.Errorf("job for the paper: %w", err)
			}
		}
		if c.jobs != nil {
			return c.jobs(ctx)
		}
		return nil
	})
}

// commit writes the row first: its version decides who wins, and the loser's other
// statements are never sent.
func (s *Service) commit(ctx context.Context, who *actor.Actor, d *dossier, read int, b *pgx.Batch, more func(context.Context) error) error {
	lost := false
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		saved, err := saveCase(ctx, s.DB, &d.record, read)
		if err != nil {
			return err
		}
		if !saved {
			lost = true
			return nil
		}
		if err := s.DB.Send(ctx, b); err != nil {
			return err
		}
		postgres.AfterCommit(ctx, s.Bus.Wake)
		return more(ctx)
	})
	if err != nil {
		return err
	}
	if lost {
		now, err := loadCase(ctx, s.DB, d.CaseNo)
		if err != nil {
			return err
		}
		return now.stale(who)
	}
	return nil
}

// byline is the name that the timeline shows: an officer's own, the agency's for what
// the system did in its place.
func byline(who *actor.Actor, orgName string) string {
	switch {
	case who.Kind == actor.System:
		return orgName + "（系统）"
	case who.Name == "":
		return "申请人"
	}
	return who.Name
}

func actorID(who *actor.Actor) string {
	if who.StaffID != "" {
		return who.StaffID
	}
	return who.AccountID
}

func stateJSON(s State, version int) []byte {
	return []byte(`{"state":"` + string(s) + `","version":` + strconv.Itoa(version) + `}`)
}
