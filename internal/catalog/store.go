package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/workday"
	"onedoor/internal/platform/postgres"
)

// namespace makes item ids from sources: the same item has the same address on
// every machine and after every import.
var namespace = uuid.MustParse("6f6e6564-6f6f-5272-8361-74616c6f6701")

// ItemID is the id of the item that a source calls sourceCode.
func ItemID(source, sourceCode string) string {
	return uuid.NewSHA1(namespace, []byte(source+"\x00"+sourceCode)).String()
}

func validID(id string) bool { return len(id) == 36 && uuid.Validate(id) == nil }

// ItemByID is the item with its whole guide. It is shared: read it only.
func (s *Service) ItemByID(ctx context.Context, id string) (*Item, error) {
	if !validID(id) {
		return nil, ErrNotFound
	}
	if it, ok := s.cache.get(id); ok {
		return it, nil
	}
	ticket := s.cache.ticket()
	found, err := s.read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	// Inside a transaction the row read may never be committed.
	if _, inTx := postgres.Tx(ctx); !inTx {
		s.cache.put(found[0], ticket)
	}
	return found[0], nil
}

// ItemByCode is the item that a source calls sourceCode.
func (s *Service) ItemByCode(ctx context.Context, source, sourceCode string) (*Item, error) {
	return s.ItemByID(ctx, ItemID(source, sourceCode))
}

// ItemsByIDs are the items found, by id; unknown ids are left out.
func (s *Service) ItemsByIDs(ctx context.Context, ids []string) (map[string]*Item, error) {
	out := make(map[string]*Item, len(ids))
	var missing []string
	for _, id := range ids {
		if it, ok := s.cache.get(id); ok {
			out[id] = it
		} else if validID(id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	ticket := s.cache.ticket()
	found, err := s.read(ctx, missing)
	if err != nil {
		return nil, err
	}
	_, inTx := postgres.Tx(ctx)
	for _, it := range found {
		out[it.ID] = it
		if !inTx {
			s.cache.put(it, ticket)
		}
	}
	return out, nil
}

func (s *Service) read(ctx context.Context, ids []string) ([]*Item, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `
		SELECT i.id, i.status, i.status_reason, i.version, d.guide
		FROM catalog.item i JOIN catalog.detail d ON d.item_id = i.id WHERE i.id = ANY($1)`, ids)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read items: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Item, error) {
		var it Item
		var id, reason string
		var status Status
		var version int
		if err := row.Scan(&id, &status, &reason, &version, &it); err != nil {
			return nil, err
		}
		// The row, not the guide, knows what changes with each suspension.
		it.ID, it.Status, it.StatusReason, it.Version = id, status, reason, version
		return &it, nil
	})
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read items: %w", err))
	}
	return list, nil
}

// SourceRow is the row as the source wrote it, as JSON.
func (s *Service) SourceRow(ctx context.Context, id string) (json.RawMessage, error) {
	if !validID(id) {
		return nil, ErrNotFound
	}
	var raw json.RawMessage
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT original FROM catalog.detail WHERE item_id = $1`, id).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read source row: %w", err))
	}
	return raw, nil
}

// readingVersion counts changes of how rows are read and indexed: a new one
// makes the next import renew every row.
const readingVersion = 1

// contentHash tells whether a row, or the way it is read, has changed.
func contentHash(it *Item, original json.RawMessage) ([]byte, error) {
	guide, err := json.Marshal(it)
	if err != nil {
		return nil, fmt.Errorf("item as JSON: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d\n", readingVersion)
	h.Write(guide)
	h.Write(original)
	return h.Sum(nil), nil
}

// weigh orders lists: what can be applied for with its own form first, then what
// says more of itself, then short names, which are the general ones.
func weigh(it *Item) int {
	w := 100 - min(len([]rune(it.Name)), 60)
	if it.Complete {
		w += 700
	}
	if len(it.Materials) > 0 {
		w += 40
	}
	if it.PromisedLimit.Unit != "" {
		w += 20
	}
	if it.UseLevel == 3 {
		w += 10
	}
	return w
}

// StatutoryText is the statutory limit for a guide.
func (it *Item) StatutoryText() string { return limitText(it.StatutoryLimit) }

// PromiseText is the promised limit for a guide.
func (it *Item) PromiseText() string { return limitText(it.PromisedLimit) }

func limitText(l workday.Limit) string {
	if l.Unit == "" {
		return "未作规定"
	}
	return l.String()
}
