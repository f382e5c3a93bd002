package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"onedoor/internal/platform/jobs"
)

// paperArgs: make the files of a paper.
type paperArgs struct {
	CaseNo     string `json:"case_no"`
	DocumentID string `json:"document_id"`
}

func (paperArgs) Kind() string { return "intake_paper" }

// resultArgs: make the result of a decided case, deliver it, close the case.
type resultArgs struct {
	CaseNo string `json:"case_no"`
}

func (resultArgs) Kind() string { return "intake_result" }

// silenceArgs: accept what nobody answered within five days.
type silenceArgs struct{}

func (silenceArgs) Kind() string { return "intake_silence" }

// dailyArgs: provisional deadlines, abandoned drafts.
type dailyArgs struct{}

func (dailyArgs) Kind() string { return "intake_daily" }

// worker turns a function into a River worker.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	work func(ctx context.Context, args T) error
}

// Work does one job; an error has River try again later.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if err := w.work(ctx, job.Args); err != nil {
		return fmt.Errorf("%s: %w", job.Kind, err)
	}
	return nil
}

func (s *Service) registerJobs() {
	jobs.Add(s.Jobs, &worker[paperArgs]{work: func(ctx context.Context, a paperArgs) error {
		_, err := s.makePaper(ctx, a.CaseNo, a.DocumentID)
		return err
	}})
	jobs.Add(s.Jobs, &worker[resultArgs]{work: func(ctx context.Context, a resultArgs) error {
		return s.Conclude(ctx, a.CaseNo)
	}})
	jobs.Add(s.Jobs, &worker[silenceArgs]{work: func(ctx context.Context, _ silenceArgs) error {
		n, err := s.AcceptSilent(ctx)
		if n > 0 {
			s.Log.WarnContext(ctx, "accepted by silence: nobody answered within five working days", "cases", n)
		}
		return err
	}})
	jobs.Add(s.Jobs, &worker[dailyArgs]{work: func(ctx context.Context, _ dailyArgs) error {
		if _, err := s.Recompute(ctx); err != nil {
			return err
		}
		if err := s.sweepViews(ctx); err != nil {
			return err
		}
		_, err := s.DropAbandoned(ctx)
		return err
	}})
	s.Jobs.Periodic("intake.silence", jobs.Every(time.Minute), silenceArgs{})
	s.Jobs.Periodic("intake.daily", jobs.Daily(3, 20), dailyArgs{})
}
