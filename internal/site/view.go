package site

import (
	"net/http"
	"net/url"
	"strings"

	"onedoor/internal/kernel/actor"
)

// base is what the frame of every page shows. Page views embed it.
type base struct {
	Title       string // of the document, without the site's name
	Description string
	Path        string // "/items/…", for the navigation
	Back        string // path and query, where the display switches return to
	Canonical   string
	NoIndex     bool
	City        string
	Sponsor     string
	RegionCode  string
	Mode        mode
	Asset       assets
	Nav         []navLink
	User        *visitor
	Crumbs      []link
	Find        *find
}

type navLink struct {
	link
	Here bool
}

type link struct {
	Name, Href string
	Count      int
}

// named is a term with its explanation, in tables, lists and strips.
type named struct {
	Name, Value, Note, Href string
}

type tag struct {
	Text, Class string
}

// visitor is who is signed in, as far as the header says.
type visitor struct {
	Name, Space, Href string
}

// find is the search box; Keep holds the filters that a new search keeps.
type find struct {
	Value, Hint string
	Keep        []named
}

var sections = []link{
	{Name: "首页", Href: "/"},
	{Name: "主题", Href: "/themes"},
	{Name: "部门", Href: "/departments"},
	{Name: "地区", Href: "/regions"},
	{Name: "证照核验", Href: "/verify"},
	{Name: "帮助", Href: "/about"},
}

// frame starts a page: the document's title, its description for search engines,
// and where it stands.
func (s *Service) frame(r *http.Request, title, description string, crumbs ...link) base {
	b := base{
		Title: title, Description: clip(description, 150), Path: r.URL.Path, Back: backOf(r),
		Canonical: s.origin(r) + r.URL.EscapedPath(),
		City:      s.City, Sponsor: s.Sponsor, RegionCode: strings.TrimRight(s.Region, "0"),
		Mode: modeOf(r), Asset: s.asset, User: userOf(r),
	}
	if len(b.RegionCode) < 6 {
		b.RegionCode = (s.Region + "000000")[:6]
	}
	for _, l := range sections {
		here := l.Href == r.URL.Path || l.Href != "/" && strings.HasPrefix(r.URL.Path, l.Href+"/")
		b.Nav = append(b.Nav, navLink{link: l, Here: here})
	}
	if len(crumbs) > 0 {
		b.Crumbs = append([]link{{Name: "首页", Href: "/"}}, crumbs...)
	}
	return b
}

func userOf(r *http.Request) *visitor {
	a := actor.From(r.Context())
	switch a.Kind {
	case actor.Citizen, actor.Enterprise:
		return &visitor{Name: a.Name, Space: "我的空间", Href: "/my"}
	case actor.Staff:
		return &visitor{Name: a.Name, Space: "工作台", Href: "/desk"}
	}
	return nil
}

// origin is the address that people type, for links that leave the page: QR
// codes, canonical links, the sitemap.
func (s *Service) origin(r *http.Request) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}

// backOf is the page to return to after a switch: a GET page only, and never one
// whose query holds a code.
func backOf(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return r.URL.Path
	}
	if r.URL.RawQuery == "" {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + r.URL.RawQuery
}

// with is path with a query of the pairs that have a value.
func with(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// clip shortens text to n characters on one line.
func clip(text string, n int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n-1]) + "…"
}
