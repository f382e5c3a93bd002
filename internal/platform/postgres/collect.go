package postgres

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Collect reads all rows into structs by column name, as pgx.RowToStructByName
// does: a column fits the field of the same name without underscores and case, or
// of the tag db:"name"; columns and fields must match one to one. It finds out
// which fits which once a result and not once a row, which is a third of the time
// of a page of twenty rows (BenchmarkCollect).
func Collect[T any](rows pgx.Rows) ([]T, error) {
	defer rows.Close()
	out := []T{}
	// One row is scanned into again and again: pgx makes new values for pointers and
	// slices each time, so the copies that are kept share nothing.
	var row T
	var targets []any
	for rows.Next() {
		if targets == nil {
			fields, err := fieldsOf(reflect.TypeFor[T](), rows.FieldDescriptions())
			if err != nil {
				return nil, err
			}
			v := reflect.ValueOf(&row).Elem()
			targets = make([]any, len(fields))
			for i, f := range fields {
				targets[i] = v.Field(f).Addr().Interface()
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// CollectOne is Collect for exactly one row; pgx.ErrNoRows when there is none.
func CollectOne[T any](rows pgx.Rows) (T, error) {
	all, err := Collect[T](rows)
	var none T
	switch {
	case err != nil:
		return none, err
	case len(all) == 0:
		return none, pgx.ErrNoRows
	case len(all) > 1:
		return none, pgx.ErrTooManyRows
	}
	return all[0], nil
}

// matches remembers for a struct the columns it was last read from and the fields
// that they went to: a list sends the same statement all day.
var matches sync.Map // reflect.Type → match

type match struct {
	columns []string
	fields  []int
}

func (m match) of(columns []pgconn.FieldDescription) bool {
	if len(m.columns) != len(columns) {
		return false
	}
	for i := range columns {
		if columns[i].Name != m.columns[i] {
			return false
		}
	}
	return true
}

func fieldsOf(t reflect.Type, columns []pgconn.FieldDescription) ([]int, error) {
	if m, ok := matches.Load(t); ok && m.(match).of(columns) {
		return m.(match).fields, nil
	}
	known, err := nameFields(t)
	if err != nil {
		return nil, err
	}
	if len(columns) != len(known) {
		return nil, fmt.Errorf("%v has %d fields for %d columns", t, len(known), len(columns))
	}
	m := match{columns: make([]string, len(columns)), fields: make([]int, len(columns))}
	for i, c := range columns {
		f, ok := known[fold(c.Name)]
		if !ok {
			return nil, fmt.Errorf("%v has no field for column %s", t, c.Name)
		}
		m.columns[i], m.fields[i] = c.Name, f
	}
	matches.Store(t, m)
	return m.fields, nil
}

func nameFields(t reflect.Type) (map[string]int, error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("rows are collected into structs")
	}
	m := map[string]int{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("db")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		m[fold(name)] = i
	}
	return m, nil
}

func fold(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
