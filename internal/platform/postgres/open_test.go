package postgres_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/postgres/pgtest"
)

func set(module string, files fstest.MapFS) postgres.MigrationSet {
	return postgres.MigrationSet{Module: module, FS: files}
}

func sql(text string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
}

func TestModulesMigrateIndependently(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	a := set("module_a", fstest.MapFS{"migrations/0001_init.sql": sql(`CREATE TABLE module_a.x (n int);`)})
	b := set("module_b", fstest.MapFS{"migrations/0001_init.sql": sql(`CREATE TABLE module_b.x (n int);`)})
	if err := postgres.Migrate(ctx, db, a); err != nil {
		t.Fatal(err)
	}
	a.FS.(fstest.MapFS)["migrations/0002_more.sql"] = sql(`ALTER TABLE module_a.x ADD m int;`)

	// Several processes start together: each change happens once.
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := postgres.Migrate(ctx, db, a, b); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var va, vb int
	if err := db.Pool.QueryRow(ctx, `SELECT (SELECT max(version_id) FROM module_a.schema_version), (SELECT max(version_id) FROM module_b.schema_version)`).Scan(&va, &vb); err != nil {
		t.Fatal(err)
	}
	if va != 2 || vb != 1 {
		t.Errorf("versions %d and %d, want 2 and 1", va, vb)
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO module_a.x (n, m) VALUES (1, 2)`); err != nil {
		t.Error(err)
	}
}

func TestFailedMigrationNamesTheModuleAndChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	bad := set("module_c", fstest.MapFS{"migrations/0001_init.sql": sql("CREATE TABLE module_c.x (n int);\nCREATE TABLE module_c.y (nonsense);")})
	if err := postgres.Migrate(t.Context(), db, bad); err == nil {
		t.Fatal("no error")
	}
	var there bool
	if err := db.Pool.QueryRow(t.Context(), `SELECT to_regclass('module_c.x') IS NOT NULL`).Scan(&there); err != nil || there {
		t.Errorf("half a migration stayed (error %v)", err)
	}
}

func TestSavepointUndoesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, set("shelf", fstest.MapFS{"migrations/0001_init.sql": sql(`CREATE TABLE shelf.book (n int PRIMARY KEY);`)}))
	var woken []string
	add := func(ctx context.Context, n int, name string) error {
		postgres.AfterCommit(ctx, func() { woken = append(woken, name) })
		_, err := db.Q(ctx).Exec(ctx, `INSERT INTO shelf.book VALUES ($1)`, n)
		return err
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := add(ctx, 1, "first"); err != nil {
			return err
		}
		err := db.Savepoint(ctx, func(ctx context.Context) error { return add(ctx, 1, "second") })
		if !postgres.IsUnique(err, "book_pkey") {
			t.Errorf("error %v, want the primary key's", err)
		}
		if len(woken) != 0 {
			t.Error("woken before the commit")
		}
		return db.Savepoint(ctx, func(ctx context.Context) error { return add(ctx, 3, "third") })
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := db.Pool.Query(t.Context(), `SELECT n FROM shelf.book ORDER BY n`)
	if ns, err := pgx.CollectRows(rows, pgx.RowTo[int]); err != nil || len(ns) != 2 || ns[1] != 3 {
		t.Errorf("books %v, error %v; want 1 and 3", ns, err)
	}
	if len(woken) != 2 || woken[0] != "first" || woken[1] != "third" {
		t.Errorf("woken %v", woken)
	}
}

func TestTimesComeBackInShanghaiAndIDsAsText(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id := postgres.NewID()
	at := time.Date(2026, 1, 1, 0, 30, 0, 0, clock.Shanghai)
	var gotID string
	var gotAt time.Time
	var day string
	var none *string
	err := db.Pool.QueryRow(t.Context(), `SELECT $1::uuid, $2::timestamptz, to_char($2::timestamptz, 'YYYY-MM-DD'), NULL::uuid`, id, at).Scan(&gotID, &gotAt, &day, &none)
	if err != nil {
		t.Fatal(err)
	}
	if gotID != id || none != nil || gotAt.Format(time.RFC3339) != at.Format(time.RFC3339) || day != "2026-01-01" {
		t.Errorf("got %s, %s, %s", gotID, gotAt.Format(time.RFC3339), day)
	}
}

func TestOnlyTheDatabasesAbsenceBecomesUnavailable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	if err := db.InTx(ctx, func(context.Context) error { return io.ErrUnexpectedEOF }); fault.KindOf(err) != fault.Internal {
		t.Errorf("an upload cut off became %v", err)
	}
	stale := fault.New(fault.Conflict, "case.stale-version", "已被他人修改。")
	if err := db.InTx(ctx, func(context.Context) error { return stale }); !errors.Is(err, stale) {
		t.Errorf("a fault became %v", err)
	}
	_, err := db.Pool.Exec(ctx, `SELECT nonsense`)
	if postgres.Fault(err) != err { //nolint:errorlint // the very same one
		t.Errorf("a mistake in SQL became %v", postgres.Fault(err))
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	err = db.InTx(short, func(ctx context.Context) error {
		_, err := db.Q(ctx).Exec(ctx, `SELECT pg_sleep(60)`)
		return err
	})
	if !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("a deadline became %v", err)
	}
	if _, err := postgres.Open(ctx, "postgres://x@/x?host=/nowhere"); !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("a server that is not there became %v", err)
	}
	db.Close()
	if err := db.Ping(ctx); !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("a closed pool became %v", err)
	}
}

// TestServerRestartsUnderLoad: whoever is at work gets a clean 503, everything
// acknowledged is there, and pool and listener recover by themselves.
func TestServerRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]syscall.Signal{"shut down": syscall.SIGINT, "crashed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			restartUnderLoad(t, how)
		})
	}
}

func restartUnderLoad(t *testing.T, how syscall.Signal) {
	dir, err := os.MkdirTemp("", "restart-")
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
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if _, err := db.Pool.Exec(ctx, `CREATE TABLE acknowledged (id uuid PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1000)
	go db.Listen(ctx, "news", func(payload string) { heard <- payload })
	if first := <-heard; first != "" {
		t.Fatalf("heard %q on connecting", first)
	}

	var done, refused atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	load, stop := context.WithCancel(ctx)
	for range 8 {
		wg.Go(func() {
			for load.Err() == nil {
				id := postgres.NewID()
				err := db.InTx(ctx, func(ctx context.Context) error {
					_, err := db.Q(ctx).Exec(ctx, `INSERT INTO acknowledged VALUES ($1)`, id)
					return err
				})
				switch {
				case err == nil:
					done.Add(1)
					mu.Lock()
					acknowledged[id] = true
					mu.Unlock()
				case fault.KindOf(err) == fault.Unavailable:
					refused.Add(1)
				default:
					t.Errorf("a worker got %v", err)
				}
			}
		})
	}
	reach(t, &done, 200)
	if err := syscall.Kill(c.PID(), how); err != nil {
		t.Fatal(err)
	}
	reach(t, &refused, 1)
	reach(t, &done, done.Load()+200)
	stop()
	wg.Wait()
	t.Logf("%d acknowledged, %d refused", done.Load(), refused.Load())

	rows, _ := db.Pool.Query(ctx, `SELECT id::text FROM acknowledged`)
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range there {
		delete(acknowledged, id)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged rows are gone", len(acknowledged))
	}
	if again := <-heard; again != "" {
		t.Errorf("heard %q on reconnecting", again)
	}
	if err := db.Notify(ctx, "news", "spring"); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != "spring" {
		t.Errorf("heard %q", got)
	}
}

func reach(t *testing.T, n *atomic.Int64, want int64) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n.Load() < want {
		select {
		case <-deadline:
			t.Fatalf("reached %d of %d within a minute", n.Load(), want)
		case <-tick.C:
		}
	}
}
