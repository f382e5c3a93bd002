package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

// These are the promises that the rest of the house builds on; they are tested
// here so that a new River, or another queue, must keep them too.

type greet struct {
	Name string `json:"name" river:"unique"`
}

func (greet) Kind() string { return "test_greet" }

type greeter struct {
	river.WorkerDefaults[greet]
	work func(ctx context.Context, job *river.Job[greet]) error
}

func (g *greeter) Work(ctx context.Context, job *river.Job[greet]) error { return g.work(ctx, job) }
func (*greeter) NextRetry(*river.Job[greet]) time.Time                   { return time.Now() }

func process(db *postgres.DB, work func(context.Context, *river.Job[greet]) error) *jobs.Jobs {
	j := jobs.New(db, slog.New(slog.DiscardHandler), clock.System{})
	j.LookEvery(200 * time.Millisecond)
	jobs.Add(j, &greeter{work: work})
	return j
}

func start(t *testing.T, j *jobs.Jobs) {
	t.Helper()
	if err := j.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func count(t *testing.T, db *postgres.DB, where string) (n int) {
	t.Helper()
	if err := db.Q(t.Context()).QueryRow(t.Context(), `SELECT count(*) FROM river.river_job WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

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

func nothing(context.Context, *river.Job[greet]) error { return nil }

func TestJobIsInsertedAndWorked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	got := make(chan string, 1)
	j := process(db, func(_ context.Context, job *river.Job[greet]) error { got <- job.Args.Name; return nil })
	start(t, j)
	if err := j.Insert(t.Context(), greet{"梅"}, nil); err != nil {
		t.Fatal(err)
	}
	if name := <-got; name != "梅" {
		t.Errorf("worked %q", name)
	}
}

func TestJobSharesTheFateOfItsTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	j := process(db, nothing)
	failed := errors.New("no")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := j.Insert(ctx, greet{"undone"}, nil); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) || count(t, db, `true`) != 0 {
		t.Fatalf("after a rollback: error %v, %d jobs", err, count(t, db, `true`))
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		return db.Savepoint(ctx, func(ctx context.Context) error {
			if err := j.Insert(ctx, greet{"done"}, nil); err != nil {
				return err
			}
			if n := count(t, db, `true`); n != 0 {
				t.Errorf("the job can be seen before the commit")
			}
			return nil
		})
	})
	if err != nil || count(t, db, `true`) != 1 {
		t.Fatalf("after a commit: error %v, %d jobs", err, count(t, db, `true`))
	}
}

func TestFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	var attempts atomic.Int32
	j := process(db, func(context.Context, *river.Job[greet]) error {
		switch attempts.Add(1) {
		case 1:
			return errors.New("not yet")
		case 2:
			panic("not yet either")
		}
		return nil
	})
	start(t, j)
	if err := j.Insert(t.Context(), greet{"x"}, nil); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return count(t, db, `state = 'completed'`) == 1 })
	if n := attempts.Load(); n != 3 {
		t.Errorf("%d attempts, want 3", n)
	}
}

func TestUniqueJobExistsOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	j := process(db, nothing)
	for _, name := range []string{"a", "a", "b"} {
		if err := j.Insert(t.Context(), greet{name}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, `true`); n != 2 {
		t.Errorf("%d jobs, want one for each name", n)
	}
}

func TestUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	j := jobs.New(db, slog.New(slog.DiscardHandler), clock.System{})
	if err := j.Insert(t.Context(), greet{"x"}, nil); err == nil {
		t.Error("a job that nobody can work was accepted")
	}
}

func TestPeriodicJobRunsAtTheStartAndDoesNotPileUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, jobs.Migrations())
	worked := make(chan struct{}, 100)
	release := make(chan struct{})
	j := process(db, func(ctx context.Context, _ *river.Job[greet]) error {
		worked <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	j.Periodic("test.greet", jobs.Every(time.Second), greet{"sweep"})
	j.Periodic("test.other", jobs.Every(time.Second), greet{"count"})
	start(t, j)
	<-worked
	// The other entry shows that the schedule goes on while the first is at work.
	<-worked
	if n := count(t, db, `state <> 'completed'`); n != 2 {
		t.Errorf("%d unfinished jobs, want one for each entry", n)
	}
	close(release)
	<-worked // and after they ended, the next
}

func TestDailyIsByShanghaiTime(t *testing.T) {
	t.Parallel()
	s := jobs.Daily(17, 30)
	at := func(v string) time.Time {
		x, err := time.Parse(time.RFC3339, v)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for from, want := range map[string]string{
		"2026-11-22T09:29:59Z": "2026-11-22T17:30:00+08:00",
		"2026-11-22T09:30:00Z": "2026-11-23T17:30:00+08:00",
		"2026-12-31T20:00:00Z": "2027-01-01T17:30:00+08:00",
	} {
		if got := s.Next(at(from)); !got.Equal(at(want)) {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
}

// workerProcess is set in the test binary when it plays a worker that is killed.
const workerProcess = "ONEDOOR_TEST_WORKER_DSN"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(workerProcess); dsn != "" {
		beWorker(dsn)
		return
	}
	os.Exit(m.Run())
}

// beWorker takes a job, says so and never finishes it.
func beWorker(dsn string) {
	db, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		panic(err)
	}
	j := process(db, func(context.Context, *river.Job[greet]) error {
		os.Stdout.WriteString("working\n")
		select {}
	})
	if err := j.Start(context.Background()); err != nil {
		panic(err)
	}
	select {}
}

func TestJobOfAKilledWorkerIsDoneByAnother(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDSN(t, jobs.Migrations())
	db, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	done := make(chan int, 10)
	j := process(db, func(ctx context.Context, job *river.Job[greet]) error {
		return db.InTx(ctx, func(ctx context.Context) error {
			done <- job.Attempt
			return jobs.Complete(ctx, job)
		})
	})
	if err := j.Insert(t.Context(), greet{"x"}, nil); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), workerProcess+"="+dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "working\n" {
		t.Fatalf("the worker said %q, error %v", line, err)
	}
	start(t, j) // while the other lives, its job is its own
	if n := count(t, db, `state = 'running'`); n != 1 {
		t.Fatalf("%d jobs are running, want the other worker's", n)
	}
	if err := cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	if attempt := <-done; attempt != 2 {
		t.Errorf("done at attempt %d, want the second", attempt)
	}
	await(t, func() bool { return count(t, db, `state = 'completed'`) == 1 })
	if len(done) != 0 {
		t.Errorf("done more than once")
	}
}

func TestMadeWithoutADatabase(t *testing.T) {
	t.Parallel()
	// The interface description is generated from services that never connect.
	j := process(&postgres.DB{}, nothing)
	j.Periodic("test.greet", jobs.Every(time.Second), greet{"sweep"})
}
