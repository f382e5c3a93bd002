package audit

import (
	"context"
	"time"
)

// NumberFor is Number with another patience.
func (s *Service) NumberFor(ctx context.Context, wait time.Duration) error {
	return s.numberFor(ctx, wait)
}
