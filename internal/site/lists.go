package site

import (
	"net/http"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/fault"
)

// listView is a page of groups of links, of items, or of both.
type listView struct {
	base
	Heading, Lead string
	Groups        []group
	Card          []named
	WithRows      bool
	RowsTitle     string
	All           string
	Rows          []rowView
	Next, First   string
}

type group struct {
	Name, Anchor string
	Links        []link
}

func (s *Service) departments(w http.ResponseWriter, r *http.Request) error {
	depts, err := s.Catalog.Departments(r.Context(), "")
	if err != nil {
		return err
	}
	regions, err := s.Catalog.Regions(r.Context())
	if err != nil {
		return err
	}
	v := listView{Heading: "按部门找", Lead: "选一个部门，看它办哪些事。拿不准归哪个部门管，直接搜索更快。"}
	v.base = s.frame(r, "按部门找", s.City+"市、县两级部门公布的政务服务事项，按部门查看。", link{Name: "部门"})
	v.Find = &find{Hint: hint}
	for _, rc := range counties(regions) {
		g := group{Name: rc.Name, Anchor: "r" + rc.Code[:6]}
		if rc.Code == s.Region {
			g.Name += "本级"
		}
		g.Links = s.departmentLinks(cityOnly(depts, rc.Code))
		if len(g.Links) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return s.render(w, r, http.StatusOK, "lists", v)
}

var errNoDepartment = fault.New(fault.NotFound, "site.no-department", "没有这个部门，可能机构已经调整。可以在这里搜索要办的事。")

func (s *Service) department(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	card, err := s.Directory.OrgByCode(ctx, code)
	if fault.KindOf(err) == fault.NotFound {
		return errNoDepartment.Because(err)
	}
	if err != nil {
		return err
	}
	v := listView{Heading: card.Name, RowsTitle: "办理事项", All: with("/search", "dept", code)}
	v.base = s.frame(r, card.Name, card.Name+"办理的政务服务事项、地址和咨询电话。", link{Name: "部门", Href: "/departments"}, link{Name: card.Name})
	if card.Phone != "" {
		v.Card = append(v.Card, named{Name: "咨询电话", Value: card.Phone, Href: telOf(card.Phone)})
	}
	if card.Address != "" {
		v.Card = append(v.Card, named{Name: "地址", Value: card.Address})
	}
	return s.list(w, r, v, catalog.Query{OrgCode: code})
}

func (s *Service) themes(w http.ResponseWriter, r *http.Request) error {
	themes, err := s.Catalog.Themes(r.Context(), "")
	if err != nil {
		return err
	}
	v := listView{Heading: "按主题找", Lead: "主题按国家统一的分类，分个人和企业两类。"}
	v.base = s.frame(r, "按主题找", s.City+"政务服务事项按主题查看：生育、就业、社保、开办企业、准营准办等。", link{Name: "办事主题"})
	v.Find = &find{Hint: hint}
	person, legal := group{Name: "个人", Anchor: "person"}, group{Name: "企业和单位", Anchor: "legal"}
	for _, t := range themes {
		if t.Count == 0 {
			continue
		}
		l := link{Name: plainTheme(t.Name), Href: "/themes/" + t.Code, Count: t.Count}
		if t.Kind == "natural" {
			person.Links = append(person.Links, l)
		} else {
			legal.Links = append(legal.Links, l)
		}
	}
	for _, g := range []group{person, legal} {
		if len(g.Links) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return s.render(w, r, http.StatusOK, "lists", v)
}

func (s *Service) theme(w http.ResponseWriter, r *http.Request) error {
	t, err := s.themeByCode(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	who := "个人"
	if t.Kind != "natural" {
		who = "企业和单位"
	}
	v := listView{Heading: plainTheme(t.Name), Lead: "面向" + who + "的“" + t.Name + "”类事项。", RowsTitle: "办理事项", All: with("/search", "theme", t.Code)}
	v.base = s.frame(r, plainTheme(t.Name)+"（"+who+"）", s.City+"面向"+who+"的"+t.Name+"类政务服务事项。", link{Name: "办事主题", Href: "/themes"}, link{Name: plainTheme(t.Name)})
	return s.list(w, r, v, catalog.Query{Theme: t.Code})
}

func (s *Service) regions(w http.ResponseWriter, r *http.Request) error {
	regions, err := s.Catalog.Regions(r.Context())
	if err != nil {
		return err
	}
	v := listView{Heading: "按地区找", Lead: "市里办的事和县里办的事不一样，选您要去办事的地方。"}
	v.base = s.frame(r, "按地区找", s.City+"各县市区的政务服务事项。", link{Name: "地区"})
	v.Find = &find{Hint: hint}
	v.Groups = []group{{Name: "市和县市区", Anchor: "counties", Links: regionLinks(counties(regions))}}
	return s.render(w, r, http.StatusOK, "lists", v)
}

var errNoRegion = fault.New(fault.NotFound, "site.no-region", "没有这个地区，或者它还没有公布事项。可以在这里搜索要办的事。")

func (s *Service) region(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	regions, err := s.Catalog.Regions(ctx)
	if err != nil {
		return err
	}
	name := ""
	for _, rc := range regions {
		if rc.Code == code {
			name = rc.Name
		}
	}
	if name == "" {
		return errNoRegion
	}
	depts, err := s.Catalog.Departments(ctx, code)
	if err != nil {
		return err
	}
	v := listView{Heading: name + "的办事事项", RowsTitle: "办理事项", All: with("/search", "region", code)}
	v.base = s.frame(r, v.Heading, name+"的政务服务事项和办理部门。", link{Name: "地区", Href: "/regions"}, link{Name: name})
	v.Find = &find{Hint: "在" + name + "搜索要办的事", Keep: []named{{Name: "region", Value: code}}}
	if links := s.departmentLinks(cityOnly(depts, code)); len(links) > 0 {
		v.Groups = []group{{Name: "部门", Anchor: "depts", Links: links}}
	}
	return s.list(w, r, v, catalog.Query{Region: code})
}

// list fills in a page of items and renders it.
func (s *Service) list(w http.ResponseWriter, r *http.Request, v listView, q catalog.Query) error {
	q.Page = pageOf(r)
	found, err := s.Catalog.Search(r.Context(), q)
	if err != nil {
		return err
	}
	v.WithRows = true
	// A list of one department or theme never shows what belongs to another.
	if found.Match == catalog.Exact {
		v.Rows = rows(found.Rows)
		if found.Next != "" {
			v.Next = with(r.URL.EscapedPath(), "cursor", found.Next) + "#items"
		}
	}
	if q.Page.Cursor != "" {
		v.First, v.NoIndex = r.URL.EscapedPath(), true
	}
	return s.render(w, r, http.StatusOK, "lists", v)
}

// telOf is a link for the first number in a text like "0722-3312345、3312346".
func telOf(phone string) string {
	var digits []rune
	for _, c := range phone {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '-' || c == ' ' || c == '—' || c == '（' || c == '）' || c == '(' || c == ')' || c == '+':
		default:
			if len(digits) >= 5 {
				return "tel:" + string(digits)
			}
			digits = nil
		}
	}
	if len(digits) >= 5 && len(digits) <= 16 {
		return "tel:" + string(digits)
	}
	return ""
}
