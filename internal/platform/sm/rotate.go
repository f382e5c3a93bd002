package sm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
)

// Rotator replaces data keys while the system runs: new keys seal from one moment on,
// and what lies under old ones is sealed again in batches, by primary key. A batch and
// the note of how far it came are one transaction, so a process that is killed costs
// nothing but the batch at hand, and another goes on where it stopped.
type Rotator struct {
	db      *postgres.DB
	keys    *Keyring
	files   *Files
	jobs    *jobs.Jobs
	log     *slog.Logger
	columns []Column
	// settle is how long after the new keys another process may still seal under the
	// old ones: its refresh, and a request that was under way.
	settle time.Duration
	batch  int
}

// filesTarget is the step that seals files from before files were sealed.
const filesTarget = "files"

// NewRotator makes the rotator and registers its job; columns are those of all modules.
func NewRotator(db *postgres.DB, keys *Keyring, files *Files, j *jobs.Jobs, log *slog.Logger, columns []Column) *Rotator {
	own := Column{Table: "keys.files", Column: "sealed", Key: []string{"blob_key"}, Org: "org", Context: func(k []string) string { return fileContext(k[0]) }}
	r := &Rotator{
		db: db, keys: keys, files: files, jobs: j, log: log, columns: append(slices.Clone(columns), own),
		settle: refresh + 40*time.Second, batch: 200,
	}
	jobs.Add(j, &rotateWorker{rotator: r})
	return r
}

// Columns are all sealed columns.
func (r *Rotator) Columns() []Column { return r.columns }

type rotateArgs struct {
	Rotation int `json:"rotation"`
}

// Kind names the job in the database; never change it.
func (rotateArgs) Kind() string { return "keys_rotate" }

type rotateWorker struct {
	river.WorkerDefaults[rotateArgs]
	rotator *Rotator
}

// Timeout: a large table takes hours, and every batch is kept.
func (*rotateWorker) Timeout(*river.Job[rotateArgs]) time.Duration { return -1 }

func (w *rotateWorker) Work(ctx context.Context, job *river.Job[rotateArgs]) error {
	wait, err := w.rotator.work(ctx, job.Args.Rotation, nil)
	if err == nil && wait > 0 {
		return river.JobSnooze(wait)
	}
	return err
}

// Start begins a rotation: every organisation gets a new data key, everything is
// wrapped by the newest KEK, and the job that seals again is on its way. A rotation
// that is not finished is gone on with instead.
func (r *Rotator) Start(ctx context.Context, by, reason string) (id int, begun bool, err error) {
	err = r.db.InTx(ctx, func(ctx context.Context) error {
		tx, _ := postgres.Tx(ctx)
		err := tx.QueryRow(ctx, `SELECT id FROM keys.rotations WHERE finished_at IS NULL`).Scan(&id)
		if err == nil {
			return r.jobs.Insert(ctx, rotateArgs{id}, unique)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("rotation: %w", err)
		}
		begun = true
		if err := tx.QueryRow(ctx, `INSERT INTO keys.rotations (reason, started_by, started_at) VALUES ($1, $2, now()) RETURNING id`, reason, by).Scan(&id); err != nil {
			return fmt.Errorf("rotation: %w", err)
		}
		if err := r.keys.store.replace(ctx); err != nil {
			return err
		}
		if _, err := r.keys.store.rewrap(ctx); err != nil {
			return err
		}
		if err := r.plan(ctx, id); err != nil {
			return err
		}
		return r.jobs.Insert(ctx, rotateArgs{id}, unique)
	})
	if err == nil {
		_, err = r.keys.store.load(ctx, r.keys)
	}
	return id, begun, err
}

var unique = &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}

// Rewrap wraps all data keys under the newest KEK and leaves the data alone. It tells
// how many there are.
func (r *Rotator) Rewrap(ctx context.Context) (n int, err error) {
	err = r.db.InTx(ctx, func(ctx context.Context) error {
		n, err = r.keys.store.rewrap(ctx)
		return err
	})
	return n, err
}

