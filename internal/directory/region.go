package directory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/region"
)

// Region is one administrative division.
type Region struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Level  int    `json:"level"` // 2 province to 6 village
	Parent string `json:"parent"`
}

var errRegion = fault.New(fault.NotFound, "directory.region-not-found", "没有找到这个行政区划，请重新选择所在地区。")

// Regions lists the divisions right below parent, by code; "" lists the top of
// what is loaded, the city itself.
func (s *Service) Regions(ctx context.Context, parent string) ([]Region, error) {
	if parent == "" {
		return s.regions(ctx, `SELECT code, name, level, parent FROM directory.regions r
			WHERE NOT EXISTS (SELECT 1 FROM directory.regions p WHERE p.code = r.parent) ORDER BY code`)
	}
	if region.Code(parent).Level() == 0 {
		return nil, fault.New(fault.Invalid, "region.bad-code", "行政区划代码应为 12 位数字，请重新选择所在地区。")
	}
	return s.regions(ctx, `SELECT code, name, level, parent FROM directory.regions WHERE parent = $1 ORDER BY code`, parent)
}

// RegionByCode finds one division; directory.region-not-found otherwise.
func (s *Service) RegionByCode(ctx context.Context, code string) (Region, error) {
	rows, err := s.regions(ctx, `SELECT code, name, level, parent FROM directory.regions WHERE code = $1`, code)
	if err != nil {
		return Region{}, err
	}
	if len(rows) == 0 {
		return Region{}, errRegion
	}
	return rows[0], nil
}

// RegionNames gives the names of several codes; unknown ones are left out.
func (s *Service) RegionNames(ctx context.Context, codes []string) (map[string]string, error) {
	rows, err := s.regions(ctx, `SELECT code, name, level, parent FROM directory.regions WHERE code = ANY($1)`, codes)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Code] = r.Name
	}
	return out, nil
}

// RegionFullName is the name from the city down: "随州市曾都区西城街道".
func (s *Service) RegionFullName(ctx context.Context, code string) (string, error) {
	var line []string
	for c := region.Code(code); c != ""; c = c.Parent() {
		line = append(line, string(c))
	}
	names, err := s.RegionNames(ctx, line)
	if err != nil {
		return "", err
	}
	full := ""
	for _, c := range line {
		full = names[c] + full
	}
	if full == "" {
		return "", errRegion
	}
	return full, nil
}

func (s *Service) regions(ctx context.Context, sql string, args ...any) ([]Region, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read regions: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Region])
	if err != nil {
		return nil, fmt.Errorf("read regions: %w", err)
	}
	return out, nil
}
