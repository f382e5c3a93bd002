// Package site is what anyone may read, as HTML documents: home, search, item
// guides, departments, themes, regions, verification, help.
//
// The rule it stands for: looking a service up and checking a paper needs no
// account, no script and no new device (在线政务服务的若干规定, Art 6–8: one
// standard, published, the same in every channel). Every page is complete without
// script, prints, and can be indexed; no page is a dead end.
//
// The package owns no table. It reads lower modules through the small
// interfaces below and decides nothing.
package site

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/licence"
	"onedoor/internal/platform/httpapi"
)

// Catalog is what the pages read of the catalogue (module catalog).
type Catalog interface {
	ItemByID(ctx context.Context, id string) (*catalog.Item, error)
	Search(ctx context.Context, q catalog.Query) (catalog.Found, error)
	Suggest(ctx context.Context, text, region string) ([]catalog.Row, error)
	Themes(ctx context.Context, region string) ([]catalog.ThemeCount, error)
	Departments(ctx context.Context, region string) ([]catalog.OrgCount, error)
	Regions(ctx context.Context) ([]catalog.RegionCount, error)
}

// Directory is where a department's card comes from (module directory).
type Directory interface {
	OrgByCode(ctx context.Context, code string) (*directory.Org, error)
}

// Verifier checks licences (module licence).
type Verifier interface {
	Verify(ctx context.Context, file []byte) (licence.VerifyReport, error)
	VerifyByCode(ctx context.Context, code string) (licence.VerifyReport, error)
}

// Deps is what the pages need.
type Deps struct {
	Catalog   Catalog
	Directory Directory
	Licences  Verifier
	Clock     clock.Clock
	Log       *slog.Logger
	City      string // "随州市"
	Region    string // "421300000000", the city's own code
	Sponsor   string // who runs the site, "" for the city's government
	PublicURL string // "https://zwfw.example.gov.cn"; without it links are of the request's host
}

// Service renders the pages.
type Service struct {
	Deps
	pages map[string]*template.Template
	asset assets
	codes codes
}

// New parses the templates and hashes the assets, once.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Sponsor == "" {
		d.Sponsor = d.City + "人民政府"
	}
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	return &Service{Deps: d, pages: parsePages(), asset: loadAssets()}
}

// handler is a page that may fail; the failure becomes a page of the same look.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one address of the site.
type route struct {
	id, method, path, summary string
	serve                     handler
	maxBody                   int64
	rate                      string
}

// MaxFile is the largest licence file that is taken for verification.
const MaxFile = 20 << 20

func (s *Service) routes() []route {
	return []route{
		{id: "site-home", path: "/{$}", summary: "首页", serve: s.home},
		{id: "site-search", path: "/search", summary: "搜索事项", serve: s.search},
		{id: "site-suggest", path: "/suggest", summary: "联想事项", serve: s.suggest, rate: "suggest"},
		{id: "site-item", path: "/items/{id}", summary: "办事指南", serve: s.item},
		{id: "site-departments", path: "/departments", summary: "部门", serve: s.departments},
		{id: "site-department", path: "/departments/{code}", summary: "部门的事项", serve: s.department},
		{id: "site-themes", path: "/themes", summary: "主题", serve: s.themes},
		{id: "site-theme", path: "/themes/{code}", summary: "主题的事项", serve: s.theme},
		{id: "site-regions", path: "/regions", summary: "地区", serve: s.regions},
		{id: "site-region", path: "/regions/{code}", summary: "地区的事项", serve: s.region},
		{id: "site-about", path: "/about", summary: "关于与帮助", serve: s.about},
		{id: "site-verify", path: "/verify", summary: "证照核验", serve: s.verify, rate: "verify"},
		{id: "site-verify-file", method: http.MethodPost, path: "/verify", summary: "上传文件核验证照", serve: s.verifyFile, maxBody: MaxFile + 1<<16, rate: "verify"},
		{id: "site-display", method: http.MethodPost, path: "/display", summary: "切换显示方式", serve: s.display},
		{id: "site-sitemap", path: "/sitemap.xml", summary: "网站地图", serve: s.sitemap},
		{id: "site-sitemap-part", path: "/sitemaps/{part}", summary: "网站地图分卷", serve: s.sitemapPart},
	}
}

// Routes registers the pages. Assets, robots.txt and the page for unknown
// addresses need no session and go straight to the mux.
func (s *Service) Routes(api *httpapi.Server) {
	for _, rt := range s.routes() {
		if rt.method == "" {
			rt.method = http.MethodGet
		}
		api.Raw(httpapi.Op{
			ID: rt.id, Method: rt.method, Path: rt.path, Summary: rt.summary, Tag: "site",
			Access: httpapi.Public, MaxBody: rt.maxBody, RateKey: rt.rate,
		}, s.page(rt.serve))
	}
	s.open(api.Mux())
}

func (s *Service) open(mux *http.ServeMux) {
	mux.HandleFunc("GET /static/{name}", s.static)
	mux.HandleFunc("GET /favicon.ico", s.favicon)
	mux.HandleFunc("GET /robots.txt", s.robots)
	mux.HandleFunc("/", s.page(s.missing))
}
