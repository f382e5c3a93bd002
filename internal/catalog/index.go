package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/catalog/find"
	"onedoor/internal/platform/postgres"
)

// indexCache is this process's index of all items. It is filled at the first search
// and brought up to date before each: what NOTIFY said has changed is read again.
type indexCache struct {
	snapshot[find.Index]
	mu      sync.Mutex
	pending map[string]bool // ids to read again
}

// stale notes that an item has changed; "" and "*" mean all.
func (c *indexCache) stale(id string) {
	if id == "" || id == "*" {
		c.drop()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending == nil {
		c.pending = map[string]bool{}
	}
	c.pending[id] = true
}

func (c *indexCache) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) == 0 {
		return nil
	}
	ids := slices.Collect(maps.Keys(c.pending))
	c.pending = nil
	return ids
}

func (s *Service) findIndex(ctx context.Context) (*find.Index, error) {
	x, err := s.index.get(func() (*find.Index, error) {
		docs, err := s.docs(ctx, nil)
		if err != nil {
			return nil, err
		}
		x := find.New()
		for chunk := range slices.Chunk(docs, 10_000) { // so that terms of all are never held at once
			x.Put(chunk...)
		}
		return x, nil
	})
	if err != nil {
		return nil, err
	}
	ids := s.index.take()
	if len(ids) == 0 {
		return x, nil
	}
	docs, err := s.docs(ctx, ids)
	if err != nil {
		for _, id := range ids {
			s.index.stale(id) // the next search tries again
		}
		return nil, err
	}
	x.Remove(ids...)
	x.Put(docs...)
	return x, nil
}

// docs reads items as the search knows them; all when ids is nil. Cancelled ones are
// not found.
func (s *Service) docs(ctx context.Context, ids []string) ([]find.Doc, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT i.id, i.name, i.org_code, i.org_name, i.region, i.themes, i.audience, i.weight,
			coalesce(d.guide -> 'aliases', '[]'), jsonb_path_query_array(d.guide, '$.materials[*].name'),
			coalesce(d.guide #>> '{licence,title}', ''), coalesce(d.guide ->> 'result_name', '')
		FROM catalog.item i JOIN catalog.detail d ON d.item_id = i.id
		WHERE i.status <> 'cancelled' AND ($1::uuid[] IS NULL OR i.id = ANY($1))`, ids)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read items for the search: %w", err))
	}
	docs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (find.Doc, error) {
		var d find.Doc
		var audience []string
		var aliases, materials json.RawMessage
		var licence, result string
		if err := row.Scan(&d.ID, &d.Name, &d.OrgCode, &d.OrgName, &d.Region, &d.Themes, &audience, &d.Weight, &aliases, &materials, &licence, &result); err != nil {
			return d, err
		}
		if err := json.Unmarshal(aliases, &d.Aliases); err != nil {
			return d, fmt.Errorf("everyday names of %s: %w", d.ID, err)
		}
		if err := json.Unmarshal(materials, &d.Words); err != nil {
			return d, fmt.Errorf("material of %s: %w", d.ID, err)
		}
		d.Words = append(d.Words, licence, result)
		it := Item{Audience: audience}
		d.Person, d.Legal = it.ForPersons(), it.ForLegal()
		return d, nil
	})
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read items for the search: %w", err))
	}
	return docs, nil
}
