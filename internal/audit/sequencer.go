package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/platform/postgres"
)

const (
	numberEvery     = 250 * time.Millisecond
	checkpointEvery = 3 * time.Second
	numberBatch     = 20_000 // entries numbered in one transaction
	leaderRetry     = 2 * time.Second
)

// Start numbers the log until ctx ends, if no other process does; when that one dies
// this one takes over. It returns at once.
func (s *Service) Start(ctx context.Context) {
	go func() {
		for ctx.Err() == nil {
			if err := s.lead(ctx); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "the evidence log is not numbered", "error", err)
			}
			pause(ctx, leaderRetry)
		}
	}()
	if s.Stamps.URL != "" {
		go s.stampUntil(ctx)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// lead numbers while this process holds the lock, which lives as long as its connection.
func (s *Service) lead(ctx context.Context) error {
	// Not from the pool: the connection is kept for as long as the process leads.
	conn, err := pgx.ConnectConfig(ctx, s.DB.Pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var mine bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, seqLock).Scan(&mine); err != nil || !mine {
		return err
	}
	q := &sequencer{s: s, conn: conn}
	if err := q.open(ctx); err != nil {
		return err
	}
	var signed time.Time
	for ctx.Err() == nil {
		n, err := q.number(ctx)
		if err != nil {
			return err
		}
		if q.tree.Size > q.signed && time.Since(signed) >= checkpointEvery {
			if err := q.checkpoint(ctx); err != nil {
				return err
			}
			signed = time.Now()
		}
		if n < numberBatch {
			pause(ctx, numberEvery)
		}
	}
	return nil
}

// patience is how long Number waits for transactions that were running when it began.
const patience = 10 * time.Second

// Number brings the log up to date once, for commands that export or check it: all that
// was committed when it began is numbered and signed, unless an older transaction runs
// on for longer than its patience. When another process leads, it is awaited.
func (s *Service) Number(ctx context.Context) error {
	return s.numberFor(ctx, patience)
}

func (s *Service) numberFor(ctx context.Context, wait time.Duration) error {
	conn, err := pgx.ConnectConfig(ctx, s.DB.Pool.Config().ConnConfig)
	if err != nil {
		return postgres.Fault(fmt.Errorf("connect: %w", err))
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	q := &sequencer{s: s, conn: conn}
	until := time.Now().Add(wait)
	for leads := false; ; pause(ctx, numberEvery/5) {
		if !leads {
			if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, seqLock).Scan(&leads); err != nil {
				return postgres.Fault(err)
			}
			if leads {
				if err := q.open(ctx); err != nil {
					return err
				}
			}
		}
		if leads {
			for n := numberBatch; n == numberBatch; {
				if n, err = q.number(ctx); err != nil {
					return err
				}
			}
			if q.tree.Size > q.signed {
				if err := q.checkpoint(ctx); err != nil {
					return err
				}
			}
		}
		var done bool
		err := conn.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM audit.entries e, audit.ledger l WHERE (e.tx, e.id) > (l.tx, l.entry))
			AND coalesce((SELECT max(size) FROM audit.checkpoints), 0) = (SELECT size FROM audit.ledger)`).Scan(&done)
		if err != nil {
			return postgres.Fault(fmt.Errorf("what waits for a number: %w", err))
		}
		if done || time.Now().After(until) || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// sequencer is the one process that numbers.
type sequencer struct {
	s      *Service
	conn   *pgx.Conn
	tree   *ledger.Tree
	tx     string // everything of older transactions is numbered …
	entry  string // … and of this one what is not beyond this id
	signed int64  // size of the newest checkpoint
}

const firstID = "00000000-0000-0000-0000-000000000000"

func (q *sequencer) open(ctx context.Context) error {
	var size int64
	var ahead bool
	err := q.conn.QueryRow(ctx, `SELECT size, tx::text, entry::text, tx > pg_snapshot_xmax(pg_current_snapshot()),
			coalesce((SELECT max(c.size) FROM audit.checkpoints c), 0) FROM audit.ledger`).
		Scan(&size, &q.tx, &q.entry, &ahead, &q.signed)
	if err != nil {
		return fmt.Errorf("read how far the log is: %w", err)
	}
	if ahead {
		if err := q.restored(ctx); err != nil {
			return err
		}
	}
	if q.tree, err = ledger.OpenTree(size, q.tile(ctx)); err != nil {
		return fmt.Errorf("the stored tree cannot be continued: %w", err)
	}
	return nil
}

// restored puts the position right after a database was restored from a dump: its
// transactions are counted from anew, and rows carry numbers of the old count.
func (q *sequencer) restored(ctx context.Context) error {
	return pgx.BeginFunc(ctx, q.conn, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`SELECT set_config('audit.erasing', 'on', true)`)
		b.Queue(`UPDATE audit.entries e SET tx = CASE WHEN EXISTS (SELECT 1 FROM audit.leaves l WHERE l.entry_id = e.id) THEN '0'::xid8
			ELSE '1'::xid8 END`)
		b.Queue(`UPDATE audit.ledger SET tx = '1', entry = $1`, firstID)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("take up a restored log: %w", err)
		}
		q.tx, q.entry = "1", firstID
		return nil
	})
}

func (q *sequencer) tile(ctx context.Context) ledger.TileReader {
	return func(k ledger.TileKey) ([]byte, error) {
		var data []byte
		err := q.conn.QueryRow(ctx, `SELECT data FROM audit.tiles WHERE level = $1 AND n = $2`, k.Level, k.N).Scan(&data)
		return data, err
	}
}

// number gives numbers to committed entries that have none. Only transactions below the
// oldest running one are looked at: what commits later is still to come, whatever its
// id and time.
func (q *sequencer) number(ctx context.Context) (n int, err error) {
	var size int64
	var ids []string
	var leaves [][]byte
	next, entry := "", firstID
	err = pgx.BeginTxFunc(ctx, q.conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`).Scan(&next); err != nil {
			return fmt.Errorf("what has surely ended: %w", err)
		}
		rows, err := tx.Query(ctx, `SELECT e.id::text, e.tx::text, e.leaf FROM audit.entries e
			WHERE (e.tx, e.id) > ($1::xid8, $2::uuid) AND e.tx < $3::xid8 ORDER BY e.tx, e.id LIMIT $4`, q.tx, q.entry, next, numberBatch)
		if err != nil {
			return fmt.Errorf("read new entries: %w", err)
		}
		var id, at string
		var leaf []byte
		if _, err := pgx.ForEachRow(rows, []any{&id, &at, &leaf}, func() error {
			ids, leaves = append(ids, id), append(leaves, leaf)
			return nil
		}); err != nil {
			return fmt.Errorf("read new entries: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		if len(ids) == numberBatch {
			next, entry = at, id
		}
		if err := q.oldLeaves(ctx, tx, ids, leaves); err != nil {
			return err
		}
		size = q.tree.Size
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"audit", "leaves"}, []string{"seq", "entry_id"}, pgx.CopyFromSlice(len(ids), func(i int) ([]any, error) {
			return []any{size + int64(i), ids[i]}, nil
		}))
		if err != nil {
			return fmt.Errorf("number entries: %w", err)
		}
		b := &pgx.Batch{}
		for k, data := range q.tree.Append(leaves...) {
			b.Queue(`INSERT INTO audit.tiles (level, n, data) VALUES ($1, $2, $3) ON CONFLICT (level, n) DO UPDATE SET data = excluded.data`, k.Level, k.N, data)
		}
		b.Queue(`UPDATE audit.ledger SET size = $1, tx = $2::xid8, entry = $3::uuid WHERE size = $4`, q.tree.Size, next, entry, size)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return 0, err // the tree is ahead of the database: lead opens it anew
	}
	if len(ids) > 0 {
		q.tx, q.entry = next, entry
	}
	return len(ids), nil
}

