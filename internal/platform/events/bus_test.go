package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, clock.Shanghai)

var migrations = []postgres.MigrationSet{{Module: "events", FS: events.Migrations}, jobs.Migrations()}

type bundle struct {
	db   *postgres.DB
	bus  *events.Bus
	jobs *jobs.Jobs
}

func database(t *testing.T) *postgres.DB {
	t.Helper()
	return pgtest.New(t, migrations...)
}

// onBus is one process's bus over the database.
func onBus(db *postgres.DB) bundle {
	log := slog.New(slog.DiscardHandler)
	clk := clock.NewFake(noon)
	b := bundle{db: db, bus: events.NewBus(db, log, clk), jobs: jobs.New(db, log, clk)}
	b.bus.RetryWith(b.jobs)
	return b
}

func setup(t *testing.T) bundle {
	t.Helper()
	return onBus(database(t))
}

// start begins delivery and redelivery, and ends both before the database goes.
func (b bundle) start(t *testing.T) {
	t.Helper()
	if err := b.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.bus.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.bus.Stop()
		if err := b.jobs.Stop(context.Background()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func event(name, key string) events.Event {
	return events.New(name, key, map[string]string{"of": key}, noon)
}

func (b bundle) publish(t *testing.T, evs ...events.Event) {
	t.Helper()
	if err := b.bus.Publish(t.Context(), evs...); err != nil {
		t.Fatal(err)
	}
}

func (b bundle) drain(t *testing.T, want int) {
	t.Helper()
	if n, err := b.bus.Drain(t.Context()); err != nil || n != want {
		t.Fatalf("drained %d events, error %v; want %d", n, err, want)
	}
}

func (b bundle) count(t *testing.T, from string) (n int) {
	t.Helper()
	if err := b.db.Q(t.Context()).QueryRow(t.Context(), `SELECT count(*) FROM `+from).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEventArrivesAsItWasPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var got []events.Event
	b.bus.Subscribe("archive", func(_ context.Context, e events.Event) error { got = append(got, e); return nil }, "intake.case-decided")
	sent := event("intake.case-decided", "421300-1")
	b.publish(t, event("intake.case-submitted", "421300-1"), sent)
	b.drain(t, 2)
	if len(got) != 1 {
		t.Fatalf("got %d events, want only the one subscribed to", len(got))
	}
	if e := got[0]; e.ID != sent.ID || e.Key != sent.Key || !e.At.Equal(sent.At) || string(e.Payload) != string(sent.Payload) {
		t.Errorf("got %+v, want %+v", e, sent)
	}
	var payload map[string]string
	if err := got[0].Decode(&payload); err != nil || payload["of"] != "421300-1" {
		t.Errorf("payload %v, error %v", payload, err)
	}
	b.drain(t, 0)
}

func TestEventExistsExactlyWhenItsTransactionDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := errors.New("changed my mind")
	err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := b.bus.Publish(ctx, event("a.undone", "1")); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatalf("error %v", err)
	}
	b.drain(t, 0)
	err = b.db.InTx(t.Context(), func(ctx context.Context) error {
		var batch pgx.Batch
		b.bus.Queue(&batch, event("a.done", "1"), event("a.done", "2"))
		return b.db.Send(ctx, &batch)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t, 2)
}

func TestFailingSubscriberDisturbsNobodyAndIsServedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.db.Pool.Exec(t.Context(), `CREATE TABLE seen (who text, key text)`); err != nil {
		t.Fatal(err)
	}
	note := func(ctx context.Context, who string, e events.Event) error {
		_, err := b.db.Q(ctx).Exec(ctx, `INSERT INTO seen VALUES ($1, $2)`, who, e.Key)
		return err
	}
	var broken atomic.Bool
	broken.Store(true)
	b.bus.Subscribe("good", func(ctx context.Context, e events.Event) error { return note(ctx, "good", e) })
	b.bus.Subscribe("bad", func(ctx context.Context, e events.Event) error {
		if err := note(ctx, "bad", e); err != nil {
			return err
		}
		if broken.Load() && e.Key == "2" {
			_, err := b.db.Q(ctx).Exec(ctx, `SELECT 1/0`) // also breaks its transaction
			return err
		}
		return nil
	})
	b.bus.Subscribe("panics", func(context.Context, events.Event) error {
		if broken.Load() {
			panic("no map")
		}
		return nil
	}, "a.b")
	b.publish(t, event("a.a", "1"), event("a.b", "2"), event("a.a", "3"))
	b.drain(t, 3)
	if good, bad := b.count(t, `seen WHERE who = 'good'`), b.count(t, `seen WHERE who = 'bad'`); good != 3 || bad != 2 {
		t.Fatalf("good saw %d and bad %d; want 3 and 2", good, bad)
	}
	if n := b.count(t, `river.river_job WHERE kind = 'event_redelivery'`); n != 2 {
		t.Fatalf("%d redeliveries are queued, want 2", n)
	}
	broken.Store(false)
	b.start(t)
	await(t, func() bool {
		return b.count(t, `river.river_job WHERE state = 'completed'`) == 2
	})
	if bad := b.count(t, `seen WHERE who = 'bad'`); bad != 3 {
		t.Errorf("bad saw %d events in the end, want each once: 3", bad)
	}
}

