package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

func (c *city) get(t testing.TB, path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, ck := range cookies {
		r.AddCookie(ck)
	}
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	return w
}

func parse(t testing.TB, w *httptest.ResponseRecorder) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func all(n *html.Node, name string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			out = append(out, d)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

var everyPage = []string{
	"/", "/search", "/search?q=" + url.QueryEscape("许可"), "/search?q=zzz&region=" + countyZD, "/search?q=" + url.QueryEscape("绝无此事") + "&dept=sz-scjg&theme=natural:040&audience=person",
	"/items/" + foodID, "/items/" + closedID, "/items/" + bareID, "/departments", "/departments/sz-scjg", "/themes", "/themes/natural:040",
	"/regions", "/regions/" + countyZD, "/verify", "/verify?code=" + goodCode, "/verify?code=" + staleCode, "/about", "/nowhere",
}

// toolPaths are answered by the signed-in tools, not by this package.
var toolPaths = regexp.MustCompile(`^/(sign-in|register|my(/.*)?|apply/.+|desk(/.*)?)$`)

func TestEveryPageIsWellBuilt(t *testing.T) {
	c := newCity(t)
	for _, path := range everyPage {
		t.Run(path, func(t *testing.T) {
			doc := parse(t, c.get(t, path))
			if got := attr(all(doc, "html")[0], "lang"); got != "zh-CN" {
				t.Errorf("lang is %q", got)
			}
			for name, n := range map[string]int{"h1": 1, "main": 1, "title": 1, "header": 1, "footer": 1} {
				if got := len(all(doc, name)); got != n {
					t.Errorf("%d <%s>, want %d", got, name, n)
				}
			}
			described := false
			for _, m := range all(doc, "meta") {
				if attr(m, "name") == "description" {
					described = attr(m, "content") != ""
				}
			}
			if !described {
				t.Error("no description")
			}
			for _, s := range all(doc, "script") {
				if attr(s, "src") == "" {
					t.Error("inline script: the content security policy refuses it")
				}
			}
			ids := map[string]bool{}
			for d := range doc.Descendants() {
				if d.Type != html.ElementNode {
					continue
				}
				if attr(d, "style") != "" {
					t.Errorf("inline style on <%s>", d.Data)
				}
				for _, a := range d.Attr {
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("inline handler %s on <%s>", a.Key, d.Data)
					}
				}
				if id := attr(d, "id"); id != "" {
					if ids[id] {
						t.Errorf("id %q twice", id)
					}
					ids[id] = true
				}
			}
			for _, in := range all(doc, "input") {
				if attr(in, "type") != "hidden" && attr(in, "id") == "" {
					t.Error("an input without id, hence without label")
				}
			}
			last := 0
			for d := range doc.Descendants() {
				if d.Type == html.ElementNode && len(d.Data) == 2 && d.Data[0] == 'h' && d.Data[1] >= '1' && d.Data[1] <= '6' {
					level := int(d.Data[1] - '0')
					if level > last+1 && last != 0 {
						t.Errorf("heading %q jumps from h%d to h%d", text(d), last, level)
					}
					last = level
				}
			}
		})
	}
}

