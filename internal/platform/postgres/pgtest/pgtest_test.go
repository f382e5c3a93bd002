package pgtest_test

import (
	"testing"
	"testing/fstest"

	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

func sets() postgres.MigrationSet {
	return postgres.MigrationSet{Module: "shelf", FS: fstest.MapFS{
		"migrations/0001_init.sql": {Data: []byte("-- +goose Up\nCREATE TABLE shelf.book (id uuid PRIMARY KEY, title text NOT NULL);\n")},
	}}
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t, sets())
			id := postgres.NewID()
			if _, err := db.Q(t.Context()).Exec(t.Context(), `INSERT INTO shelf.book (id, title) VALUES ($1, $2)`, id, name); err != nil {
				t.Fatal(err)
			}
			var n int
			var got string
			if err := db.Q(t.Context()).QueryRow(t.Context(), `SELECT count(*) OVER (), id FROM shelf.book`).Scan(&n, &got); err != nil {
				t.Fatal(err)
			}
			if n != 1 || got != id {
				t.Errorf("read %d rows, id %q; want the one just written, %q", n, got, id)
			}
		})
	}
}
