package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// sweepSize bounds one look; a sweep looks until nothing is left.
const sweepSize = 200

// system is the actor of what the law does by itself.
func system(ctx context.Context) context.Context {
	return actor.With(ctx, &actor.Actor{Kind: actor.System})
}

// AcceptSilent accepts what nobody answered within the five days: accepted from the day
// the material came in (Art 32(4)), so days of the decision's clock may be gone already.
// It returns how many cases it accepted.
func (s *Service) AcceptSilent(ctx context.Context) (int, error) {
	ctx = system(ctx)
	total := 0
	for {
		due, err := s.unanswered(ctx)
		if err != nil {
			return total, err
		}
		for _, c := range due {
			err := s.move(ctx, c.CaseNo, c.Version, MoveAcceptBySilence, change{
				opinion: TransitionOf(MoveAcceptBySilence).Told, paper: PaperAcceptance,
				facts: func(d *dossier, _ time.Time) { d.startClock(d.ReceivedAt) },
			})
			if fault.KindOf(err) == fault.Conflict {
				continue // an officer was faster, in the last moment
			}
			if err != nil {
				return total, fmt.Errorf("accept %s by silence: %w", c.CaseNo, err)
			}
			total++
		}
		if len(due) < sweepSize {
			return total, nil
		}
	}
}

type versioned struct {
	CaseNo  string
	Version int
}

// queue_at is the deadline of a case that awaits acceptance, so the sweep reads the head
// of the desk's index and never the table.
const unansweredSQL = `SELECT case_no, version FROM intake.cases
	WHERE open AND awaits = 'accept' AND queue_at < $1 AND step_due < $1
	ORDER BY queue_at, case_no LIMIT $2`

func (s *Service) unanswered(ctx context.Context) ([]versioned, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, unansweredSQL, s.now(), sweepSize)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("look for unanswered cases: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[versioned])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("look for unanswered cases: %w", err))
	}
	return found, nil
}

// Recompute sets the deadlines of open cases anew that were provisional, once the
// State Council has published the year. It returns how many changed.
func (s *Service) Recompute(ctx context.Context) (int, error) {
	changed, after := 0, ""
	for {
		rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+caseColumns+` FROM intake.cases
			WHERE open AND (promised_provisional OR statutory_provisional) AND case_no > $1 ORDER BY case_no LIMIT $2`, after, sweepSize)
		if err != nil {
			return changed, postgres.Fault(fmt.Errorf("look for provisional deadlines: %w", err))
		}
		found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[record])
		if err != nil {
			return changed, postgres.Fault(fmt.Errorf("look for provisional deadlines: %w", err))
		}
		for _, r := range found {
			after = r.CaseNo
			promised, statutory, guessed := *r.PromisedDue, *r.StatutoryDue, r.PromisedProvisional || r.StatutoryProvisional
			r.settle(s.Calendar)
			if promised.Equal(*r.PromisedDue) && statutory.Equal(*r.StatutoryDue) && guessed == (r.PromisedProvisional || r.StatutoryProvisional) {
				continue
			}
			// The version stays: nobody acted, and an officer's open page must not go stale.
			saved, err := saveCase(ctx, s.DB, r, r.Version)
			if err != nil {
				return changed, err
			}
			if saved {
				changed++
			}
		}
		if len(found) < sweepSize {
			return changed, nil
		}
	}
}