// TestNoDeadLinks follows every link of every page: inside this package each one
// must answer, anchors must exist, the rest must be a tool's address.
func TestNoDeadLinks(t *testing.T) {
	c := newCity(t)
	seen := map[string]int{}
	for _, path := range everyPage {
		doc := parse(t, c.get(t, path))
		for _, a := range append(all(doc, "a"), all(doc, "link")...) {
			href := attr(a, "href")
			u, err := url.Parse(href)
			switch {
			case err != nil || href == "" || href == "#ZgotmplZ":
				t.Errorf("%s: bad link %q", path, href)
				continue
			case u.Scheme == "tel" || u.Host != "":
				continue
			case strings.HasPrefix(href, "#"):
				found := false
				for d := range doc.Descendants() {
					found = found || d.Type == html.ElementNode && attr(d, "id") == href[1:]
				}
				if !found {
					t.Errorf("%s: no element for %s", path, href)
				}
				continue
			case toolPaths.MatchString(u.Path):
				continue
			}
			u.Fragment = ""
			if _, ok := seen[u.String()]; !ok {
				seen[u.String()] = c.get(t, u.String()).Code
			}
			if code := seen[u.String()]; code != http.StatusOK {
				t.Errorf("%s: %s answers %d", path, href, code)
			}
		}
		for _, f := range all(doc, "form") {
			if a := attr(f, "action"); a != "/search" && a != "/verify" && a != "/display" {
				t.Errorf("%s: form goes to %q", path, a)
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d links followed", len(seen))
	}
}

var latin = regexp.MustCompile(`[A-Za-z][a-z]{2,}`)

func TestNoEnglishOnScreen(t *testing.T) {
	c := newCity(t)
	for _, path := range everyPage {
		doc := parse(t, c.get(t, path))
		for _, word := range latin.FindAllString(text(all(doc, "body")[0]), -1) {
			if word != "ofd" && word != "zzz" {
				t.Errorf("%s: %q", path, word)
			}
		}
	}
}

func TestGuideSaysWhatOneNeeds(t *testing.T) {
	c := newCity(t)
	page := text(parse(t, c.get(t, "/items/"+foodID)))
	for _, want := range []string{
		"食品经营许可新办", "不用跑", "6个工作日", "法定 20个工作日", "不收费", "受理条件", "取得营业执照", "申请材料（5 份）", "免提交", "现场核查",
		"食品安全法》 第三十五条", "二楼综合窗口", "0722-3312345", "0722-3318315", "只卖预包装食品", "食品经营许可证（电子证照", "在线申请",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the guide lacks %q", want)
		}
	}
	closed := c.get(t, "/items/"+closedID).Body.String()
	if strings.Contains(closed, "/apply/") || !strings.Contains(closed, "因系统升级") {
		t.Error("a suspended item must say why and offer no application")
	}
}

func TestSearchNeverEndsDead(t *testing.T) {
	c := newCity(t)
	none := c.get(t, "/search?q="+url.QueryEscape("绝无此事")+"&region="+countyZD).Body.String()
	for _, want := range []string{"没有找到相符的事项", "去掉筛选再看", "tel:12345", "/departments"} {
		if !strings.Contains(none, want) {
			t.Errorf("lacks %q", want)
		}
	}
	near := c.get(t, "/search?q=zzz").Body.String()
	if !strings.Contains(near, "您要找的是不是") {
		t.Error("no suggestion of other words")
	}
	hits := c.get(t, "/search?q="+url.QueryEscape("许可")+"&region="+cityCode).Body.String()
	if !strings.Contains(hits, `rel="next"`) || !strings.Contains(hits, "cursor=") || !strings.Contains(hits, "<mark>许可</mark>") {
		t.Error("no next page or no highlight")
	}
	if w := c.get(t, "/search?cursor=garbage"); w.Code != http.StatusBadRequest {
		t.Errorf("bad cursor: %d", w.Code)
	}
	c.get(t, "/search?q="+strings.Repeat("%F0%9F%98%80%00%FF", 100)) // must not panic
}

func TestOutputIsEscaped(t *testing.T) {
	c := newCity(t)
	body := c.get(t, `/search?q=`+url.QueryEscape(`"><script>alert(1)</script>`)).Body.String()
	if strings.Contains(body, "<script>alert") {
		t.Error("the query is not escaped")
	}
}

func TestDisplayModesWorkWithoutScript(t *testing.T) {
	c := newCity(t)
	post := func(form url.Values, cookie *http.Cookie) *http.Response {
		r := httptest.NewRequest(http.MethodPost, "/display", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		c.mux.ServeHTTP(w, r)
		return w.Result()
	}
	res := post(url.Values{"elder": {"1"}, "back": {"/search?q=a"}}, nil)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/search?q=a" {
		t.Fatalf("%d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	res = post(url.Values{"contrast": {"1"}, "back": {"/"}}, res.Cookies()[0])
	both := res.Cookies()[0]
	if got := attr(all(parse(t, c.get(t, "/", both)), "html")[0], "class"); got != "elder contrast" {
		t.Errorf("class %q", got)
	}
	res = post(url.Values{"elder": {"0"}, "back": {"/"}}, both)
	if got := res.Cookies()[0].Value; got != "contrast" {
		t.Errorf("cookie %q", got)
	}
	for _, evil := range []string{"https://evil.test/", "//evil.test", `/\evil.test`, "evil", "javascript:alert(1)", ""} {
		if got := localPath(evil); got != "/" {
			t.Errorf("%q leads to %q", evil, got)
		}
	}
}

func TestPagesAreKeptAndAskedAfter(t *testing.T) {
	c := newCity(t)
	first := c.get(t, "/items/"+foodID)
	etag := first.Header().Get("ETag")
	if etag == "" || first.Header().Get("Cache-Control") != "public, no-cache" {
		t.Fatalf("headers %v", first.Header())
	}
	r := httptest.NewRequest(http.MethodGet, "/items/"+foodID, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
	}
	r = r.WithContext(actor.With(r.Context(), &actor.Actor{Kind: actor.Citizen, Name: "林晓梅", ApplicantID: "a"}))
	w = httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if w.Header().Get("ETag") != "" || !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") || !strings.Contains(w.Body.String(), "林晓梅") {
		t.Error("a page that names somebody must stay private")
	}
	if w := c.get(t, "/verify?code="+goodCode); w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Error("a page with a code in its address must leave no trace")
	}
	for _, href := range []string{c.service.asset.CSS, c.service.asset.JS, c.service.asset.Icon} {
		if w := c.get(t, href); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", href, w.Code, w.Header())
		}
	}
	if n := len(c.service.asset.files[strings.TrimPrefix(c.service.asset.JS, "/static/")].body); n > 5<<10 {
		t.Errorf("the script has %d bytes, at most 5 kB", n)
	}
}

