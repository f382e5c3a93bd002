package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// presence shows that this process lives, and gives back the jobs of those that
// do not.
//
// River itself rescues a job of a dead worker only after an hour, since it cannot
// tell a dead one from a slow one. We can: each worker process holds an advisory
// lock of its own name on a connection of its own, which the server frees the
// moment the process is gone.
type presence struct {
	every  time.Duration
	absent map[string]bool // seen without its lock at the last look
}

// lockSpace keeps these locks apart from every other two-key advisory lock.
const lockSpace = 0x6a6f6273 // "jobs"

func (p *presence) begin(ctx context.Context, j *Jobs) error {
	conn, err := p.hold(ctx, j)
	if err != nil {
		return err
	}
	j.running.Go(func() { p.keep(ctx, j, conn) })
	return nil
}

// hold takes the lock on a new connection; a dead server connection frees it.
func (p *presence) hold(ctx context.Context, j *Jobs) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, j.db.Pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1, hashtext($2))`, lockSpace, j.id); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

func (p *presence) keep(ctx context.Context, j *Jobs, conn *pgx.Conn) {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	defer func() {
		if conn != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}()
	for {
		if err := p.look(ctx, j, conn); err != nil && ctx.Err() == nil {
			j.log.Warn("presence lost, taking it again", "error", err)
			if conn != nil {
				_ = conn.Close(ctx)
			}
			// The error is said again at the next tick, if it lasts.
			conn, _ = p.hold(ctx, j)
			p.absent = nil // after a restart of the server nobody holds a lock yet
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look gives back the running jobs of processes that were absent twice in a row:
// once may be a process that is just reconnecting.
func (p *presence) look(ctx context.Context, j *Jobs, conn *pgx.Conn) error {
	if conn == nil {
		return fmt.Errorf("no connection")
	}
	rows, err := conn.Query(ctx, `SELECT owner FROM (
			SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] AS owner
			FROM river.river_job WHERE state = 'running' AND attempt < max_attempts) AS o
		WHERE owner <> $1 AND NOT EXISTS (
			SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND classid = $2::bigint::oid AND objid = (hashtext(owner)::bigint & 4294967295)::oid AND objsubid = 2)`, j.id, lockSpace)
	if err != nil {
		return fmt.Errorf("look for dead workers: %w", err)
	}
	owners, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for dead workers: %w", err)
	}
	seen := map[string]bool{}
	for _, owner := range owners {
		if !p.absent[owner] {
			seen[owner] = true
			continue
		}
		// A job out of attempts stays: River's rescuer buries it with its history.
		tag, err := conn.Exec(ctx, `UPDATE river.river_job SET state = 'available', scheduled_at = now()
			WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1 AND attempt < max_attempts`, owner)
		if err != nil {
			return fmt.Errorf("give back a dead worker's jobs: %w", err)
		}
		j.log.Warn("gave back the jobs of a worker that died", "worker", owner, "jobs", tag.RowsAffected())
	}
	p.absent = seen
	return nil
}
