package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/fault"
)

// Erase takes fields of an entry out for good, where the law demands it
// (个人信息保护法 Art 47). Their digests stay, so the entry remains provable; the erasing
// is an entry of its own. It runs in the transaction of ctx, and only as the system:
// whoever asks for it has been judged by a use case of its own.
func (s *Service) Erase(ctx context.Context, entryID, ground string, fields ...string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+recordColumns+` FROM audit.entries e WHERE e.id = $1 FOR UPDATE`, entryID)
		if err != nil {
			return fmt.Errorf("read the entry: %w", err)
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*ledger.Record, error) { return scanRecord(row) })
		if err != nil {
			return fmt.Errorf("read the entry: %w", err)
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "audit.entry-not-found", "没有找到这条操作记录。")
		}
		r := found[0]
		if err := r.Erase(fields...); err != nil {
			return err
		}
		set := `salt = NULL, salts = $2, erased = $3`
		for _, f := range fields {
			if f == "before" || f == "after" {
				set += ", " + pgx.Identifier{f}.Sanitize() + " = NULL"
			} else {
				set += ", " + pgx.Identifier{f}.Sanitize() + " = ''"
			}
		}
		b := &pgx.Batch{}
		b.Queue(`SELECT set_config('audit.erasing', 'on', true)`)
		b.Queue(`UPDATE audit.entries SET `+set+` WHERE id = $1`, entryID, r.Salts, r.Erased)
		b.Queue(`SELECT set_config('audit.erasing', '', true)`)
		if err := s.DB.Send(ctx, b); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		return s.Record(ctx, Entry{Action: "audit.erase", ObjectKind: "entry", ObjectID: entryID, Ground: ground})
	})
}
