package events_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/postgres/pgtest"
)

// publisherProcess is set in the test binary when it plays a onedoor that
// publishes and delivers until it is killed.
const publisherProcess = "ONEDOOR_TEST_PUBLISHER_DSN"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(publisherProcess); dsn != "" {
		bePublisher(dsn)
		return
	}
	os.Exit(m.Run())
}

func bePublisher(dsn string) {
	ctx := context.Background()
	db, err := postgres.Open(ctx, dsn)
	if err != nil {
		panic(err)
	}
	b := onBus(db)
	b.subscribeCounter()
	if err := b.bus.Start(ctx); err != nil {
		panic(err)
	}
	for {
		id, err := b.change(ctx)
		if err != nil {
			panic(err)
		}
		fmt.Println(id) // acknowledged
	}
}

// change is a use case: its own row and its event, in one transaction.
func (b bundle) change(ctx context.Context) (string, error) {
	e := event("test.changed", "k")
	err := b.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := b.db.Q(ctx).Exec(ctx, `INSERT INTO changed VALUES ($1)`, e.ID); err != nil {
			return err
		}
		return b.bus.Publish(ctx, e)
	})
	return e.ID, err
}

func (b bundle) subscribeCounter() {
	b.bus.Subscribe("counter", func(ctx context.Context, e events.Event) error {
		_, err := b.db.Q(ctx).Exec(ctx, `INSERT INTO delivered (id, times) VALUES ($1, 1)
			ON CONFLICT (id) DO UPDATE SET times = delivered.times + 1`, e.ID)
		return err
	})
}

func (b bundle) createTables(t *testing.T) {
	t.Helper()
	if _, err := b.db.Pool.Exec(t.Context(), `CREATE TABLE changed (id uuid PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Pool.Exec(t.Context(), `CREATE TABLE delivered (id uuid PRIMARY KEY, times int NOT NULL)`); err != nil {
		t.Fatal(err)
	}
}

// everyChangeWasDeliveredOnce also covers changes that were committed and never
// acknowledged.
func (b bundle) everyChangeWasDeliveredOnce(t *testing.T, acknowledged int) {
	t.Helper()
	changed, delivered := b.count(t, `changed`), b.count(t, `delivered`)
	missing := b.count(t, `changed WHERE id NOT IN (SELECT id FROM delivered)`)
	twice := b.count(t, `delivered WHERE times <> 1`)
	t.Logf("%d acknowledged, %d changed, %d delivered", acknowledged, changed, delivered)
	if changed < acknowledged || delivered != changed || missing != 0 || twice != 0 {
		t.Errorf("acknowledged %d, changed %d, delivered %d, missing %d, more than once %d", acknowledged, changed, delivered, missing, twice)
	}
}

func TestNoEventIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDSN(t, migrations...)
	db, err := postgres.Open(t.Context(), dsn, postgres.WithMaxConns(5))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	b := onBus(db)
	b.createTables(t)
	acknowledged := 0
	for range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), publisherProcess+"="+dsn)
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewReader(pipe)
		for n := 0; ; n++ {
			line, err := out.ReadString('\n')
			if err != nil || !strings.HasSuffix(line, "\n") {
				break
			}
			acknowledged++
			if n == 200 {
				if err := cmd.Process.Kill(); err != nil { // SIGKILL
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // "signal: killed"
	}
	b.subscribeCounter()
	// The server may take a moment to notice a killed client and free its rows.
	await(t, func() bool {
		if _, err := b.bus.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b.count(t, `events.outbox`) == 0
	})
	b.everyChangeWasDeliveredOnce(t, acknowledged)
}

func TestDeliveryRecoversFromRestartsOfTheServer(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "events-restart-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Start(t.Context(), cluster.Options{
		DataDir: filepath.Join(dir, "pg"), Log: slog.New(slog.DiscardHandler),
		Settings: map[string]string{"fsync": "off"}, // no power is cut here
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	db, err := postgres.Open(t.Context(), c.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := postgres.Migrate(t.Context(), db, migrations...); err != nil {
		t.Fatal(err)
	}
	b := onBus(db)
	b.createTables(t)
	b.subscribeCounter()
	b.start(t)

	var acknowledged atomic.Int64
	load, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for load.Err() == nil {
				switch _, err := b.change(t.Context()); {
				case err == nil:
					acknowledged.Add(1)
				case fault.KindOf(err) != fault.Unavailable:
					t.Errorf("a worker got %v", err)
				}
			}
		})
	}
	for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		before := acknowledged.Load()
		await(t, func() bool { return acknowledged.Load() > before+100 })
		pid := c.PID()
		if err := syscall.Kill(pid, how); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return c.PID() != pid && c.PID() != 0 })
	}
	before := acknowledged.Load()
	await(t, func() bool { return acknowledged.Load() > before+100 })
	stop()
	wg.Wait()
	await(t, func() bool {
		return b.count(t, `events.outbox`) == 0 && b.count(t, `river.river_job WHERE state NOT IN ('completed')`) == 0
	})
	b.everyChangeWasDeliveredOnce(t, int(acknowledged.Load()))
}

func TestLiveMessagesReachEveryProcessAfterCommit(t *testing.T) {
	t.Parallel()
	db := database(t)
	one, two := onBus(db), onBus(db)
	here, cancelHere := one.bus.Live().Subscribe("desk:sz")
	there, cancelThere := two.bus.Live().Subscribe("desk:sz")
	elsewhere, cancelElsewhere := two.bus.Live().Subscribe("desk:other")
	one.start(t)
	two.start(t)
	// On connecting each process says "read the state": only then is it listening.
	for _, ch := range []<-chan string{here, there, elsewhere} {
		if m := <-ch; m != "" {
			t.Fatalf("heard %q on connecting", m)
		}
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := one.bus.Live().Publish(ctx, "desk:sz", `案件 "1"`); err != nil {
			return err
		}
		select {
		case m := <-here:
			t.Errorf("heard %q before the commit", m)
		default:
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range []<-chan string{here, there} {
		if m := <-ch; m != `案件 "1"` {
			t.Errorf("heard %q", m)
		}
	}
	// Many at once travel in as many envelopes as they need.
	long := strings.Repeat("\x01", 500)
	for range 10 {
		if err := one.bus.Live().Publish(t.Context(), "desk:sz", long); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		if m := <-there; m != long {
			t.Fatalf("heard %d bytes", len(m))
		}
	}
	if len(elsewhere) != 0 {
		t.Error("a message reached another topic")
	}
	if err := one.bus.Live().Publish(t.Context(), "desk:sz", strings.Repeat("x", 5000)); err == nil {
		t.Error("a record was accepted as a hint")
	}
	cancelHere()
	cancelHere()
	cancelThere()
	cancelElsewhere()
	for range here { // closed, so this ends
	}
}

func TestUndrainedEventWaitsAtMostASecond(t *testing.T) {
	t.Parallel()
	db := database(t)
	publisher, drainer := onBus(db), onBus(db)
	got := make(chan string, 1)
	drainer.bus.Subscribe("s", func(_ context.Context, e events.Event) error { got <- e.Key; return nil })
	drainer.start(t)
	publisher.publish(t, event("a.a", "from another process"))
	select {
	case <-got:
	case <-time.After(20 * time.Second): // a second, on a machine that is busy
		t.Error("not delivered")
	}
}
