package events

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"onedoor/internal/platform/jobs"
)

// redelivery is the job that gives one event to one subscriber that failed at it.
type redelivery struct {
	Subscriber string `json:"subscriber"`
	Event      Event  `json:"event"`
}

// Kind names the job in the database; never change it.
func (redelivery) Kind() string { return "event_redelivery" }

type redeliveryWorker struct {
	river.WorkerDefaults[redelivery]
	bus *Bus
}

// Work runs the handler and ends the job in one transaction: the subscriber's
// writes happen once, however often the job has to be tried.
func (w *redeliveryWorker) Work(ctx context.Context, job *river.Job[redelivery]) error {
	s, ok := w.bus.subscription(job.Args.Subscriber)
	if !ok {
		return river.JobCancel(fmt.Errorf("there is no subscriber %s any more", job.Args.Subscriber))
	}
	return w.bus.db.InTx(ctx, func(ctx context.Context) error {
		if err := s.call(ctx, job.Args.Event); err != nil {
			return fmt.Errorf("subscriber %s on %s: %w", s.subscriber, job.Args.Event.Name, err)
		}
		return jobs.Complete(ctx, job)
	})
}
