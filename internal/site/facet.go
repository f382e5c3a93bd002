package site

import (
	"context"
	"net/http"
	"strings"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
)

// facets are links, so they work without script and each result has an address.
func (s *Service) facets(ctx context.Context, f filter, v *searchView) error {
	regions, err := s.Catalog.Regions(ctx)
	if err != nil {
		return err
	}
	depts, err := s.Catalog.Departments(ctx, f.region)
	if err != nil {
		return err
	}
	bare := f
	bare.cursor = ""

	audience := facet{Name: "办事对象"}
	for _, a := range []struct{ code, name string }{{"", "全部"}, {"person", "个人"}, {"legal", "企业和单位"}} {
		to := bare
		to.audience = a.code
		audience.Options = append(audience.Options, option{link{Name: a.name, Href: to.href()}, f.audience == a.code})
		if a.code != "" && a.code == f.audience {
			v.drop(a.name, bare, func(x *filter) { x.audience = "" })
		}
	}
	region := facet{Name: "地区"}
	all := bare
	all.region, all.dept = "", ""
	region.Options = append(region.Options, option{link{Name: "全市", Href: all.href()}, f.region == ""})
	for _, rc := range regions {
		if rc.Code != f.region && (len(rc.Code) != 12 || rc.Code[6:] != "000000") {
			continue
		}
		to := all
		to.region = rc.Code
		name := rc.Name
		region.Options = append(region.Options, option{link{Name: name, Href: to.href(), Count: rc.Count}, f.region == rc.Code})
		if rc.Code == f.region {
			v.drop(name, bare, func(x *filter) { x.region, x.dept = "", "" })
		}
	}
	dept := facet{Name: "部门", Long: true}
	none := bare
	none.dept = ""
	dept.Options = append(dept.Options, option{link{Name: "全部部门", Href: none.href()}, f.dept == ""})
	for _, o := range depts {
		to := bare
		to.dept = o.Code
		dept.Options = append(dept.Options, option{link{Name: orElse(strings.TrimPrefix(o.Name, s.City), o.Name), Href: to.href(), Count: o.Count}, f.dept == o.Code})
		if o.Code == f.dept {
			v.drop(o.Name, bare, func(x *filter) { x.dept = "" })
		}
	}
	if f.theme != "" {
		t, err := s.themeByCode(ctx, f.theme)
		if err == nil {
			v.drop(plainTheme(t.Name), bare, func(x *filter) { x.theme = "" })
		}
	}
	if len(v.On) > 0 {
		v.Clear = with("/search", "q", f.q)
	}
	v.Facets = []facet{audience, region, dept}
	return nil
}

// drop offers the search without one of its filters.
func (v *searchView) drop(name string, f filter, without func(*filter)) {
	without(&f)
	v.On = append(v.On, link{Name: name, Href: f.href()})
}

var errNoTheme = fault.New(fault.NotFound, "site.no-theme", "没有这个主题，可能已经调整。可以在这里搜索要办的事。")

func (s *Service) themeByCode(ctx context.Context, code string) (catalog.ThemeCount, error) {
	themes, err := s.Catalog.Themes(ctx, "")
	if err != nil {
		return catalog.ThemeCount{}, err
	}
	for _, t := range themes {
		if t.Code == code {
			return t, nil
		}
	}
	return catalog.ThemeCount{}, errNoTheme
}

// plainTheme drops what a code list puts in brackets.
func plainTheme(name string) string {
	short, _, _ := strings.Cut(name, "（")
	return short
}

func pageOf(r *http.Request) page.Request {
	return page.Request{Cursor: trimTo(r.URL.Query().Get("cursor"), 400)}
}
