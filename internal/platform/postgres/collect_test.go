package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

type person struct {
	FullName string
	Age      *int
	Note     string `db:"remark"`
	_        string // passed over
}

func TestCollect(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Pool.Query(t.Context(), `SELECT 'x' AS remark, n AS age, 'p' || n AS full_name FROM generate_series(1, 3) n`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := postgres.Collect[person](rows)
	if err != nil || len(got) != 3 || got[2].FullName != "p3" || *got[2].Age != 3 || got[0].Note != "x" || *got[0].Age != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, sql := range map[string]string{
		"an unknown column": `SELECT 'x' AS remark, 1 AS age, 'p' AS name`,
		"a missing column":  `SELECT 'x' AS remark, 1 AS age`,
	} {
		rows, err := db.Pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := postgres.Collect[person](rows); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	rows, err = db.Pool.Query(t.Context(), `SELECT 'x' AS remark, 1 AS age, 'p' AS full_name WHERE false`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.CollectOne[person](rows); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("no row: %v", err)
	}
}

func BenchmarkCollect(b *testing.B) {
	db := pgtest.New(b)
	const sql = `SELECT 'x' AS remark, n AS age, 'p' || n AS full_name FROM generate_series(1, 20) n`
	for name, collect := range map[string]func(pgx.Rows) ([]person, error){
		"pgx":  func(r pgx.Rows) ([]person, error) { return pgx.CollectRows(r, pgx.RowToStructByName[person]) },
		"once": postgres.Collect[person],
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				rows, err := db.Pool.Query(b.Context(), sql)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := collect(rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
