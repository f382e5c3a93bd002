package seal

import (
	"context"

	"onedoor/internal/kernel/fault"
)

// Suspend takes a seal out of use (停用).
func (s *Service) Suspend(ctx context.Context, orgID, reason string) error {
	return s.move(ctx, orgID, []Status{Active}, Suspended, "suspended", reason)
}

// Resume brings a suspended seal back into use.
func (s *Service) Resume(ctx context.Context, orgID, reason string) error {
	return s.move(ctx, orgID, []Status{Suspended}, Active, "resumed", reason)
}

// Cancel ends a seal for good (注销) and revokes its certificate. What it signed
// before stays valid.
func (s *Service) Cancel(ctx context.Context, orgID, reason string) error {
	return s.move(ctx, orgID, []Status{Active, Suspended}, Cancelled, "cancelled", reason)
}

func (s *Service) move(ctx context.Context, orgID string, from []Status, to Status, action, reason string) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		row, err := s.newest(ctx, orgID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		ok, err := s.setStatus(ctx, row.ID, from, to, now)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "seal.state", "电子印章的状态已变，请刷新后再办。").WithCurrent(row.Seal)
		}
		return s.record(ctx, row.ID, action, reason, now)
	})
}
