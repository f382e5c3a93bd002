package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
)

// stored is the log in the database as the ledger checks it, in one snapshot.
type stored struct {
	ctx context.Context
	tx  pgx.Tx
}

// Rows gives every entry with its number.
func (d stored) Rows(yield func(int64, *ledger.Record) error) error {
	rows, err := d.tx.Query(d.ctx, `SELECT coalesce(l.seq, -1), `+recordColumns+` FROM audit.entries e LEFT JOIN audit.leaves l ON l.entry_id = e.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		r, err := scanRecord(rows, &seq)
		if err != nil {
			return err
		}
		if err := yield(seq, r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Tile gives a tile of the stored tree.
func (d stored) Tile(k ledger.TileKey) ([]byte, error) {
	var data []byte
	err := d.tx.QueryRow(d.ctx, `SELECT data FROM audit.tiles WHERE level = $1 AND n = $2`, k.Level, k.N).Scan(&data)
	return data, err
}

// Notes are all signed checkpoints.
func (d stored) Notes() ([]string, error) {
	rows, err := d.tx.Query(d.ctx, `SELECT note FROM audit.checkpoints ORDER BY size`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Stamp is the time stamp of a checkpoint, nil for none.
func (d stored) Stamp(size int64) ([]byte, error) {
	var raw []byte
	err := d.tx.QueryRow(d.ctx, `SELECT stamp FROM audit.checkpoints WHERE size = $1`, size).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return raw, err
}

// snapshot lets f see the log as it was at one moment.
func (s *Service) snapshot(ctx context.Context, f func(ledger.Source) error) error {
	err := pgx.BeginTxFunc(ctx, s.DB.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return f(stored{ctx, tx})
	})
	return postgres.Fault(err)
}

// Check looks through the whole log for what was altered, removed or slipped in.
func (s *Service) Check(ctx context.Context) (*ledger.Report, error) {
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return nil, err
	}
	var report *ledger.Report
	err = s.snapshot(ctx, func(src ledger.Source) (err error) {
		report, err = ledger.Check(src, ledger.Options{Keys: keys, Roots: s.Stamps.Roots})
		return err
	})
	return report, err
}

// checkArgs is the nightly look through the log.
type checkArgs struct{}

// Kind names the job.
func (checkArgs) Kind() string { return "audit_check" }

type checkWorker struct {
	river.WorkerDefaults[checkArgs]
	s *Service
}

// Timeout lets a province's log be looked through.
func (checkWorker) Timeout(*river.Job[checkArgs]) time.Duration { return 2 * time.Hour }

// Work checks and keeps what was found.
func (w checkWorker) Work(ctx context.Context, _ *river.Job[checkArgs]) error {
	if err := w.s.Number(ctx); err != nil {
		return err
	}
	return w.s.checkAndKeep(ctx)
}

func (s *Service) checkAndKeep(ctx context.Context) error {
	report, err := s.Check(ctx)
	if errors.Is(err, ledger.ErrEmpty) {
		return nil
	}
	if err != nil {
		return err
	}
	if !report.Valid() {
		s.Log.ErrorContext(ctx, "the evidence log was tampered with", "problems", len(report.Problems), "first", report.Problems[0].Text)
	}
	problems, err := json.Marshal(report.Problems)
	if err != nil {
		return fmt.Errorf("keep the check: %w", err)
	}
	_, err = s.DB.Q(ctx).Exec(ctx, `INSERT INTO audit.checks (id, at, size, problems) VALUES ($1, $2, $3, $4)`,
		postgres.NewID(), s.Clock.Now(), report.Size, problems)
	if err != nil {
		return fmt.Errorf("keep the check: %w", err)
	}
	return nil
}

func (s *Service) registerJobs() {
	jobs.Add(s.Jobs, checkWorker{s: s})
	s.Jobs.Periodic("audit.check", jobs.Daily(3, 30), checkArgs{})
}
