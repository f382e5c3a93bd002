package licence

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/notify"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/postgres"
)

var (
	errReason = fault.New(fault.Invalid, "licence.reason-missing", "请写明理由和依据（5 到 500 字），持证人和核验的人都会看到。").
			WithFields(fault.Field{Path: "/reason", Message: "请写明理由和依据，5 到 500 字。"})
	errStatus = fault.New(fault.Invalid, "licence.bad-status", "请选择撤销、吊销或注销中的一种。").
			WithFields(fault.Field{Path: "/status", Message: "请选择撤销、吊销或注销。"})
	errEnded = fault.New(fault.Conflict, "licence.ended", "这张证照已经被撤销、吊销或注销，不能再次处理。")
)

// Revoke ends a licence: 撤销 (Art 69), 吊销 (a penalty) or 注销 (Art 70), with the
// reason. It holds from this instant for everybody who verifies, and cannot be
// undone: a mistake is mended by a new licence.
func (s *Service) Revoke(ctx context.Context, id string, to Status, reason string) (Licence, error) {
	var out Licence
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		l, found, err := s.one(ctx, `id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if !found {
			return errNotFound
		}
		who := actor.From(ctx)
		if err := who.Require(ActionRevoke, l.place()); err != nil {
			return err
		}
		reason = strings.TrimSpace(reason)
		if to == "" {
			to = Revoked
		}
		if !to.final() {
			return errStatus
		}
		if n := utf8.RuneCountInString(reason); n < 5 || n > 500 {
			return errReason
		}
		if l.Status != Valid {
			return errEnded.WithCurrent(map[string]any{"status": l.Status, "status_text": l.StatusText, "at": l.StatusAt, "version": l.Version})
		}
		before := l.Status
		l.Status, l.StatusText, l.StatusReason, l.StatusAt = to, to.Text(), reason, s.Clock.Now()
		l.Version++
		if _, err := s.DB.Q(ctx).Exec(ctx, `UPDATE licence.licences SET status = $2, status_reason = $3, status_at = $4, status_by = $5, version = $6
			WHERE id = $1 AND version = $6 - 1`, l.ID, l.Status, l.StatusReason, l.StatusAt, who.Name, l.Version); err != nil {
			return postgres.Fault(fmt.Errorf("revoke licence %s: %w", l.ID, err))
		}
		// A code that was shown a minute ago answers with the new status, too: it
		// only names the licence.
		if err := s.Audit.Record(ctx, audit.Entry{
			Action: "licence.revoke", ObjectKind: "licence", ObjectID: l.Identifier, Subject: l.HolderApplicantID, Ground: reason,
			Before: statusJSON(before), After: statusJSON(to), OrgPath: l.IssuerPath, Region: l.Region,
		}); err != nil {
			return err
		}
		out = l
		if err := s.tellHolder(ctx, &l); err != nil {
			return err
		}
		return s.Bus.Publish(ctx, events.New(Stopped, l.ID, changed(&l), l.StatusAt))
	})
	return out, err
}

// tellHolder lets everybody who acts for the holder know that the licence ended and
// why (行政许可法 Art 69, 70; the reason is owed to whom it concerns).
func (s *Service) tellHolder(ctx context.Context, l *Licence) error {
	accounts, err := s.Holders.AccountsOf(ctx, l.HolderApplicantID)
	if err != nil {
		return fmt.Errorf("holder of licence %s: %w", l.ID, err)
	}
	for _, account := range accounts {
		err := s.Notices.Send(ctx, notify.Message{
			AccountID: account, Kind: "licence", Link: "/my/licences/" + l.ID, DedupKey: "licence:" + l.ID + ":" + string(l.Status),
			Title: "您的" + l.Title + l.StatusText,
			Body:  l.IssuerName + "于" + l.StatusAt.In(clock.Shanghai).Format("2006年1月2日") + "作出处理，理由：" + l.StatusReason,
		})
		if err != nil {
			return fmt.Errorf("tell the holder of licence %s: %w", l.ID, err)
		}
	}
	return nil
}

func statusJSON(s Status) []byte {
	raw, _ := json.Marshal(map[string]Status{"status": s})
	return raw
}
