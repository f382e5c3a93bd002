package directory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

func (s *Service) allOrgs(ctx context.Context) ([]Org, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id, code, uscc, name, short_name, kind, level, region,
			coalesce(parent_id::text, '') AS parent_id, path, phone, address, general_counter, position
		FROM directory.orgs ORDER BY position, code`)
	if err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Org])
	if err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	return out, nil
}

// putRegions copies the rows in and merges them: a name that changed is taken
// over, a code that is no longer in the file stays, because cases name it.
func (s *Service) putRegions(ctx context.Context, regions []Region) error {
	q := s.DB.Q(ctx)
	if _, err := q.Exec(ctx, `CREATE TEMP TABLE incoming_regions (LIKE directory.regions) ON COMMIT DROP`); err != nil {
		return fmt.Errorf("stage regions: %w", err)
	}
	_, err := q.CopyFrom(ctx, pgx.Identifier{"incoming_regions"}, []string{"code", "name", "level", "parent"},
		pgx.CopyFromSlice(len(regions), func(i int) ([]any, error) {
			r := regions[i]
			return []any{r.Code, r.Name, r.Level, r.Parent}, nil
		}))
	if err != nil {
		return fmt.Errorf("copy regions: %w", err)
	}
	_, err = q.Exec(ctx, `INSERT INTO directory.regions (code, name, level, parent)
		SELECT code, name, level, parent FROM incoming_regions
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent`)
	if err != nil {
		return fmt.Errorf("merge regions: %w", err)
	}
	return nil
}

// putOrgs inserts or updates by code; an organisation keeps its id for ever. A
// parent comes before its children.
func (s *Service) putOrgs(ctx context.Context, orgs []Org) error {
	b := &pgx.Batch{}
	for _, o := range orgs {
		b.Queue(`INSERT INTO directory.orgs (id, code, uscc, name, short_name, kind, level, region, parent_id,
				path, phone, address, general_counter, position)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, '')::uuid, $10, $11, $12, $13, $14)
			ON CONFLICT (code) DO UPDATE SET uscc = excluded.uscc, name = excluded.name,
				short_name = excluded.short_name, kind = excluded.kind, level = excluded.level,
				region = excluded.region, parent_id = excluded.parent_id, path = excluded.path,
				phone = excluded.phone, address = excluded.address,
				general_counter = excluded.general_counter, position = excluded.position`,
			o.ID, o.Code, o.USCC, o.Name, o.ShortName, o.Kind, o.Level, o.Region, o.ParentID,
			o.Path, o.Phone, o.Address, o.GeneralCounter, o.Position)
	}
	return s.DB.Send(ctx, b)
}

// putStaff inserts or updates officials, their posts, and who holds which. A post
// that somebody no longer has in the list is taken from them.
func (s *Service) putStaff(ctx context.Context, staff []seedStaff) error {
	b := &pgx.Batch{}
	for _, p := range staff {
		b.Queue(`INSERT INTO directory.staff (id, code, name, org_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (code) DO UPDATE SET name = excluded.name, org_id = excluded.org_id`,
			p.ID, p.Code, p.Name, p.OrgID)
		codes := make([]string, 0, len(p.posts))
		for i, post := range p.posts {
			codes = append(codes, post.Code)
			b.Queue(`INSERT INTO directory.posts (id, code, name, org_id, roles) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (code) DO UPDATE SET name = excluded.name, org_id = excluded.org_id, roles = excluded.roles`,
				post.ID, post.Code, post.Name, post.OrgID, post.Roles)
			b.Queue(`INSERT INTO directory.staff_posts (staff_id, post_id, position)
				SELECT s.id, p.id, $3 FROM directory.staff s, directory.posts p WHERE s.code = $1 AND p.code = $2
				ON CONFLICT (staff_id, post_id) DO UPDATE SET position = excluded.position`, p.Code, post.Code, i)
		}
		b.Queue(`DELETE FROM directory.staff_posts sp USING directory.staff s, directory.posts p
			WHERE sp.staff_id = s.id AND sp.post_id = p.id AND s.code = $1 AND NOT p.code = ANY($2)`, p.Code, codes)
	}
	return s.DB.Send(ctx, b)
}