// plan writes down every target, so that progress shows what is still to come.
func (r *Rotator) plan(ctx context.Context, id int) error {
	for _, c := range r.columns {
		s, err := c.sql(ctx, r.db)
		if err != nil {
			return err
		}
		var rows int64
		if err := r.db.Q(ctx).QueryRow(ctx, s.total).Scan(&rows); err != nil {
			return postgres.Fault(fmt.Errorf("size of %s: %w", c.Table, err))
		}
		if err := r.note(ctx, id, c.Target(), rows); err != nil {
			return err
		}
	}
	return r.note(ctx, id, filesTarget, 0)
}

func (r *Rotator) note(ctx context.Context, id int, target string, rows int64) error {
	_, err := r.db.Q(ctx).Exec(ctx, `INSERT INTO keys.progress (rotation, target, place, rows, changed, dirty, done)
		VALUES ($1, $2, '{}', $3, 0, 0, false) ON CONFLICT DO NOTHING`, id, target, rows)
	return postgres.Fault(err)
}

// Finish works a rotation to its end in this process and tells of each step; several
// processes may work at once.
func (r *Rotator) Finish(ctx context.Context, id int, tell func(Rotation)) error {
	for {
		wait, err := r.work(ctx, id, tell)
		if err != nil || wait == 0 {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// work goes through the targets. It returns how long to wait before it makes sense to
// go on; 0 when the rotation is over.
func (r *Rotator) work(ctx context.Context, id int, tell func(Rotation)) (wait time.Duration, err error) {
	// A process that has not heard of the new keys would take them for the old ones.
	if _, err := r.keys.store.load(ctx, r.keys); err != nil {
		return 0, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		state, err := r.Rotation(ctx, id)
		if err != nil || state.FinishedAt != nil {
			return 0, err
		}
		if tell != nil {
			tell(*state)
		}
		next := slices.IndexFunc(state.Targets, func(t Target) bool { return !t.Done })
		if next < 0 {
			wait, over, err := r.closePass(ctx, state)
			if err != nil || over || wait > 0 {
				if over && tell != nil {
					if state, err := r.Rotation(ctx, id); err == nil {
						tell(*state)
					}
				}
				return wait, err
			}
			continue
		}
		if target := state.Targets[next].Name; target == filesTarget {
			err = r.sealFiles(ctx, id)
		} else {
			err = r.sealColumn(ctx, id, target)
		}
		if err != nil {
			return 0, fmt.Errorf("rotation %d, %s: %w", id, state.Targets[next].Name, err)
		}
	}
}

// closePass ends a rotation after a pass that found nothing and began when nobody could
// seal under the old keys any more; else it begins another pass.
func (r *Rotator) closePass(ctx context.Context, state *Rotation) (wait time.Duration, over bool, err error) {
	dirty := int64(0)
	for _, t := range state.Targets {
		dirty += t.dirty
	}
	if dirty == 0 && state.passSettled {
		return 0, true, r.end(ctx, state.ID)
	}
	if left := r.settle - time.Since(state.StartedAt); left > 0 {
		return left, false, nil
	}
	err = r.db.InTx(ctx, func(ctx context.Context) error {
		tag, err := r.db.Q(ctx).Exec(ctx, `UPDATE keys.rotations SET pass = pass + 1, pass_at = now() WHERE id = $1 AND pass = $2`, state.ID, state.Pass)
		if err != nil || tag.RowsAffected() == 0 { // another worker was faster
			return postgres.Fault(err)
		}
		_, err = r.db.Q(ctx).Exec(ctx, `UPDATE keys.progress SET place = '{}', dirty = 0, done = false WHERE rotation = $1`, state.ID)
		return postgres.Fault(err)
	})
	return 0, false, err
}

// end retires the old keys: they open what may still turn up (a restored backup), seal
// nothing, and nothing lies under them.
func (r *Rotator) end(ctx context.Context, id int) error {
	return r.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := r.db.Q(ctx).Exec(ctx, `UPDATE keys.data_keys SET state = 'retired', retired_at = now() WHERE state = 'retiring'`); err != nil {
			return fmt.Errorf("retire data keys: %w", err)
		}
		_, err := r.db.Q(ctx).Exec(ctx, `UPDATE keys.rotations SET finished_at = now() WHERE id = $1 AND finished_at IS NULL`, id)
		return postgres.Fault(err)
	})
}

// lockTarget takes the note of a target for this transaction; two workers take turns.
func (r *Rotator) lockTarget(ctx context.Context, id int, target string) (place []string, done bool, err error) {
	err = r.db.Q(ctx).QueryRow(ctx, `SELECT place, done FROM keys.progress WHERE rotation = $1 AND target = $2 FOR UPDATE`, id, target).Scan(&place, &done)
	if err != nil {
		return nil, false, postgres.Fault(fmt.Errorf("progress: %w", err))
	}
	return place, done, nil
}

func (r *Rotator) advance(ctx context.Context, id int, target string, place []string, changed int, done bool) error {
	if place == nil {
		place = []string{}
	}
	_, err := r.db.Q(ctx).Exec(ctx, `UPDATE keys.progress SET place = $3, changed = changed + $4, dirty = dirty + $4, done = $5
		WHERE rotation = $1 AND target = $2`, id, target, place, changed, done)
	return postgres.Fault(err)
}

// sealColumn does one batch of a column.
func (r *Rotator) sealColumn(ctx context.Context, id int, target string) error {
	i := slices.IndexFunc(r.columns, func(c Column) bool { return c.Target() == target })
	if i < 0 {
		return r.advance(ctx, id, target, nil, 0, true) // of an older program, which had the column
	}
	s, err := r.columns[i].sql(ctx, r.db)
	if err != nil {
		return err
	}
	return r.db.InTx(ctx, func(ctx context.Context) error {
		place, done, err := r.lockTarget(ctx, id, target)
		if err != nil || done {
			return err
		}
		sql, args := s.page(r.heads(), r.batch, place)
		rows, err := r.db.Q(ctx).Query(ctx, sql, args...)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[staleRow])
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		b := &pgx.Batch{}
		for _, f := range found {
			if err := r.queue(b, &s, f); err != nil {
				return err
			}
		}
		if len(found) > 0 {
			if err := r.db.Send(ctx, b); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			place = found[len(found)-1].Key
		}
		return r.advance(ctx, id, target, place, len(found), len(found) < r.batch)
	})
}

