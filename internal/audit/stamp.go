package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
)

// stampUntil has the newest checkpoint dated by the authority again and again. It stands
// beside everything: an authority that is down is asked again, and nothing waits for it.
func (s *Service) stampUntil(ctx context.Context) {
	every := s.Stamps.Every
	if every == 0 {
		every = time.Hour
	}
	for ctx.Err() == nil {
		wait := every
		if err := s.Stamp(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "no time stamp", "error", err)
			wait = min(every, time.Minute)
		}
		pause(ctx, wait)
	}
}

// Stamp has the newest checkpoint dated, unless it is.
func (s *Service) Stamp(ctx context.Context) error {
	var size int64
	var text string
	var done bool
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT size, note, stamp IS NOT NULL FROM audit.checkpoints ORDER BY size DESC LIMIT 1`).Scan(&size, &text, &done)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && done {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the newest checkpoint: %w", err)
	}
	raw, err := ledger.RequestStamp(ctx, s.Stamps.Client, s.Stamps.URL, []byte(text))
	if err != nil {
		return err
	}
	if s.Stamps.Roots != nil {
		if _, err := s.Stamps.Roots.Verify(raw, []byte(text)); err != nil {
			return fmt.Errorf("the time stamp is not from the authority that is trusted: %w", err)
		}
	}
	if _, err := s.DB.Q(ctx).Exec(ctx, `UPDATE audit.checkpoints SET stamp = $2, stamped_at = $3 WHERE size = $1`, size, raw, s.Clock.Now()); err != nil {
		return fmt.Errorf("keep the time stamp: %w", err)
	}
	return nil
}
