package page_test

import (
	"testing"
	"time"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
)

// A cursor comes back from outside: it is a key or a clean refusal.
func FuzzCursor(f *testing.F) {
	type key struct {
		At time.Time `json:"a"`
		ID string    `json:"i"`
		N  int64     `json:"n"`
	}
	f.Add(page.Encode(key{time.Unix(0, 0), "x", 3}))
	f.Add("bnVsbA")
	f.Add("!!")
	f.Fuzz(func(t *testing.T, cursor string) {
		var k key
		more, err := page.Request{Cursor: cursor}.Decode(&k)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", cursor, err)
		}
		if err == nil && more {
			var again key
			if _, err := (page.Request{Cursor: page.Encode(k)}).Decode(&again); err != nil {
				t.Errorf("%q does not survive: %v", cursor, err)
			}
		}
	})
}
