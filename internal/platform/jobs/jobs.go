// Package jobs runs work that must be retried, scheduled or done at length, on
// River over our own PostgreSQL.
//
// The rule: a job is a row. It is inserted in the transaction of the change that
// wants it, so there is never a job without its change nor a change without its
// job. It is worked at least once; a worker that must not act twice completes the
// job in its own transaction (Complete) or is idempotent by a key of its own.
//
// Hot transactions publish an event instead (package events): a River insert in
// each of them halves the write rate.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/postgres"
)

// schema holds River's tables.
const schema = "river"

// workers bounds the jobs at work in one process; each may hold a connection.
const workers = 8

// Jobs inserts jobs and, between Start and Stop, works them.
type Jobs struct {
	db       *postgres.DB
	log      *slog.Logger
	id       string // of this process, as River writes it on the jobs that it takes
	workers  *river.Workers
	kinds    map[string]bool
	periodic []*river.PeriodicJob
	inserter *river.Client[pgx.Tx]
	worker   *river.Client[pgx.Tx]

	presence presence
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// New makes an inserter; Start makes it a worker too. River schedules by the
// machine's time, so the clock is taken only to be made like every other service.
func New(db *postgres.DB, log *slog.Logger, _ clock.Clock) *Jobs {
	log = log.With("part", "jobs")
	inserter, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Schema: schema, Logger: log})
	if err != nil {
		panic("jobs: " + err.Error()) // the configuration above is wrong, whatever the input
	}
	return &Jobs{
		db: db, log: log, id: "onedoor-" + postgres.NewID(), inserter: inserter,
		workers: river.NewWorkers(), kinds: map[string]bool{},
		presence: presence{every: 3 * time.Second},
	}
}

// Add registers the worker of a kind of job, before Start. River wants kinds of
// at least two characters.
func Add[T river.JobArgs](j *Jobs, w river.Worker[T]) {
	river.AddWorker(j.workers, w)
	var args T
	j.kinds[args.Kind()] = true
}

// Insert puts a job into the queue, in the transaction of ctx when there is one.
// opts may be nil. A job whose uniqueness (opts.UniqueOpts) is taken is dropped
// silently: the one that exists will do.
func (j *Jobs) Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	if !j.kinds[args.Kind()] {
		return fmt.Errorf("insert job: no worker of kind %q was added", args.Kind())
	}
	var err error
	if tx, ok := postgres.Tx(ctx); ok {
		_, err = j.inserter.InsertTx(ctx, tx, args, opts)
	} else {
		_, err = j.inserter.Insert(ctx, args, opts)
	}
	if err != nil {
		return postgres.Fault(fmt.Errorf("insert job %s: %w", args.Kind(), err))
	}
	return nil
}

// Complete marks the job done in the transaction of ctx, so that its effect and
// its end are one: not even a crash can make it happen twice.
func Complete[T river.JobArgs](ctx context.Context, job *river.Job[T]) error {
	tx, ok := postgres.Tx(ctx)
	if !ok {
		return errors.New("complete job: outside a transaction")
	}
	if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job); err != nil {
		return fmt.Errorf("complete job %d: %w", job.ID, err)
	}
	return nil
}

// Start begins to work. It ends with Stop, or with ctx.
func (j *Jobs) Start(ctx context.Context) error {
	worker, err := river.NewClient(riverpgxv5.New(j.db.Pool), &river.Config{
		Schema: schema, Logger: j.log, ID: j.id,
		Workers: j.workers, PeriodicJobs: j.periodic,
		Queues:          map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		FetchCooldown:   20 * time.Millisecond,
		SoftStopTimeout: 10 * time.Second,
	})
	if err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	// Present before the first job is taken and until the last one is put down, or
	// another process could think us dead.
	present, stop := context.WithCancel(context.WithoutCancel(ctx))
	j.stop = stop
	if err := j.presence.begin(present, j); err != nil {
		j.stop()
		return postgres.Fault(fmt.Errorf("start jobs: %w", err))
	}
	if err := worker.Start(ctx); err != nil {
		j.stop()
		return postgres.Fault(fmt.Errorf("start jobs: %w", err))
	}
	j.worker = worker
	return nil
}

// Stop takes no more jobs, lets the running ones finish for 10 s and then
// cancels them; what did not finish is worked again.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.worker == nil {
		return nil
	}
	err := j.worker.Stop(ctx)
	j.stop()
	j.running.Wait()
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Migrations is River's own schema, as a set for postgres.Migrate and pgtest.
func Migrations() postgres.MigrationSet {
	return postgres.MigrationSet{Module: schema, Run: func(ctx context.Context, db *postgres.DB) error {
		m, err := rivermigrate.New(riverpgxv5.New(db.Pool), &rivermigrate.Config{
			Schema: schema, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			return err
		}
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}}
}

// Migrate brings River's schema up.
func (j *Jobs) Migrate(ctx context.Context) error {
	return postgres.Migrate(ctx, j.db, Migrations())
}
