package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

var itemColumns = strings.Fields(`id source source_code name task_code catalog_code task_type
	project_type use_level status complete org_id org_code org_name org_path region region_name audience themes summary
	statutory statutory_unit promised promised_unit visits online weight tokens content_hash created_at updated_at`)

func itemValues(source string, d *draft, hash []byte, now time.Time) []any {
	it := d.item
	return []any{
		it.ID, source, d.code, it.Name, it.TaskCode, it.CatalogCode, it.TaskType,
		string(it.ProjectType), it.UseLevel, string(it.Status), it.Complete, it.OrgID, it.OrgCode, it.OrgName, it.OrgPath, it.Region, it.RegionName, it.Audience, it.Themes, it.Summary,
		it.StatutoryLimit.Value, string(it.StatutoryLimit.Unit), it.PromisedLimit.Value, string(it.PromisedLimit.Unit), it.Visits, it.Online, weigh(it), tokensOf(it), hash, now, now,
	}
}

// kept are the columns that an import never overwrites: identity, and what the
// city's own staff decided since.
var kept = map[string]bool{"id": true, "source": true, "source_code": true, "status": true, "created_at": true}

// flush compares the rows with what is stored, and writes what differs.
func (im *importing) flush(ctx context.Context) error {
	drafts := im.drafts
	im.drafts = im.drafts[:0]
	codes := make([]string, 0, len(drafts))
	for i := range drafts {
		if drafts[i].refused == nil {
			codes = append(codes, drafts[i].code)
		}
	}
	stored, err := im.hashes(ctx, codes)
	if err != nil {
		return err
	}
	now := im.s.Clock.Now()
	later := &pgx.Batch{}
	var items, details [][]any
	for i := range drafts {
		d := &drafts[i]
		if d.refused != nil {
			im.rep.Quarantined++
			setAside(later, im.source, d, now)
			continue
		}
		hash, err := contentHash(d.item, d.original)
		if err != nil {
			return err
		}
		old, exists := stored[d.code]
		switch {
		case !exists:
			im.rep.Added++
			items = append(items, itemValues(im.source, d, hash, now))
			details = append(details, []any{d.item.ID, guideOf(d.item), d.original})
		case bytes.Equal(old, hash):
			im.rep.Same++
		default:
			im.rep.Changed++
			im.update(later, d, hash, now)
		}
	}
	q := im.s.DB.Q(ctx)
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"catalog", "item"}, itemColumns, pgx.CopyFromRows(items)); err != nil {
		return fmt.Errorf("write items: %w", err)
	}
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"catalog", "detail"}, []string{"item_id", "guide", "original"}, pgx.CopyFromRows(details)); err != nil {
		return fmt.Errorf("write guides: %w", err)
	}
	if len(codes) > 0 {
		// A row that fits now is no longer set aside.
		later.Queue(`DELETE FROM catalog.quarantine WHERE source = $1 AND source_code = ANY($2)`, im.source, codes)
	}
	return im.s.DB.Send(ctx, later)
}

func (im *importing) hashes(ctx context.Context, codes []string) (map[string][]byte, error) {
	rows, err := im.s.DB.Q(ctx).Query(ctx, `
		SELECT source_code, content_hash FROM catalog.item WHERE source = $1 AND source_code = ANY($2)`, im.source, codes)
	if err != nil {
		return nil, fmt.Errorf("compare with stored items: %w", err)
	}
	out := make(map[string][]byte, len(codes))
	var code string
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&code, &hash}, func() error {
		out[code] = bytes.Clone(hash)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare with stored items: %w", err)
	}
	return out, nil
}

func (im *importing) update(b *pgx.Batch, d *draft, hash []byte, now time.Time) {
	values := itemValues(im.source, d, hash, now)
	set := []string{"version = version + 1"}
	args := []any{d.item.ID}
	for i, column := range itemColumns {
		if !kept[column] {
			args = append(args, values[i])
			set = append(set, fmt.Sprintf("%s = $%d", column, len(args)))
		}
	}
	b.Queue(`UPDATE catalog.item SET `+strings.Join(set, ", ")+` WHERE id = $1`, args...)
	b.Queue(`UPDATE catalog.detail SET guide = $2, original = $3 WHERE item_id = $1`, d.item.ID, guideOf(d.item), d.original)
}

// guideOf is the item as stored; its row knows the status, which changes more often.
func guideOf(it *Item) json.RawMessage {
	raw, err := json.Marshal(it)
	if err != nil {
		panic("catalog: items are plain data: " + err.Error())
	}
	return raw
}

func setAside(b *pgx.Batch, source string, d *draft, now time.Time) {
	b.Queue(`INSERT INTO catalog.quarantine (source, source_code, line, name, reason, message, original, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (source, source_code) DO UPDATE
		SET line = EXCLUDED.line, name = EXCLUDED.name, reason = EXCLUDED.reason, message = EXCLUDED.message,
			original = EXCLUDED.original, seen_at = EXCLUDED.seen_at
		WHERE (quarantine.reason, quarantine.original) IS DISTINCT FROM (EXCLUDED.reason, EXCLUDED.original)`,
		source, d.code, d.line, d.name, d.refused.reason, d.refused.message, d.original, now)
}
