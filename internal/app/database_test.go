package app_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// postmaster reads the private cluster's own file: its process and its socket folder.
func (p *process) postmaster() (pid int, socket string) {
	p.t.Helper()
	home := filepath.Join(p.data, "db")
	if target, err := os.Readlink(filepath.Join(home, "home")); err == nil {
		home = target
	}
	raw, err := os.ReadFile(filepath.Join(home, "pgdata", "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	if pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil || len(lines) < 5 {
		p.t.Fatalf("postmaster.pid: %q", raw)
	}
	return pid, strings.TrimSpace(lines[4])
}

// database is a connection to the private cluster beside the server's own.
func (p *process) database(t *testing.T) *pgx.Conn {
	t.Helper()
	_, socket := p.postmaster()
	conn, err := pgx.Connect(t.Context(), "postgres://onedoor@/onedoor?sslmode=disable&host="+socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// one reads a single value.
func one[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// list reads the first column.
func list[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) []T {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// quiet reports whether nothing is on its way any more: no event waits, no job works.
func quiet(t *testing.T, conn *pgx.Conn) bool {
	t.Helper()
	return one[bool](t, conn, `SELECT NOT EXISTS (SELECT FROM events.outbox)
		AND NOT EXISTS (SELECT FROM river.river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending'))`)
}

// blobs counts the stored files.
func (p *process) blobs() (n int) {
	p.t.Helper()
	err := filepath.WalkDir(filepath.Join(p.data, "files"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".attrs") {
			n++
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}
