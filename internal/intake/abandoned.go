package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// draftKept is how long a draft that nobody touches is kept: personal data that serves
// no purpose any more must go (个人信息保护法 Art 19, 47).
const draftKept = 180 * 24 * time.Hour

// DropAbandoned deletes old drafts with their files, and files of supplement replies
// that never came. It returns how many files went.
func (s *Service) DropAbandoned(ctx context.Context) (int, error) {
	before := s.now().Add(-draftKept)
	var keys []string
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		rows, err := s.DB.Q(ctx).Query(ctx, `WITH old AS (DELETE FROM intake.drafts WHERE updated_at < $1 RETURNING id)
			DELETE FROM intake.uploads WHERE draft_id IN (SELECT id FROM old) OR (case_no IS NOT NULL AND created_at < $1)
			RETURNING blob_key`, before)
		if err != nil {
			return fmt.Errorf("drop abandoned drafts: %w", err)
		}
		keys, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		return 0, postgres.Fault(err)
	}
	for _, k := range keys {
		s.dropBlob(ctx, k)
	}
	return len(keys), nil
}
