package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// copyColumns are those of insertEntry.
var copyColumns = strings.Fields(`id at actor_kind account_id staff_id actor_name post_name address action object_kind object_id
	on_behalf subject ground org_path region before after salt leaf`)

// RecordAll writes many entries at once in the transaction of ctx, a third of the cost of
// one by one: for exchanges that pass thousands of records a second.
func (s *Service) RecordAll(ctx context.Context, entries []Entry) error {
	return s.CopyInto(ctx, "entries", entries)
}

// CopyInto is RecordAll into another table of the same columns: the floor of
// `onedoor bench evidence`.
func (s *Service) CopyInto(ctx context.Context, table string, entries []Entry) error {
	_, err := s.DB.Q(ctx).CopyFrom(ctx, pgx.Identifier{"audit", table}, copyColumns, pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
		v := s.values(ctx, entries[i])
		for _, k := range []int{0, 3, 4, 12} { // key, account, official, subject: COPY wants them as bytes
			text, _ := v[k].(string)
			id, err := uuid.Parse(text)
			switch {
			case text == "":
				v[k] = nil
			case err != nil:
				return nil, fmt.Errorf("%s: %w", copyColumns[k], err)
			default:
				v[k] = [16]byte(id)
			}
		}
		return v, nil
	}))
	if err != nil {
		return postgres.Fault(fmt.Errorf("record %d entries: %w", len(entries), err))
	}
	return nil
}

// Numbered is how many entries have their number, and how many of them are signed.
func (s *Service) Numbered(ctx context.Context) (size, signed int64, err error) {
	err = s.DB.Q(ctx).QueryRow(ctx, `SELECT size, coalesce((SELECT max(c.size) FROM audit.checkpoints c), 0) FROM audit.ledger`).Scan(&size, &signed)
	return size, signed, postgres.Fault(err)
}
