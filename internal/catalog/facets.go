package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

// facets are the counts by department, region and theme. They are counted once
// after a change and then served from memory: no page counts rows.
type facets struct {
	orgs   []orgFacet
	themes []themeFacet
}

type orgFacet struct {
	Region     string
	RegionName string
	OrgCode    string
	OrgName    string
	Items      int
}

type themeFacet struct {
	Region string
	Theme  string
	Items  int
}

type facetCache struct{ snapshot[facets] }

func (s *Service) count(ctx context.Context) (*facets, error) {
	return s.facets.get(func() (*facets, error) {
		var f facets
		rows, err := s.DB.Q(ctx).Query(ctx, `
			SELECT region, max(region_name) AS region_name, org_code, max(org_name) AS org_name, count(*)::int AS items
			FROM catalog.item WHERE status = 'published' GROUP BY region, org_code`)
		if err == nil {
			f.orgs, err = pgx.CollectRows(rows, pgx.RowToStructByName[orgFacet])
		}
		if err != nil {
			return nil, postgres.Fault(fmt.Errorf("count items by department: %w", err))
		}
		rows, err = s.DB.Q(ctx).Query(ctx, `
			SELECT region, theme, count(*)::int AS items
			FROM catalog.item, unnest(themes) AS theme WHERE status = 'published' GROUP BY region, theme`)
		if err == nil {
			f.themes, err = pgx.CollectRows(rows, pgx.RowToStructByName[themeFacet])
		}
		if err != nil {
			return nil, postgres.Fault(fmt.Errorf("count items by theme: %w", err))
		}
		return &f, nil
	})
}

// Themes are all national themes in the order of the lists, with the number of
// published items in region ("" for everywhere) and below it.
func (s *Service) Themes(ctx context.Context, region string) ([]ThemeCount, error) {
	f, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, t := range f.themes {
		if region == "" || actor.InRegion(t.Region, region) {
			n[t.Theme] += t.Items
		}
	}
	out := make([]ThemeCount, len(themes))
	for i, t := range themes {
		out[i] = ThemeCount{Code: t.Code, Kind: t.Kind, Name: t.Name, Count: n[t.Code]}
	}
	return out, nil
}

// ThemeName is the name of a theme's code, "" for an unknown one.
func (s *Service) ThemeName(code string) string { return themeNames[code] }

// Departments are those that have published items in region ("" for everywhere)
// and below it, municipal ones first, then by number of items.
func (s *Service) Departments(ctx context.Context, region string) ([]OrgCount, error) {
	f, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*OrgCount{}
	for _, o := range f.orgs {
		if region != "" && !actor.InRegion(o.Region, region) {
			continue
		}
		c := by[o.OrgCode]
		if c == nil {
			c = &OrgCount{Code: o.OrgCode, Name: o.OrgName, Region: o.Region}
			by[o.OrgCode] = c
		}
		c.Count += o.Items
	}
	out := make([]OrgCount, 0, len(by))
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b OrgCount) int {
		if d := strings.Compare(a.Region, b.Region); d != 0 {
			return d
		}
		if d := b.Count - a.Count; d != 0 {
			return d
		}
		return strings.Compare(a.Code, b.Code)
	})
	return out, nil
}

// Regions are those that have published items, with the number in and below each.
func (s *Service) Regions(ctx context.Context) ([]RegionCount, error) {
	f, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*RegionCount{}
	for _, o := range f.orgs {
		if by[o.Region] == nil {
			by[o.Region] = &RegionCount{Code: o.Region, Name: o.RegionName}
		}
	}
	for _, o := range f.orgs {
		for code, c := range by {
			if actor.InRegion(o.Region, code) {
				c.Count += o.Items
			}
		}
	}
	out := make([]RegionCount, 0, len(by))
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b RegionCount) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}
