// Package pgtest gives every test a real PostgreSQL database of its own, so that
// SQL is tested as it runs and tests may run in parallel.
//
// A missing PostgreSQL fails the test; nothing is ever skipped. The server is
// ONEDOOR_TEST_DATABASE_URL, or a private cluster per test process that ends and
// disappears with it.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// New makes an empty database with the sets migrated, and drops it after the test.
func New(t testing.TB, sets ...postgres.MigrationSet) *postgres.DB {
	t.Helper()
	dsn := NewDSN(t, sets...)
	// Many databases are open at once in a parallel run: each gets few connections.
	db, err := postgres.Open(t.Context(), dsn, postgres.WithMaxConns(10))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// NewDSN is New for tests that open the database themselves or from another process.
func NewDSN(t testing.TB, sets ...postgres.MigrationSet) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatalf("pgtest: a PostgreSQL server is needed: %v", err)
	}
	template, err := s.template(sets)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := databaseName(strings.ReplaceAll(postgres.NewID(), "-", ""))
	if err := s.exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		// Cleanups run last-in first-out: the test's own pools are closed by now.
		if err := s.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.dsn(name)
}

type testServer struct {
	base *url.URL

	mu        sync.Mutex
	templates map[string]string // of a set list
}

var server = sync.OnceValues(func() (*testServer, error) {
	dsn := os.Getenv("ONEDOOR_TEST_DATABASE_URL")
	if dsn == "" {
		var err error
		if dsn, err = startPrivate(); err != nil {
			return nil, err
		}
	}
	base, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("ONEDOOR_TEST_DATABASE_URL: %w", err)
	}
	s := &testServer{base: base, templates: map[string]string{}}
	if err := s.sweep(); err != nil {
		return nil, err
	}
	return s, nil
})

// prefix marks the databases of this machine's test processes; the process number
// follows, and keeps apart those that share a server.
var prefix = sync.OnceValue(func() string {
	host, _ := os.Hostname() // "" will do
	return fmt.Sprintf("onedoor_test_%x_", crc32.ChecksumIEEE([]byte(host)))
})

func databaseName(rest string) string { return fmt.Sprintf("%s%d_%s", prefix(), os.Getpid(), rest) }

// sweep drops what earlier test processes of this machine left on a shared server.
func (s *testServer) sweep() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.base.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix())
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, prefix()), "_")
		pid, err := strconv.Atoi(number)
		if err != nil || syscall.Kill(pid, 0) == nil {
			continue
		}
		// Another process may be sweeping too.
		if _, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			return fmt.Errorf("drop the leftover %s: %w", name, err)
		}
	}
	return nil
}

func (s *testServer) dsn(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// exec runs an administrative statement on a short connection of its own.
func (s *testServer) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.base.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// template migrates the sets once per process and set list; copying a database
// is far quicker than migrating it.
func (s *testServer) template(sets []postgres.MigrationSet) (string, error) {
	key, err := fingerprint(sets)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	name := databaseName("template_" + key)
	if err := s.exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`); err != nil {
		return "", err
	}
	if err := s.exec(`CREATE DATABASE ` + name); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	db, err := postgres.Open(ctx, s.dsn(name), postgres.WithMaxConns(4))
	if err != nil {
		return "", err
	}
	err = postgres.Migrate(ctx, db, sets...)
	db.Close() // a template must have no connections
	if err != nil {
		return "", err
	}
	s.templates[key] = name
	return name, nil
}

func fingerprint(sets []postgres.MigrationSet) (string, error) {
	h := sha256.New()
	for _, set := range sets {
		fmt.Fprintf(h, "%s\x00", set.Module)
		if set.FS == nil {
			continue
		}
		err := fs.WalkDir(set.FS, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := fs.ReadFile(set.FS, path)
			fmt.Fprintf(h, "%s\x00%s\x00", path, raw)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("migrations of %s: %w", set.Module, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
