package audit

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
)

// Export writes the whole log as one file that `onedoor verify log` checks anywhere.
func (s *Service) Export(ctx context.Context, w io.Writer) error {
	if err := s.Number(ctx); err != nil {
		return err
	}
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return err
	}
	return s.snapshot(ctx, func(src ledger.Source) error {
		d := src.(stored) //nolint:forcetypeassert // snapshot makes it
		return ledger.Export(w, d, keys, func(yield func(ledger.TileKey, []byte) error) error {
			var k ledger.TileKey
			var data []byte
			return d.each(`SELECT level::int, n, data FROM audit.tiles`, []any{&k.Level, &k.N, &data}, func() error { return yield(k, data) })
		}, func(yield func(int64, []byte) error) error {
			var size int64
			var raw []byte
			return d.each(`SELECT size, stamp FROM audit.checkpoints WHERE stamp IS NOT NULL`, []any{&size, &raw}, func() error { return yield(size, raw) })
		})
	})
}

func (d stored) each(sql string, targets []any, yield func() error) error {
	rows, err := d.tx.Query(d.ctx, sql)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, targets, yield)
	return err
}
