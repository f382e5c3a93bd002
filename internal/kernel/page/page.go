// Package page is keyset paging: a cursor names the last row seen, so page one
// thousand costs what page one costs and rows inserted meanwhile shift nothing.
package page

import (
	"encoding/base64"
	"encoding/json"

	"onedoor/internal/kernel/fault"
)

// DefaultSize and MaxSize bound a page, in rows.
const (
	DefaultSize = 20
	MaxSize     = 100
)

// Request is what a list operation takes.
type Request struct {
	Cursor string // opaque, "" for the first page
	Size   int    // rows; 0 means DefaultSize
}

// Limit is Size brought into 1..MaxSize.
func (r Request) Limit() int {
	switch {
	case r.Size <= 0:
		return DefaultSize
	case r.Size > MaxSize:
		return MaxSize
	}
	return r.Size
}

// Decode reads the cursor into key (a pointer to the struct given to Encode).
// It reports false for the first page.
func (r Request) Decode(key any) (bool, error) {
	if r.Cursor == "" {
		return false, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.Cursor)
	if err == nil {
		err = json.Unmarshal(raw, key)
	}
	if err != nil {
		return false, fault.New(fault.Invalid, "page.bad-cursor", "翻页位置已失效，请从第一页重新查看。").Because(err)
	}
	return true, nil
}

// Encode makes a cursor of the sort key of the last row on a page.
func Encode(key any) string {
	raw, err := json.Marshal(key)
	if err != nil {
		panic("page: cursor keys are plain structs: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Page is one page of rows; Next is "" on the last page.
type Page[T any] struct {
	Rows []T    `json:"rows"`
	Next string `json:"next,omitempty"`
}

// Cut makes a page of rows fetched with LIMIT limit+1: the extra row only tells
// that there is a next page.
func Cut[T any](rows []T, limit int, key func(T) any) Page[T] {
	if rows == nil {
		rows = []T{}
	}
	if len(rows) <= limit {
		return Page[T]{Rows: rows}
	}
	rows = rows[:limit]
	return Page[T]{Rows: rows, Next: Encode(key(rows[limit-1]))}
}