// oldLeaves computes the leaves of entries from before there were any.
func (q *sequencer) oldLeaves(ctx context.Context, tx pgx.Tx, ids []string, leaves [][]byte) error {
	var missing []string
	for i := range leaves {
		if leaves[i] == nil {
			missing = append(missing, ids[i])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM audit.entries e WHERE e.id = ANY($1::uuid[])`, missing)
	if err != nil {
		return fmt.Errorf("read entries without a leaf: %w", err)
	}
	found := map[string][]byte{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		r, err := scanRecord(row)
		if err == nil {
			found[r.ID()] = r.Leaf()
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("read entries without a leaf: %w", err)
	}
	for i := range leaves {
		if leaves[i] == nil {
			leaves[i] = found[ids[i]]
		}
	}
	return nil
}

// checkpoint signs the tree as it is.
func (q *sequencer) checkpoint(ctx context.Context) error {
	signers, _, err := q.s.signing(ctx)
	if err != nil {
		return err
	}
	root, err := ledger.Root(q.tree.Size, q.tile(ctx))
	if err != nil {
		return fmt.Errorf("root of the log: %w", err)
	}
	now := q.s.Clock.Now()
	text, err := signers.Sign(ledger.Checkpoint{Size: q.tree.Size, Root: root, At: now})
	if err != nil {
		return err
	}
	if _, err := q.conn.Exec(ctx, `INSERT INTO audit.checkpoints (size, at, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING`, q.tree.Size, now, text); err != nil {
		return fmt.Errorf("keep the checkpoint: %w", err)
	}
	q.signed = q.tree.Size
	return nil
}
