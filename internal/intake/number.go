package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/idcode"
)

// Case numbers are leased in blocks (docs/adr/0005-case-number.md): the counter's row
// of a region and day is moved on by a whole block in a transaction of its own, before
// any number of the block is used. A crash therefore leaves a gap and never a repeat,
// and a submit costs no round trip for its number.
const (
	firstBlock = 32   // a quiet region wastes little at a restart
	largeBlock = 2048 // a busy one asks once for thousands of submits
)

// lease moves the counter on by size and returns the first number of the block.
type lease func(ctx context.Context, region6 string, day time.Time, size int64) (first int64, err error)

// numbers hands out case numbers from leased blocks. Safe for concurrent use.
type numbers struct {
	lease lease
	mu    sync.Mutex
	open  map[numberKey]*block
}

type numberKey struct{ region6, day string }

// block has its own lock, so that a lease for one region does not hold up another.
type block struct {
	mu        sync.Mutex
	next, end int64 // next is free, end is not ours
	size      int64
	ahead     *ahead // a lease taken in advance
}

type ahead struct {
	done  chan struct{}
	first int64
	size  int64
	err   error
}

func newNumbers(l lease) *numbers { return &numbers{lease: l, open: map[numberKey]*block{}} }

// take returns the next number for a case of the region handed in at now.
func (n *numbers) take(ctx context.Context, region6 string, now time.Time) (string, error) {
	day := now.In(clock.Shanghai)
	b := n.block(numberKey{region6, day.Format("20060102")})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next >= b.end {
		if err := b.refill(ctx, n.lease, region6, day); err != nil {
			return "", fmt.Errorf("lease case numbers: %w", err)
		}
	}
	seq := b.next
	b.next++
	if b.ahead == nil && b.end-b.next <= b.size/4 {
		b.fetchAhead(ctx, n.lease, region6, day)
	}
	return idcode.NewCaseNo(region6, day, seq), nil
}

func (n *numbers) block(k numberKey) *block {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, ok := n.open[k]
	if !ok {
		// Yesterday's blocks are dropped: their numbers are gaps.
		for old := range n.open {
			if old.region6 == k.region6 && old.day != k.day {
				delete(n.open, old)
			}
		}
		b = &block{}
		n.open[k] = b
	}
	return b
}

// refill takes the block fetched ahead, or waits for a lease.
func (b *block) refill(ctx context.Context, l lease, region6 string, day time.Time) error {
	if a := b.ahead; a != nil {
		select {
		case <-a.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		b.ahead = nil
		if a.err == nil {
			b.next, b.end, b.size = a.first, a.first+a.size, a.size
			return nil
		}
	}
	size := b.nextSize()
	first, err := l(ctx, region6, day, size)
	if err != nil {
		return err
	}
	b.next, b.end, b.size = first, first+size, size
	return nil
}

// fetchAhead leases the next block beside the running submits, so that none waits.
func (b *block) fetchAhead(ctx context.Context, l lease, region6 string, day time.Time) {
	a := &ahead{done: make(chan struct{}), size: b.nextSize()}
	b.ahead = a
	ctx = context.WithoutCancel(ctx) // it serves the requests after this one
	go func() {
		defer close(a.done)
		a.first, a.err = l(ctx, region6, day, a.size)
	}()
}

func (b *block) nextSize() int64 {
	switch {
	case b.size == 0:
		return firstBlock
	case b.size*4 > largeBlock:
		return largeBlock
	}
	return b.size * 4
}
