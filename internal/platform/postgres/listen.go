package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listen calls handle for each NOTIFY on channel until ctx ends, on a connection
// of its own. When the connection breaks it reconnects; what was notified
// meanwhile is lost, so handle is also called with an empty payload after every
// (re)connection, meaning "anything may have changed". Returns when ctx ends.
func (db *DB) Listen(ctx context.Context, channel string, handle func(payload string)) {
	wait := 50 * time.Millisecond
	for ctx.Err() == nil {
		if connected := db.listenOnce(ctx, channel, handle); connected {
			wait = 50 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(wait*2, 2*time.Second)
	}
}

// listenOnce reports whether it got as far as listening.
func (db *DB) listenOnce(ctx context.Context, channel string, handle func(string)) bool {
	// Not from the pool: a connection held for ever would eat into its bound.
	conn, err := pgx.ConnectConfig(ctx, db.Pool.Config().ConnConfig)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel}.Sanitize()); err != nil {
		return false
	}
	handle("")
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true
		}
		handle(n.Payload)
	}
}

// Notify sends payload (at most 7,999 bytes) to every listener once the
// transaction of ctx commits, or at once outside one.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	if _, err := db.Q(ctx).Exec(ctx, `SELECT pg_notify($1, $2)`, channel, payload); err != nil {
		return Fault(fmt.Errorf("notify %s: %w", channel, err))
	}
	return nil
}