func TestVerifyPage(t *testing.T) {
	c := newCity(t)
	upload := func(field, content string) *httptest.ResponseRecorder {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		part, _ := m.CreateFormFile(field, "证照.ofd")
		_, _ = io.WriteString(part, content)
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, "/verify", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		w := httptest.NewRecorder()
		c.mux.ServeHTTP(w, r)
		return w
	}
	for content, want := range map[string]string{
		"valid": "有效", "altered": "被篡改", "revoked": "已撤销", "expired": "已过期", "unknown": "查无此证",
	} {
		w := upload("file", content)
		doc := parse(t, w)
		if w.Code != http.StatusOK || strings.TrimSpace(text(all(doc, "h1")[0])) != want {
			t.Errorf("%s: %d, %q", content, w.Code, text(all(doc, "h1")[0]))
		}
		if !strings.Contains(text(doc), "核对了什么") {
			t.Errorf("%s: the checks are not listed", content)
		}
	}
	if altered := upload("file", "altered").Body.String(); !strings.Contains(altered, "✗ 不符") || !strings.Contains(altered, "– 未查") || strings.Contains(altered, "登记信息") {
		t.Error("an altered file must show what failed and tell nothing of a licence")
	}
	for _, w := range []*httptest.ResponseRecorder{upload("file", ""), upload("other", "x")} {
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "没有收到文件") {
			t.Errorf("no file: %d", w.Code)
		}
	}
	if w := upload("file", strings.Repeat("x", MaxFile+1)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", w.Code)
	}
	r := httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "没有传完") {
		t.Errorf("cut off: %d", w.Code)
	}
}

func TestFailuresLookLikeTheSite(t *testing.T) {
	c := newCity(t)
	for path, status := range map[string]int{
		"/nowhere": 404, "/items/none": 404, "/departments/none": 404, "/themes/none": 404, "/regions/none": 404, "/static/none.css": 404, "/sitemaps/none": 404,
	} {
		if w := c.get(t, path); w.Code != status || !strings.Contains(w.Body.String(), "主导航") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	c.catalog.err = errors.New("secret detail")
	if w := c.get(t, "/"); w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "系统出了问题") {
		t.Errorf("internal: %d", w.Code)
	}
	c.catalog.err = fmt.Errorf("query: %w", fault.New(fault.Unavailable, "database.unavailable", "数据库正在重启，请稍后再试。"))
	if w := c.get(t, "/search"); w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("unavailable: %d", w.Code)
	}
}

func TestRobotsAndSitemap(t *testing.T) {
	c := newCity(t)
	if w := c.get(t, "/robots.txt"); !strings.Contains(w.Body.String(), "Sitemap: https://zwfw.example.test/sitemap.xml") {
		t.Error(w.Body.String())
	}
	if w := c.get(t, "/sitemap.xml"); !strings.Contains(w.Body.String(), "/sitemaps/sz-scjg.xml") {
		t.Error(w.Body.String())
	}
	if w := c.get(t, "/sitemaps/sz-scjg.xml"); !strings.Contains(w.Body.String(), "/items/"+foodID) {
		t.Error(w.Body.String())
	}
	if w := c.get(t, "/sitemaps/pages.xml"); !strings.Contains(w.Body.String(), "/themes/natural:040") {
		t.Error(w.Body.String())
	}
}

func TestTelephoneLinks(t *testing.T) {
	for in, want := range map[string]string{
		"0722-3312345": "tel:07223312345", "12345": "tel:12345", "0722-3312345、3312346": "tel:07223312345",
		"见各窗口公示牌": "", "（0722）3312345": "tel:07223312345", "电话：0722 3312345 转 8": "tel:07223312345",
	} {
		if got := telOf(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkItem(b *testing.B) {
	c := newCity(b)
	for b.Loop() {
		c.get(b, "/items/"+foodID)
	}
}
