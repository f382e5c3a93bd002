package site

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/workday"
)

type searchView struct {
	base
	Heading    string
	Rows       []rowView
	Next       string
	First      string // back to page one, on later pages
	Widened    string // what was done to find something after all
	DidYouMean []link
	On         []link // filters that are set; each leads to the search without it
	Clear      string
	Facets     []facet
	Hot        []catalog.Row
}

type facet struct {
	Name    string
	Long    bool
	Options []option
}

type option struct {
	link
	Here bool
}

// rowView is one result: what it is called, who does it, and the facts that decide.
type rowView struct {
	ID, Org, Region, Kind string
	Name                  []run
	Facts                 []fact
}

type run struct {
	Text string
	Hit  bool
}

type fact struct {
	Text string
	Good bool
	Stop bool
}

// maxQuery bounds the words; nobody searches for more.
const maxQuery = 60

// filter is the query of the search page; its names are the public contract of
// /search.
type filter struct {
	q, region, dept, theme, audience, cursor string
}

func filterOf(r *http.Request) filter {
	v := r.URL.Query()
	get := func(name string, most int) string { return trimTo(v.Get(name), most) }
	f := filter{
		q: get("q", maxQuery), region: get("region", 12), dept: get("dept", 40), theme: get("theme", 40),
		audience: get("audience", 10), cursor: get("cursor", 400),
	}
	if f.audience != "person" && f.audience != "legal" {
		f.audience = ""
	}
	if len(f.region) != 12 || strings.Trim(f.region, "0123456789") != "" {
		f.region = ""
	}
	return f
}

func trimTo(s string, runes int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), ""))
	if utf8.RuneCountInString(s) > runes {
		s = string([]rune(s)[:runes])
	}
	return s
}

func (f filter) href() string {
	return with("/search", "q", f.q, "region", f.region, "dept", f.dept, "theme", f.theme, "audience", f.audience, "cursor", f.cursor)
}

func (s *Service) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := filterOf(r)
	found, err := s.Catalog.Search(ctx, catalog.Query{
		Text: f.q, Region: f.region, OrgCode: f.dept, Theme: f.theme, Audience: f.audience,
		Page: page.Request{Cursor: f.cursor},
	})
	if err != nil {
		return err
	}
	v := searchView{Heading: "搜索事项"}
	if f.q != "" {
		v.Heading = "搜索：" + f.q
	}
	v.base = s.frame(r, v.Heading, s.City+"政务服务事项搜索："+f.q, link{Name: "搜索事项"})
	v.NoIndex = f.q != "" || f.cursor != ""
	v.Find = &find{Value: f.q, Hint: hint}
	for _, k := range []named{{Name: "region", Value: f.region}, {Name: "dept", Value: f.dept}, {Name: "theme", Value: f.theme}, {Name: "audience", Value: f.audience}} {
		if k.Value != "" {
			v.Find.Keep = append(v.Find.Keep, k)
		}
	}
	v.Rows = rows(found.Rows, append(strings.Fields(f.q), found.Synonyms...)...)
	v.Widened = widened(found, f)
	next := f
	next.cursor = found.Next
	if found.Next != "" {
		v.Next = next.href()
	}
	next.cursor = ""
	if f.cursor != "" {
		v.First = next.href()
	}
	for _, word := range found.DidYouMean {
		v.DidYouMean = append(v.DidYouMean, link{Name: word, Href: with("/search", "q", word)})
	}
	if err := s.facets(ctx, f, &v); err != nil {
		return err
	}
	if len(v.Rows) == 0 {
		if v.Hot, err = s.hot(ctx, 6); err != nil {
			return err
		}
	}
	return s.render(w, r, http.StatusOK, "search", v)
}

// widened says honestly how the rows differ from what was asked for.
func widened(found catalog.Found, f filter) string {
	switch {
	case len(found.Rows) == 0:
		return ""
	case found.Match == catalog.Wider:
		return "在选定的范围里没有找到，下面是其他地区或部门的相同事项。"
	case found.Match == catalog.Near:
		return "没有找到完全相符的事项，下面是名称相近的。"
	case found.Match == catalog.Popular && f.q != "":
		return "没有找到和“" + f.q + "”有关的事项。下面是大家常办的；也可以换个说法，或拨打 12345，由话务员帮您找。"
	case found.Region != "" && found.RegionName != "":
		return "已按“" + found.RegionName + "”查找。"
	case len(found.Synonyms) > 0:
		return "也查找了意思相同的“" + strings.Join(found.Synonyms, "”“") + "”。"
	}
	return ""
}

func rows(in []catalog.Row, words ...string) []rowView {
	out := make([]rowView, 0, len(in))
	for _, row := range in {
		out = append(out, rowView{
			ID: row.ID, Name: highlight(row.Name, words), Org: row.OrgName, Region: row.RegionName,
			Kind: row.TaskTypeText, Facts: facts(row),
		})
	}
	return out
}

// facts are what decides whether to go on: how often to come, how long, how.
func facts(row catalog.Row) []fact {
	var out []fact
	if row.Status == catalog.Suspended {
		out = append(out, fact{Text: "暂停办理", Stop: true})
	}
	out = append(out, fact{Text: visitsText(row.Visits), Good: row.Visits == 0})
	switch {
	case row.ProjectType == catalog.Instant:
		out = append(out, fact{Text: "当场办结", Good: true})
	case row.PromisedLimit.Unit != "":
		out = append(out, fact{Text: "承诺 " + limitText(row.PromisedLimit) + "办结"})
	case row.StatutoryLimit.Unit != "":
		out = append(out, fact{Text: "法定 " + limitText(row.StatutoryLimit) + "办结"})
	}
	if row.Online {
		out = append(out, fact{Text: "全程网办", Good: true})
	}
	return out
}

func visitsText(n int) string {
	if n <= 0 {
		return "不用跑"
	}
	return "最多跑 " + strconv.Itoa(n) + " 次"
}

func limitText(l workday.Limit) string {
	unit := "个工作日"
	if l.Unit == workday.Natural {
		unit = "天"
	}
	return strconv.Itoa(l.Value) + " " + unit
}

// highlight marks where the words stand in the name.
func highlight(name string, words []string) []run {
	var out []run
	for name != "" {
		at, length := -1, 0
		for _, w := range words {
			if w == "" {
				continue
			}
			if i := strings.Index(name, w); i >= 0 && (at < 0 || i < at || i == at && len(w) > length) {
				at, length = i, len(w)
			}
		}
		if at < 0 {
			return append(out, run{Text: name})
		}
		if at > 0 {
			out = append(out, run{Text: name[:at]})
		}
		out = append(out, run{Text: name[at : at+length], Hit: true})
		name = name[at+length:]
	}
	return out
}

type suggestion struct {
	Name string `json:"name"`
	Org  string `json:"org"`
	Href string `json:"href"`
}

// suggest answers while one types.
func (s *Service) suggest(w http.ResponseWriter, r *http.Request) error {
	f := filterOf(r)
	out := []suggestion{}
	if f.q != "" {
		found, err := s.Catalog.Suggest(r.Context(), f.q, f.region)
		if err != nil {
			return err
		}
		for _, row := range found {
			out = append(out, suggestion{Name: row.Name, Org: row.OrgName, Href: "/items/" + row.ID})
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=60")
	return json.NewEncoder(w).Encode(out)
}
