package intake

import (
	"context"
	"fmt"
	"time"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

// viewed leaves the evidence that an officer opened a case: once an hour, however often
// his page reads it again (个人信息保护法 Art 54, 55).
func (s *Service) viewed(ctx context.Context, who *actor.Actor, r *record) error {
	if who.StaffID == "" {
		return nil
	}
	hour := s.now().Truncate(time.Hour)
	key := r.CaseNo + who.StaffID
	if at, ok := s.views.Load(key); ok && at == hour {
		return nil
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		tag, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO intake.case_views (case_no, staff_id, hour) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, r.CaseNo, who.StaffID, hour)
		if err != nil {
			return postgres.Fault(fmt.Errorf("note the view: %w", err))
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.Audit.Record(ctx, audit.Entry{
			Action: "intake.view", ObjectKind: "case", ObjectID: r.CaseNo, OrgPath: r.OrgPath, Region: r.Region, Subject: r.ApplicantID, Ground: "在工作台查看办件",
		})
	})
	if err == nil {
		s.views.Store(key, hour)
	}
	return err
}

// sweepViews forgets the views of past days; the evidence stays.
func (s *Service) sweepViews(ctx context.Context) error {
	s.views.Clear()
	_, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM intake.case_views WHERE hour < $1`, s.now().Add(-24*time.Hour))
	return postgres.Fault(err)
}