type staleRow struct {
	Key    []string
	Org    string
	Sealed []byte
	Plain  string
}

// queue seals a value again, on the condition that nobody has changed it meanwhile: who
// did has sealed it under a key in force, or it comes up in the next pass.
func (r *Rotator) queue(b *pgx.Batch, s *columnSQL, f staleRow) error {
	context := s.Context(f.Key)
	key := make([]any, len(f.Key))
	for i, k := range f.Key {
		key[i] = k
	}
	if f.Plain != "" {
		b.Queue(s.move, append([]any{r.keys.SealFor(f.Org, []byte(f.Plain), context), f.Plain}, key...)...)
		return nil
	}
	plain, err := r.keys.Open(f.Sealed, context)
	if err != nil && s.Before != nil {
		plain, err = r.keys.Open(f.Sealed, s.Before(f.Key))
	}
	if err != nil {
		return fmt.Errorf("a value of row %v does not open: %w", f.Key, err)
	}
	b.Queue(s.swap, append([]any{r.keys.SealFor(f.Org, plain, context), f.Sealed}, key...)...)
	return nil
}

// heads are the beginnings of envelopes under keys in force.
func (r *Rotator) heads() [][]byte {
	ring := r.keys.now.Load()
	out := make([][]byte, 0, len(ring.active))
	for _, k := range ring.active {
		out = append(out, k.head[:])
	}
	return out
}

// sealFiles seals a handful of files that lie in plain.
func (r *Rotator) sealFiles(ctx context.Context, id int) error {
	if r.files == nil {
		return r.advance(ctx, id, filesTarget, nil, 0, true)
	}
	place, done, err := r.lockTarget(ctx, id, filesTarget)
	if err != nil || done {
		return err
	}
	after := ""
	if len(place) > 0 {
		after = place[0]
	}
	last, changed, err := r.files.sealOld(ctx, after, 100)
	if err != nil {
		return err
	}
	return r.advance(ctx, id, filesTarget, []string{last}, changed, last == "")
}
