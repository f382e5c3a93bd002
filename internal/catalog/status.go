package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

var (
	errStale = fault.New(fault.Conflict, "catalog.stale-version", "这个事项刚刚被别人修改过，请查看最新内容后再操作。")
	// A suspension without a reason leaves people in front of a closed window.
	errNoReason  = fault.New(fault.Invalid, "catalog.reason-required", "请填写暂停或取消的原因（最多 500 字），申请人会看到。")
	errBadStatus = fault.New(fault.Invalid, "catalog.bad-status", "事项状态只能是在用、暂停或取消。")
)

// SetStatus publishes, suspends or cancels an item, if it still has the version
// that the caller saw. Suspending needs a reason, which the guide shows.
func (s *Service) SetStatus(ctx context.Context, id string, status Status, reason string, version int) (*Item, error) {
	before, err := s.ItemByID(ctx, id)
	if err != nil {
		return nil, err
	}
	who := actor.From(ctx)
	if err := who.Require(Manage, actor.Place{OrgPath: before.OrgPath, Region: before.Region}); err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case status != Published && status != Suspended && status != Cancelled:
		return nil, errBadStatus
	case status == Published:
		reason = ""
	case reason == "" || utf8.RuneCountInString(reason) > 500:
		return nil, errNoReason.WithFields(fault.Field{Path: "/reason", Message: "请填写原因。"})
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var now int
		err := s.DB.Q(ctx).QueryRow(ctx, `
			UPDATE catalog.item SET status = $2, status_reason = $3, version = version + 1, updated_at = $5
			WHERE id = $1 AND version = $4 RETURNING version`, id, string(status), reason, version, s.Clock.Now()).Scan(&now)
		if errors.Is(err, pgx.ErrNoRows) {
			return s.stale(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("set status of item %s: %w", id, err)
		}
		if err := s.record(ctx, id, reason, before, map[string]any{"status": status, "version": now}); err != nil {
			return err
		}
		return s.changed(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return s.ItemByID(ctx, id)
}

func (s *Service) stale(ctx context.Context, id string) error {
	var current struct {
		Status  Status `json:"status"`
		Reason  string `json:"reason"`
		Version int    `json:"version"`
	}
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT status, status_reason, version FROM catalog.item WHERE id = $1`, id).
		Scan(&current.Status, &current.Reason, &current.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return postgres.Fault(fmt.Errorf("read item %s: %w", id, err))
	}
	return errStale.WithCurrent(current)
}

func (s *Service) record(ctx context.Context, id, ground string, before *Item, after any) error {
	if s.Audit == nil {
		return nil
	}
	was, err := json.Marshal(map[string]any{"status": before.Status, "version": before.Version})
	if err != nil {
		return err
	}
	is, err := json.Marshal(after)
	if err != nil {
		return err
	}
	return s.Audit.RecordItem(ctx, string(Manage), id, ground, was, is)
}

// ActionNames are the Chinese names of the module's entries in the evidence log.
var ActionNames = map[string]string{string(Manage): "变更事项状态"}
