package page_test

import (
	"testing"

	"pgregory.net/rapid"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
)

func TestLimit(t *testing.T) {
	for size, want := range map[int]int{-1: page.DefaultSize, 0: page.DefaultSize, 1: 1, 100: 100, 101: page.MaxSize} {
		if got := (page.Request{Size: size}).Limit(); got != want {
			t.Errorf("size %d gives %d", size, got)
		}
	}
}

func TestCursorOfSomebodyElse(t *testing.T) {
	var key struct{ No string }
	for _, cursor := range []string{"%%%", "bm90IGpzb24", "WzEsMl0"} {
		if _, err := (page.Request{Cursor: cursor}).Decode(&key); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", cursor, err)
		}
	}
	if more, err := (page.Request{}).Decode(&key); more || err != nil {
		t.Errorf("the first page: %v, %v", more, err)
	}
}

// Walking pages of any size sees every row once and in order.
func TestPagesCoverTheList(t *testing.T) {
	type key struct{ N int }
	rapid.Check(t, func(t *rapid.T) {
		total, size := rapid.IntRange(0, 60).Draw(t, "rows"), rapid.IntRange(1, 25).Draw(t, "size")
		seen, req := 0, page.Request{Size: size}
		for {
			after := key{-1}
			if _, err := req.Decode(&after); err != nil {
				t.Fatal(err)
			}
			rows := []int{} // what LIMIT size+1 after the key would fetch
			for n := after.N + 1; n < total && len(rows) <= size; n++ {
				rows = append(rows, n)
			}
			p := page.Cut(rows, req.Limit(), func(n int) any { return key{n} })
			for _, n := range p.Rows {
				if n != seen {
					t.Fatalf("row %d comes where %d should", n, seen)
				}
				seen++
			}
			if req.Cursor = p.Next; req.Cursor == "" {
				break
			}
		}
		if seen != total {
			t.Fatalf("%d of %d rows", seen, total)
		}
	})
}

func TestEmptyPageIsAList(t *testing.T) {
	if p := page.Cut[int](nil, 10, nil); p.Rows == nil || p.Next != "" {
		t.Errorf("%+v: rows must be [] and not null", p)
	}
}
