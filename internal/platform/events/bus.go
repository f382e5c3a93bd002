// Package events carries "this has happened" from a module to those above it.
//
// The rule: an event is a row in the transaction of the change that it tells of,
// so it exists exactly when the change does. A drainer hands rows to subscribers
// soon after commit, in batches; each subscriber gets each event at least once,
// its own failures disturb nobody, and what failed is delivered again by a job.
// Order is that of publication within one process and is promised to nobody:
// a subscriber that needs the state reads it.
//
// An event never asks for something: for that there are calls downwards, and jobs.
package events

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "events".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Handler reacts to one event, in a transaction that travels in ctx. What it
// writes there commits together with the event's removal; what it does elsewhere
// must be idempotent by the event's ID.
type Handler func(ctx context.Context, e Event) error

type subscription struct {
	subscriber string
	names      map[string]bool // nil: every event
	handle     Handler
}

// Bus publishes events and, between Start and Stop, delivers them.
type Bus struct {
	db    *postgres.DB
	log   *slog.Logger
	clock clock.Clock
	jobs  *jobs.Jobs
	live  *Hub

	subscriptions []subscription
	wake          chan struct{}

	draining sync.Mutex // guards what follows: one batch at a time in a process
	suspects suspects
	careful  bool // the last batch's transaction was lost: one savepoint per delivery

	batchTimeout, handlerTimeout time.Duration

	stop    context.CancelFunc
	running sync.WaitGroup
}

// NewBus makes a bus that can publish; RetryWith, Subscribe and Start make it deliver.
func NewBus(db *postgres.DB, log *slog.Logger, clk clock.Clock) *Bus {
	log = log.With("part", "events")
	return &Bus{
		db: db, log: log, clock: clk, live: newHub(db, log),
		wake: make(chan struct{}, 1), suspects: suspects{},
		batchTimeout: defaultBatchTimeout, handlerTimeout: defaultHandlerTimeout,
	}
}

// Live is the hub for what open pages want to know at once.
func (b *Bus) Live() *Hub { return b.live }

// Subscribe registers a handler for the named events, or for all when no name is
// given. subscriber is a stable name ("notify", "insight.daily"): jobs that
// deliver again carry it. Before Start; a name taken twice is a programming error.
func (b *Bus) Subscribe(subscriber string, handler func(context.Context, Event) error, names ...string) {
	for _, s := range b.subscriptions {
		if s.subscriber == subscriber {
			panic("events: subscriber " + subscriber + " is registered twice")
		}
	}
	s := subscription{subscriber: subscriber, handle: handler}
	if len(names) > 0 {
		s.names = map[string]bool{}
		for _, n := range names {
			s.names[n] = true
		}
	}
	b.subscriptions = append(b.subscriptions, s)
}

func (b *Bus) subscription(subscriber string) (subscription, bool) {
	for _, s := range b.subscriptions {
		if s.subscriber == subscriber {
			return s, true
		}
	}
	return subscription{}, false
}

func (s subscription) wants(e Event) bool { return s.names == nil || s.names[e.Name] }

const insertEvent = `INSERT INTO events.outbox (id, name, key, payload, at) VALUES ($1, $2, $3, $4, $5)`

// Publish writes events in the transaction of ctx, or each call in one of its own.
func (b *Bus) Publish(ctx context.Context, events ...Event) error {
	var batch pgx.Batch
	b.Queue(&batch, events...)
	if err := b.db.Send(ctx, &batch); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	postgres.AfterCommit(ctx, b.Wake)
	return nil
}

// Queue adds the events to the batch of a hot use case, which calls Wake once the
// batch has been sent.
func (b *Bus) Queue(batch *pgx.Batch, events ...Event) {
	for _, e := range events {
		batch.Queue(insertEvent, e.ID, e.Name, e.Key, e.Payload, e.At)
	}
}

// Wake tells this process's drainer that there is something. It never blocks and
// costs nothing; without it the event waits for the next look, a second at most.
func (b *Bus) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// RetryWith names the queue that delivers again what a subscriber failed at, and
// adds the worker to it. Before Start of both.
func (b *Bus) RetryWith(j *jobs.Jobs) {
	b.jobs = j
	jobs.Add(j, &redeliveryWorker{bus: b})
}

// Start begins to deliver. It ends with Stop, or with ctx.
func (b *Bus) Start(ctx context.Context) error {
	if b.jobs == nil {
		return errors.New("start events: RetryWith was not called, so failures could not be delivered again")
	}
	ctx, b.stop = context.WithCancel(ctx)
	b.running.Go(func() { b.drainLoop(ctx) })
	b.running.Go(func() { b.live.run(ctx) })
	return nil
}

// Stop lets the batch at hand finish or roll back; undelivered events wait in
// their table for the next start.
func (b *Bus) Stop() {
	if b.stop != nil {
		b.stop()
		b.running.Wait()
	}
}

// look is how often the drainer looks without having been woken: for events of
// processes that publish and do not drain, or that died in between.
const look = time.Second
