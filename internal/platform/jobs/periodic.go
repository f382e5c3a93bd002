package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"onedoor/internal/kernel/clock"
)

// Periodic inserts args by the schedule while any process works, once for all of
// them, and once at the start. When the last one is still waiting or at work no
// second one is inserted. id names the entry, "intake.deadlines". Before Start.
func (j *Jobs) Periodic(id string, schedule river.PeriodicSchedule, args river.JobArgs) {
	unfinished := []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
	j.periodic = append(j.periodic, river.NewPeriodicJob(schedule,
		func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
		},
		&river.PeriodicJobOpts{ID: id, RunOnStart: true}))
}

// Every is a schedule with a fixed distance.
func Every(d time.Duration) river.PeriodicSchedule { return river.PeriodicInterval(d) }

// Daily is a schedule by the clock on the wall in Shanghai.
func Daily(hour, minute int) river.PeriodicSchedule { return daily{hour, minute} }

type daily struct{ hour, minute int }

// Next is the first such instant after t.
func (d daily) Next(t time.Time) time.Time {
	t = t.In(clock.Shanghai)
	next := time.Date(t.Year(), t.Month(), t.Day(), d.hour, d.minute, 0, 0, clock.Shanghai)
	if !next.After(t) {
		next = time.Date(t.Year(), t.Month(), t.Day()+1, d.hour, d.minute, 0, 0, clock.Shanghai)
	}
	return next
}
