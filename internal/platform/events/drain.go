package events

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	batchSize           = 200
	defaultBatchTimeout = time.Minute
	// late is when undelivered events are worth a line in the log.
	late = time.Minute
	// defaultHandlerTimeout ends a handler that hangs, once the batch is known to hold one.
	defaultHandlerTimeout = 15 * time.Second
)

// company is how far apart batches begin at the least: a batch costs a commit, which
// under load must not be paid for each event. A single event is delivered at once.
const company = 25 * time.Millisecond

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (b *Bus) drainLoop(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	wait := look
	for ctx.Err() == nil {
		began := time.Now()
		n, err := b.drainBatch(ctx)
		if err == nil {
			wait = look
			if n == batchSize {
				continue
			}
			select {
			case <-ctx.Done():
			case <-b.wake:
				pause(ctx, company-time.Since(began))
			case <-tick.C:
			}
			continue
		}
		if ctx.Err() != nil {
			return
		}
		b.log.Error("delivering events failed; the batch is rolled back and tried again", "error", err, "in", wait)
		pause(ctx, wait)
		wait = min(wait*2, 10*time.Second)
	}
}

// Drain delivers whatever is waiting, now, and says how much that was. Tests and
// commands use it; a running process drains by itself.
func (b *Bus) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := b.drainBatch(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

type outboxRow struct {
	Seq int64
	Event
}

// drainBatch delivers one batch in one transaction. Rows locked by another
// drainer are skipped, so several share the work and none is delivered twice.
func (b *Bus) drainBatch(ctx context.Context) (int, error) {
	b.draining.Lock()
	defer b.draining.Unlock()
	ctx, cancel := context.WithTimeout(ctx, b.batchTimeout)
	defer cancel()
	n := 0
	err := b.db.InTx(ctx, func(ctx context.Context) error {
		rows, err := b.db.Q(ctx).Query(ctx, `SELECT seq, id, name, key, payload, at FROM events.outbox
			ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED`, batchSize)
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		batch, err := pgx.CollectRows(rows, pgx.RowToStructByName[outboxRow])
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		if n = len(batch); n == 0 {
			return nil
		}
		if waited := b.clock.Now().Sub(batch[0].At); waited > late {
			b.log.Warn("events are delivered late", "waited", waited.Round(time.Second), "name", batch[0].Name)
		}
		if err := b.deliver(ctx, batch); err != nil {
			return err
		}
		seqs := make([]int64, n)
		for i, r := range batch {
			seqs[i] = r.Seq
		}
		if _, err := b.db.Q(ctx).Exec(ctx, `DELETE FROM events.outbox WHERE seq = ANY($1)`, seqs); err != nil {
			return fmt.Errorf("empty the outbox: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// deliver first tries the whole batch under one savepoint, which is what nearly
// always succeeds; when anything failed, again with one savepoint per delivery.
func (b *Bus) deliver(ctx context.Context, batch []outboxRow) error {
	if !b.careful {
		b.careful = true // until this batch is through
		err := b.db.Savepoint(ctx, func(ctx context.Context) error {
			for _, r := range batch {
				for _, s := range b.subscriptions {
					if s.wants(r.Event) {
						if err := s.call(ctx, r.Event); err != nil {
							return err
						}
					}
				}
			}
			return nil
		})
		if err == nil {
			b.careful = false
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
	for _, r := range batch {
		for _, s := range b.subscriptions {
			if s.wants(r.Event) {
				if err := b.deliverOne(ctx, r.Event, s); err != nil {
					return err
				}
			}
		}
	}
	clear(b.suspects)
	b.careful = false
	return nil
}

// deliverOne gives the event to one subscriber under a savepoint; if that fails
// it hands it to a job. An error means that the transaction itself is lost.
func (b *Bus) deliverOne(ctx context.Context, e Event, s subscription) error {
	key := e.ID + "/" + s.subscriber
	var failure error
	if b.suspects[key] {
		failure = fmt.Errorf("the last attempt took the whole batch down")
	} else {
		b.suspects[key] = true // until it is known to have left the transaction alive
		failure = b.db.Savepoint(ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, b.handlerTimeout)
			defer cancel()
			return s.call(ctx, e)
		})
		if failure == nil {
			delete(b.suspects, key)
			return nil
		}
	}
	if b.jobs == nil {
		return fmt.Errorf("subscriber %s on %s: %w", s.subscriber, e.Name, failure)
	}
	if err := b.jobs.Insert(ctx, redelivery{Subscriber: s.subscriber, Event: e}, nil); err != nil {
		return fmt.Errorf("subscriber %s on %s: %w; and no redelivery: %w", s.subscriber, e.Name, failure, err)
	}
	b.log.Warn("a subscriber failed; the event will be delivered to it again",
		"subscriber", s.subscriber, "event", e.Name, "id", e.ID, "error", failure)
	return nil
}

// suspects are deliveries ("event/subscriber") in whose midst the batch's
// transaction broke: a handler that hangs until the deadline must not block the
// outbox for ever, so the next time it goes straight to a job.
type suspects map[string]bool

// call turns a panic into an error: one subscriber must not end the process.
func (s subscription) call(ctx context.Context, e Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.handle(ctx, e)
}
