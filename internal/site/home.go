package site

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
)

const hint = "例如：开饭店、身份证、出生证明"

type homeView struct {
	base
	Doing       bool
	Hot         []catalog.Row
	Audiences   []audienceView
	Departments []link
	Regions     []link
}

type audienceView struct {
	Name, Code, Lead string
	Count            int
	Way              []link // stations in the order of a life or of a business
	Topics           []link
}

// station is a stretch of a life or a business with the theme that serves it.
type station struct{ name, theme string }

var lives = []struct {
	name, code, kind, lead string
	way                    []station
	topics                 []string
}{
	{
		"个人办事", "person", "natural", "从出生到身后，一步一步都在这条线上。",
		[]station{{"出生", "natural:005"}, {"上学", "natural:020"}, {"就业", "natural:030"}, {"成家", "natural:060"}, {"安居", "natural:075"}, {"就医", "natural:145"}, {"退休", "natural:150"}, {"身后", "natural:155"}},
		[]string{"natural:010", "natural:090", "natural:085", "natural:095", "natural:105", "natural:040", "natural:050", "natural:065"},
	},
	{
		"企业办事", "legal", "legal", "从开办到注销，企业的每个阶段都在这条线上。",
		[]station{{"开办", "legal:005"}, {"准营", "legal:010"}, {"用工", "legal:030"}, {"纳税", "legal:025"}, {"建设", "legal:085"}, {"融资", "legal:045"}, {"年检", "legal:020"}, {"注销", "legal:165"}},
		[]string{"legal:015", "legal:040", "legal:090", "legal:110", "legal:145", "legal:150", "legal:095", "legal:075"},
	},
}

func (s *Service) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := homeView{base: s.frame(r, s.City+"政务服务", "在"+s.City+"办事，先搜事项，看清条件、材料、时限和费用，再网上申请、查进度、领电子证照。个人和企业的政务服务事项都在这里。")}
	v.Find = &find{Hint: hint}
	v.Doing = actor.From(ctx).ApplicantID != ""
	var err error
	if v.Hot, err = s.hot(ctx, 6); err != nil {
		return err
	}
	themes, err := s.Catalog.Themes(ctx, "")
	if err != nil {
		return err
	}
	v.Audiences = audiences(themes)
	depts, err := s.Catalog.Departments(ctx, s.Region)
	if err != nil {
		return err
	}
	v.Departments = s.departmentLinks(cityOnly(depts, s.Region))
	if len(v.Departments) > 12 {
		v.Departments = v.Departments[:12]
	}
	regions, err := s.Catalog.Regions(ctx)
	if err != nil {
		return err
	}
	v.Regions = regionLinks(counties(regions))
	return s.render(w, r, http.StatusOK, "home", v)
}

// everyday are words in the names of what most people come for, the most wanted first.
var everyday = []string{"食品经营许可", "个体工商户", "出生医学证明", "公司设立", "道路货物运输", "公共场所卫生", "社会保障卡", "灵活就业"}

// hot is what people look for most: of the city's own items at the head of the
// list, those of everyday life first, with names that are read at a glance.
func (s *Service) hot(ctx context.Context, n int) ([]catalog.Row, error) {
	found, err := s.Catalog.Search(ctx, catalog.Query{Region: s.Region, Page: page.Request{Size: page.MaxSize}})
	if err != nil {
		return nil, err
	}
	var out []catalog.Row
	for _, row := range found.Rows {
		if utf8.RuneCountInString(row.Name) <= 16 && row.Status == catalog.Published && row.Region == s.Region {
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b catalog.Row) int { return cmp.Compare(wanted(a.Name), wanted(b.Name)) })
	return out[:min(n, len(out))], nil
}

func wanted(name string) int {
	for i, word := range everyday {
		if strings.Contains(name, word) {
			return i
		}
	}
	return len(everyday)
}

// audiences draws the two lines; a station without a single item is left out, so
// that no station leads nowhere.
func audiences(themes []catalog.ThemeCount) []audienceView {
	byCode := map[string]catalog.ThemeCount{}
	for _, t := range themes {
		if t.Count > 0 {
			byCode[t.Code] = t
		}
	}
	var out []audienceView
	for _, l := range lives {
		a := audienceView{Name: l.name, Code: l.code, Lead: l.lead}
		for _, st := range l.way {
			if _, ok := byCode[st.theme]; ok {
				a.Way = append(a.Way, link{Name: st.name, Href: "/themes/" + st.theme})
			}
		}
		for _, code := range l.topics {
			if t, ok := byCode[code]; ok {
				a.Topics = append(a.Topics, link{Name: plainTheme(t.Name), Href: "/themes/" + code})
			}
		}
		out = append(out, a)
	}
	return out
}

// departmentLinks leave the city's name out: everything here is the city's.
func (s *Service) departmentLinks(orgs []catalog.OrgCount) []link {
	out := make([]link, 0, len(orgs))
	for _, o := range orgs {
		out = append(out, link{Name: orElse(strings.TrimPrefix(o.Name, s.City), o.Name), Href: "/departments/" + o.Code, Count: o.Count})
	}
	return out
}

func regionLinks(regions []catalog.RegionCount) []link {
	out := make([]link, 0, len(regions))
	for _, rc := range regions {
		out = append(out, link{Name: rc.Name, Href: "/regions/" + rc.Code, Count: rc.Count})
	}
	return out
}

// counties keeps the city and its counties; towns are found below them.
func counties(regions []catalog.RegionCount) []catalog.RegionCount {
	var out []catalog.RegionCount
	for _, rc := range regions {
		if len(rc.Code) == 12 && rc.Code[6:] == "000000" {
			out = append(out, rc)
		}
	}
	return out
}

// cityOnly keeps the city's own departments.
func cityOnly(orgs []catalog.OrgCount, city string) []catalog.OrgCount {
	var out []catalog.OrgCount
	for _, o := range orgs {
		if o.Region == city {
			out = append(out, o)
		}
	}
	return out
}
