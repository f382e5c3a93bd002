package postgres_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

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

type grade string

// everything has each type that Collect reads itself, and some that pgx reads.
type everything struct {
	ID     string
	Grade  grade
	Short  string
	Small  int
	Big    int64
	Yes    bool
	At     time.Time
	Until  *time.Time
	Never  *time.Time
	Maybe  *string
	Blob   []byte
	Levels []string
	Tiny   int16
}

// What Collect reads itself is what pgx reads.
func TestCollectReadsWhatPgxReads(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const sql = `SELECT gen.id, '甲级' AS grade, 'x'::varchar(3) AS short, -7 AS small, -9007199254740993 AS big, true AS yes,
			'2026-02-10 08:30:00.123456+08'::timestamptz AS at, '1969-12-31 23:59:59.999999Z'::timestamptz AS until,
			NULL::timestamptz AS never, NULL::text AS maybe, '\x00ff'::bytea AS blob, ARRAY['a', 'b'] AS levels, 3::int2 AS tiny
		FROM (VALUES ('0190a5b0-0000-7000-8000-000000000000'::uuid), ('0190a5b0-0000-7000-8000-000000000001'::uuid)) gen (id)`
	query := func() pgx.Rows {
		rows, err := db.Pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	want, err := pgx.CollectRows(query(), pgx.RowToStructByName[everything])
	if err != nil {
		t.Fatal(err)
	}
	got, err := postgres.Collect[everything](query())
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v\nwant %+v\n%v", got, want, err)
	}
	if got[0].Until == got[1].Until {
		t.Error("rows share a value")
	}
	type one struct{ At time.Time }
	for _, bad := range []string{`SELECT NULL::timestamptz AS at`, `SELECT 'infinity'::timestamptz AS at`, `SELECT 'x' AS at`} {
		rows, err := db.Pool.Query(t.Context(), bad)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := postgres.Collect[one](rows); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
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
