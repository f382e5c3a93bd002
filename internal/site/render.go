package site

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

//go:embed templates/*.html
var templateFiles embed.FS

var pageNames = []string{"home", "search", "lists", "item", "verify", "about", "problem"}

// parsePages makes one template set per page: the frame and the page's "main".
func parsePages() map[string]*template.Template {
	funcs := template.FuncMap{"inc": func(i int) int { return i + 1 }, "to": to}
	out := make(map[string]*template.Template, len(pageNames))
	for _, name := range pageNames {
		out[name] = template.Must(template.New(name).Funcs(funcs).ParseFS(templateFiles, "templates/layout.html", "templates/"+name+".html"))
	}
	return out
}

// to lets a telephone number through where html/template knows only web addresses.
func to(href string) any {
	if digits, ok := strings.CutPrefix(href, "tel:"); ok && strings.Trim(digits, "0123456789") == "" {
		return template.URL(href)
	}
	return href
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a page whole or not at all. Pages that look the same to
// everybody carry an ETag and may be kept if asked after; a page that names
// somebody, or answers for a code, is kept nowhere.
func (s *Service) render(w http.ResponseWriter, r *http.Request, status int, name string, view any) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := s.pages[name].ExecuteTemplate(buf, "layout", view); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie")
	switch {
	case status != http.StatusOK || h.Get("Cache-Control") != "":
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
	case actor.From(r.Context()).Kind != actor.Anonymous:
		h.Set("Cache-Control", "private, no-cache")
	default:
		h.Set("Cache-Control", "public, no-cache")
		sum := sha256.Sum256(buf.Bytes())
		// Weak, since the server may compress the page on its way.
		etag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", etag)
		if strings.Contains(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	w.WriteHeader(status)
	if _, err := w.Write(buf.Bytes()); err != nil {
		s.Log.DebugContext(r.Context(), "page not delivered", "page", name, "error", err)
	}
	return nil
}

// page turns a handler's failure into a page of the same look that says what to do.
func (s *Service) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		f := fault.Of(err)
		if f.Kind == fault.Internal && r.Context().Err() == nil {
			s.Log.ErrorContext(r.Context(), "page failed", slog.String("path", r.URL.Path), slog.Any("error", err))
		}
		s.problem(w, r, f)
	}
}

type problemView struct {
	base
	Heading, Lead string
	Links         []link
}

type problemText struct {
	status  int
	heading string
}

var problems = map[fault.Kind]problemText{
	fault.Invalid:         {http.StatusBadRequest, "这个请求看不明白"},
	fault.Unauthenticated: {http.StatusUnauthorized, "请先登录"},
	fault.Forbidden:       {http.StatusForbidden, "没有权限查看"},
	fault.NotFound:        {http.StatusNotFound, "没有找到这个页面"},
	fault.Conflict:        {http.StatusConflict, "内容已有变化"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "文件太大"},
	fault.TooMany:         {http.StatusTooManyRequests, "操作太频繁"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "服务暂时不可用"},
	fault.Internal:        {http.StatusInternalServerError, "系统出了问题"},
}

func (s *Service) problem(w http.ResponseWriter, r *http.Request, f *fault.Fault) {
	text, ok := problems[f.Kind]
	if !ok {
		text = problems[fault.Internal]
	}
	v := problemView{base: s.frame(r, text.heading, f.Message), Heading: text.heading, Lead: f.Message}
	v.NoIndex = true
	if f.Kind == fault.NotFound {
		v.Find = &find{Hint: hint}
	}
	v.Links = []link{{Name: "回到首页", Href: "/"}, {Name: "按部门找", Href: "/departments"}, {Name: "按主题找", Href: "/themes"}, {Name: "拨打 12345", Href: "tel:12345"}}
	if f.Kind == fault.Unavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := s.render(w, r, text.status, "problem", v); err != nil {
		s.Log.ErrorContext(r.Context(), "problem page failed", slog.Any("error", err))
		http.Error(w, "系统出了问题，请稍后再试。", http.StatusInternalServerError)
	}
}

var errNoPage = fault.New(fault.NotFound, "site.no-page", "地址可能写错了，或者页面已经移走。可以在这里搜索要办的事。")

// missing answers every address that nothing else answers.
func (s *Service) missing(http.ResponseWriter, *http.Request) error { return errNoPage }

func (s *Service) about(w http.ResponseWriter, r *http.Request) error {
	v := s.frame(r, "关于与帮助", s.City+"政务服务怎么用：怎么申请、时限怎么算、材料不齐怎么办、不同意结果怎么办、个人信息怎么保护。", link{Name: "关于与帮助"})
	return s.render(w, r, http.StatusOK, "about", v)
}
