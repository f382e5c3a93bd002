package intake

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onedoor/internal/kernel/idcode"
)

// memoryLease is a counter like the table's.
type memoryLease struct {
	mu   sync.Mutex
	next map[string]int64
	fail bool
}

func (m *memoryLease) take(_ context.Context, region6 string, day time.Time, size int64) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail {
		return 0, errors.New("the database is away")
	}
	if m.next == nil {
		m.next = map[string]int64{}
	}
	k := region6 + day.Format("20060102")
	if m.next[k] == 0 {
		m.next[k] = 1
	}
	first := m.next[k]
	m.next[k] += size
	return first, nil
}

// Any number of processes that stop and start at any moment never give a number twice.
func TestNumbersAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		table := &memoryLease{}
		processes := []*numbers{newNumbers(table.take), newNumbers(table.take)}
		seen := map[string]bool{}
		now := monday
		for range rapid.IntRange(1, 400).Draw(r, "submits") {
			p := rapid.IntRange(0, 1).Draw(r, "process")
			switch rapid.IntRange(0, 30).Draw(r, "fate") {
			case 0:
				processes[p] = newNumbers(table.take) // kill -9
			case 1:
				now = now.Add(13 * time.Hour)
			}
			region := rapid.SampledFrom([]string{"421300", "421303"}).Draw(r, "region")
			no, err := processes[p].take(context.Background(), region, now)
			if err != nil {
				r.Fatal(err)
			}
			if seen[no] || !idcode.ValidCaseNo(no) || no[:6] != region {
				r.Fatalf("number %s given twice or wrong", no)
			}
			seen[no] = true
		}
	})
}

func TestNumbersAtOnce(t *testing.T) {
	t.Parallel()
	table := &memoryLease{}
	n := newNumbers(table.take)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for range 50 {
		wg.Go(func() {
			for range 200 {
				no, err := n.take(context.Background(), "421300", monday)
				mu.Lock()
				if err != nil || seen[no] {
					t.Errorf("%s twice, or %v", no, err)
				}
				seen[no] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if table.next["42130020261102"] > 10_000+3*largeBlock {
		t.Errorf("wasteful: %d serials for 10,000 submits", table.next["42130020261102"])
	}
}

func TestNumbersWithoutDatabase(t *testing.T) {
	t.Parallel()
	table := &memoryLease{fail: true}
	n := newNumbers(table.take)
	if _, err := n.take(context.Background(), "421300", monday); err == nil {
		t.Fatal("a number without a lease")
	}
	table.mu.Lock()
	table.fail = false
	table.mu.Unlock()
	if _, err := n.take(context.Background(), "421300", monday); err != nil {
		t.Fatalf("it does not recover: %v", err)
	}
}
