package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the operations. What anyone may read carries an ETag, so that
// a browser or a proxy asks again without fetching again.
func (s *Service) Routes(api *httpapi.Server) {
	public := func(id, path, summary string, reply any, params []httpapi.Param, h func(*http.Request) (any, error)) {
		api.Raw(httpapi.Op{
			ID: id, Method: http.MethodGet, Path: path, Summary: summary, Tag: "catalog",
			Access: httpapi.Public, Params: params, Reply: reply,
		}, func(w http.ResponseWriter, r *http.Request) {
			v, err := h(r)
			if err != nil {
				api.Fail(w, r, err)
				return
			}
			if err := cacheable(w, r, v); err != nil {
				api.Fail(w, r, err)
			}
		})
	}
	region := httpapi.Param{Name: "region", Doc: "区划代码，12 位"}
	text := httpapi.Param{Name: "q", Doc: "事项名称的一部分、日常说法、拼音或首字母，可以带地区"}
	public("catalog-search", "/api/items", "搜索事项", Found{}, []httpapi.Param{
		text, region,
		{Name: "dept", Doc: "部门代码，如 sz-scjg"},
		{Name: "theme", Doc: "主题代码，如 natural:085"},
		{Name: "audience", Doc: "person 个人，legal 企业和其他组织"},
		{Name: "cursor", Doc: "翻页位置"},
		{Name: "size", Doc: "每页条数，最多 100"},
	}, s.getItems)
	public("catalog-suggest", "/api/items/suggest", "输入时的事项提示", suggestions{}, []httpapi.Param{text, region}, s.getSuggestions)
	public("catalog-item", "/api/items/{id}", "事项的办事指南", Item{}, nil, func(r *http.Request) (any, error) {
		return s.ItemByID(r.Context(), r.PathValue("id"))
	})
	public("catalog-themes", "/api/themes", "主题分类和事项数", themeList{}, []httpapi.Param{region}, func(r *http.Request) (any, error) {
		list, err := s.Themes(r.Context(), r.URL.Query().Get("region"))
		return themeList{list}, err
	})
	public("catalog-departments", "/api/departments", "有事项的部门", orgList{}, []httpapi.Param{region}, func(r *http.Request) (any, error) {
		list, err := s.Departments(r.Context(), r.URL.Query().Get("region"))
		return orgList{list}, err
	})
	s.managementRoutes(api)
}

type (
	suggestions struct {
		Rows []Row `json:"rows"`
	}
	themeList struct {
		Rows []ThemeCount `json:"rows"`
	}
	orgList struct {
		Rows []OrgCount `json:"rows"`
	}
)

func (s *Service) getItems(r *http.Request) (any, error) {
	v := r.URL.Query()
	size, err := pageSize(v.Get("size"))
	if err != nil {
		return nil, err
	}
	q := Query{
		Text: v.Get("q"), Region: v.Get("region"), OrgCode: v.Get("dept"), Theme: v.Get("theme"), Audience: v.Get("audience"),
		Page: page.Request{Cursor: v.Get("cursor"), Size: size},
	}
	return s.Search(r.Context(), q)
}

func pageSize(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > page.MaxSize {
		return 0, fault.New(fault.Invalid, "page.bad-size", "每页条数应为 1 到 100。")
	}
	return n, nil
}

func (s *Service) getSuggestions(r *http.Request) (any, error) {
	rows, err := s.Suggest(r.Context(), r.URL.Query().Get("q"), r.URL.Query().Get("region"))
	return suggestions{rows}, err
}

// cacheable writes v as JSON under its own hash.
func cacheable(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("reply as JSON: %w", err)
	}
	sum := sha256.Sum256(raw)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"` // weak: the reply may travel compressed
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(raw) // the client may have gone; nobody is left to tell
	return nil
}

type statusIn struct {
	ID   string `path:"id"`
	Body struct {
		Status  string `json:"status" enum:"published,suspended,cancelled" doc:"在用、暂停、取消"`
		Reason  string `json:"reason,omitempty" maxLength:"500" doc:"原因，申请人会看到"`
		Version int    `json:"version" minimum:"1" doc:"看到的版本"`
	}
}

type itemOut struct{ Body *Item }

type quarantineIn struct {
	Source string `query:"source" enum:"guangdong,guangan,complete"`
	Cursor string `query:"cursor"`
	Size   int    `query:"size" minimum:"0" maximum:"100"`
}

type quarantineOut struct{ Body page.Page[Quarantined] }

type importsOut struct {
	Body struct {
		Runs    []Report      `json:"runs"`
		Reasons []ReasonCount `json:"reasons"`
	}
}

func (s *Service) managementRoutes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "catalog-set-status", Method: http.MethodPost, Path: "/api/desk/items/{id}/status",
		Summary: "发布、暂停或取消事项", Tag: "catalog", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, in *statusIn) (*itemOut, error) {
		it, err := s.SetStatus(ctx, in.ID, Status(in.Body.Status), in.Body.Reason, in.Body.Version)
		return &itemOut{it}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "catalog-quarantine", Method: http.MethodGet, Path: "/api/desk/imports/quarantine",
		Summary: "导入时未能收入的行和原因", Tag: "catalog", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, in *quarantineIn) (*quarantineOut, error) {
		p, err := s.ImportReport(ctx, in.Source, page.Request{Cursor: in.Cursor, Size: in.Size})
		return &quarantineOut{p}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "catalog-imports", Method: http.MethodGet, Path: "/api/desk/imports",
		Summary: "最近的事项导入", Tag: "catalog", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, _ *struct{}) (*importsOut, error) {
		var out importsOut
		var err error
		if out.Body.Runs, err = s.ImportRuns(ctx); err != nil {
			return nil, err
		}
		out.Body.Reasons, err = s.ImportReasons(ctx)
		return &out, err
	})
}