func TestSeveralDrainersDeliverEachEventOnce(t *testing.T) {
	t.Parallel()
	db := database(t)
	const total = 3000
	var mu sync.Mutex
	seen := map[string]int{}
	byDrainer := make([]int, 3)
	var drainers []bundle
	for i := range byDrainer {
		b := onBus(db)
		b.bus.Subscribe("count", func(_ context.Context, e events.Event) error {
			mu.Lock()
			defer mu.Unlock()
			seen[e.ID]++
			byDrainer[i]++
			return nil
		})
		drainers = append(drainers, b)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range total / 4 / 50 {
				var evs []events.Event
				for range 50 {
					evs = append(evs, event("load.made", "k"))
				}
				if err := drainers[0].bus.Publish(t.Context(), evs...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, b := range drainers {
		b.start(t)
	}
	wg.Wait()
	await(t, func() bool { return drainers[0].count(t, `events.outbox`) == 0 })
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != total {
		t.Errorf("%d of %d events were delivered", len(seen), total)
	}
	for id, n := range seen {
		if n != 1 {
			t.Fatalf("event %s was delivered %d times", id, n)
		}
	}
	t.Logf("delivered by each drainer: %v", byDrainer)
}

func TestHangingSubscriberDoesNotBlockTheOutbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bus.SetHandlerTimeout(50 * time.Millisecond)
	var hang atomic.Bool
	hang.Store(true)
	b.bus.Subscribe("hangs", func(ctx context.Context, _ events.Event) error {
		if hang.Load() {
			_, err := b.db.Q(ctx).Exec(ctx, `SELECT pg_sleep(60)`) // ended by the deadline, with its connection
			return err
		}
		return nil
	})
	var got atomic.Int32
	b.bus.Subscribe("good", func(context.Context, events.Event) error { got.Add(1); return nil })
	b.publish(t, event("a.a", "1"))
	// The first batches fail with the hanging handler, and the server keeps their
	// rows locked until it has noticed; then the event gets through.
	await(t, func() bool {
		_, _ = b.bus.Drain(t.Context())
		return b.count(t, `events.outbox`) == 0
	})
	if got.Load() != 1 {
		t.Errorf("the good subscriber saw %d events, want 1", got.Load())
	}
	if n := b.count(t, `river.river_job WHERE kind = 'event_redelivery'`); n != 1 {
		t.Errorf("%d redeliveries are queued, want 1", n)
	}
}

func TestEventJSONIsStable(t *testing.T) {
	// Redelivery jobs of an older version must stay readable.
	raw, err := json.Marshal(events.Event{ID: "i", Name: "n", Key: "k", Payload: []byte(`{}`), At: noon})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"i","name":"n","key":"k","payload":{},"at":"2026-11-23T12:00:00+08:00"}`
	if string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
}

// await polls: what it waits for happens in other goroutines or processes.
func await(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatal("did not happen within 30 s")
		case <-tick.C:
		}
	}
}

func BenchmarkDrain(b *testing.B) {
	db := pgtest.New(b, migrations...)
	bus := onBus(db).bus
	bus.Subscribe("none", func(context.Context, events.Event) error { return nil })
	var evs []events.Event
	for i := range 200 {
		evs = append(evs, event("load.made", fmt.Sprint(i)))
	}
	for b.Loop() {
		if err := bus.Publish(b.Context(), evs...); err != nil {
			b.Fatal(err)
		}
		if _, err := bus.Drain(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(evs))/b.Elapsed().Seconds(), "events/s")
}
