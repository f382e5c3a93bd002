package sm

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// Column is one sealed column of a table: what rotation has to know to seal its values
// again. Every module lists its own; a test compares the lists with the schema, so that
// a new sealed column cannot be forgotten.
type Column struct {
	Table   string   // "intake.cases"
	Column  string   // "form"
	Key     []string // columns of the primary key
	Org     string   // SQL expression of the organisation whose key seals; "" the house's
	Context func(key []string) string
	// Before is the context of values from before it named the row; nil there was none.
	// Rotation seals them again under Context.
	Before func(key []string) string
	// Plain is a text or JSON column that held the value before there was a sealed one.
	// Rotation moves what is left in it; "" there was none.
	Plain string
	// Where narrows the rows to those whose values follow Context; "" all.
	Where string
}

// Target names the column: "intake.cases.form".
func (c Column) Target() string { return c.Table + "." + c.Column }

// statements of one column, built from names of ours alone.
type columnSQL struct {
	Column
	next  string // $1 heads in force, $2 limit, $3… place
	swap  string // $1 new, $2 old, $3… key
	move  string // plain to sealed: $1 new, $2 old text, $3… key
	total string
	types []string
}

func (c Column) sql(ctx context.Context, db *postgres.DB) (columnSQL, error) {
	s := columnSQL{Column: c}
	rows, err := db.Q(ctx).Query(ctx, `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, c.Table)
	if err != nil {
		return s, postgres.Fault(fmt.Errorf("columns of %s: %w", c.Table, err))
	}
	types := map[string]string{}
	var name, kind string
	if _, err := pgx.ForEachRow(rows, []any{&name, &kind}, func() error { types[name] = kind; return nil }); err != nil {
		return s, postgres.Fault(fmt.Errorf("columns of %s: %w", c.Table, err))
	}
	if types[c.Column] != "bytea" {
		return s, fmt.Errorf("%s is no column of sealed values", c.Target())
	}
	read, place, match := make([]string, len(c.Key)), make([]string, len(c.Key)), make([]string, len(c.Key))
	for i, k := range c.Key {
		if types[k] == "" {
			return s, fmt.Errorf("%s has no column %s", c.Table, k)
		}
		at := "$" + strconv.Itoa(i+3)
		read[i] = k + "::text"
		place[i] = at + "::text::" + types[k]
		match[i] = k + " = " + at + "::text::" + types[k]
	}
	s.types = place
	org, plain := c.Org, c.Plain
	if org == "" {
		org = "''"
	}
	stale := "(" + c.Column + " IS NOT NULL AND substring(" + c.Column + " FROM 1 FOR " + strconv.Itoa(headSize) + ") <> ALL ($1::bytea[]))"
	old := "''"
	if plain != "" {
		empty := plain + " <> ''"
		if strings.HasPrefix(types[plain], "json") {
			empty = plain + " IS NOT NULL AND " + plain + "::text NOT IN ('null', '{}', '\"\"')"
		}
		stale = "(" + stale + " OR (" + empty + "))"
		old = "CASE WHEN " + empty + " THEN " + plain + "::text ELSE '' END"
	}
	if c.Where != "" {
		stale += " AND (" + c.Where + ")"
	}
	// Two forms: with a place and without, see next.
	s.next = `SELECT ARRAY[` + strings.Join(read, ", ") + `], (` + org + `)::text, ` + c.Column + `, ` + old + ` FROM ` + c.Table +
		` WHERE ` + stale + ` /*place*/ ORDER BY ` + strings.Join(c.Key, ", ") + ` LIMIT $2`
	s.swap = `UPDATE ` + c.Table + ` SET ` + c.Column + ` = $1 WHERE ` + c.Column + ` = $2 AND ` + strings.Join(match, " AND ")
	if plain != "" {
		empty := "''"
		switch {
		case strings.HasPrefix(types[plain], "json"):
			empty = `'{}'`
		}
		s.move = `UPDATE ` + c.Table + ` SET ` + c.Column + ` = $1, ` + plain + ` = ` + empty + ` WHERE ` + plain + `::text = $2 AND ` + strings.Join(match, " AND ")
	}
	s.total = `SELECT CASE WHEN reltuples < 0 THEN (SELECT count(*) FROM ` + c.Table + `) ELSE reltuples::bigint END FROM pg_class WHERE oid = to_regclass('` + c.Table + `')`
	return s, nil
}

// page is the statement of one batch beyond place.
func (s *columnSQL) page(heads [][]byte, limit int, place []string) (string, []any) {
	args := []any{heads, limit}
	if len(place) == 0 {
		return s.next, args
	}
	for _, p := range place {
		args = append(args, p)
	}
	beyond := "AND (" + strings.Join(s.Key, ", ") + ") > (" + strings.Join(s.types, ", ") + ")"
	return strings.Replace(s.next, "/*place*/", beyond, 1), args
}
