package site

import (
	"html/template"
	"net/http"
	"strings"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/clock"
)

type itemPage struct {
	base
	Item  guide
	Today string
}

// guide is 办事指南: the facts that decide first, then what is needed, in the order
// in which one needs it.
type guide struct {
	Name, LegalName, Org, OrgHref, Who string
	Notice, Summary                    string
	Tags                               []tag
	Strip                              []named
	Conditions                         []string
	Materials                          []materialView
	Steps                              []named
	Limits                             []named
	Fee, Result                        string
	Basis                              []named
	Places, Phones, Codes              []named
	FAQ                                []named
	Sections                           []named
	Apply, ApplyText, ApplyNote        string
	QR                                 template.HTML
	QRSize                             int
}

type materialView struct {
	Name, Note string
	Tags       []tag
}

func (s *Service) item(w http.ResponseWriter, r *http.Request) error {
	it, err := s.Catalog.ItemByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := itemPage{Item: guideOf(it), Today: s.Clock.Now().In(clock.Shanghai).Format("2006年1月2日")}
	if v.Item.QR, v.Item.QRSize, err = s.codes.svg(s.origin(r) + "/items/" + it.ID); err != nil {
		return err
	}
	v.base = s.frame(r, it.Name+"（"+it.OrgName+"）", describe(it),
		link{Name: "部门", Href: "/departments"}, link{Name: it.OrgName, Href: "/departments/" + it.OrgCode}, link{Name: it.Name})
	v.NoIndex = it.Status == catalog.Cancelled
	return s.render(w, r, http.StatusOK, "item", v)
}

// describe is the guide in one sentence, for search engines and previews.
func describe(it *catalog.Item) string {
	return it.OrgName + "“" + it.Name + "”办事指南：" + it.RegionName + "，" + visitsText(it.Visits) + "，" +
		daysText(it) + "，" + feeShort(it.Fee) + "。受理条件、申请材料、办理流程、法定依据和咨询电话。"
}

func guideOf(it *catalog.Item) guide {
	g := guide{
		Name: it.Name, Org: it.OrgName, OrgHref: "/departments/" + it.OrgCode, Who: it.AudienceText(),
		Summary: it.Summary, Conditions: it.Conditions, Result: it.ResultName, Fee: it.Fee,
	}
	if g.Who == "" {
		g.Who = "所有人"
	}
	if g.Fee == "" {
		g.Fee = "不收费"
	}
	if it.Licence != nil {
		g.Result = strings.TrimSpace(it.Licence.Title + "（电子证照，办结后存入“我的证照”）")
	}
	if it.Origin.Entry != "" && it.Origin.Entry != it.Name {
		g.LegalName = it.Origin.Entry
	}
	g.Tags = itemTags(it)
	g.Strip = strip(it)
	g.Limits = []named{{Name: "法定办结时限", Value: it.StatutoryText()}, {Name: "承诺办结时限", Value: it.PromiseText()}}
	if it.StatutoryLimit.Unit != "" {
		g.Limits[0].Note = "法律规定最长能用的时间。"
	}
	switch {
	case it.PromisedLimit.Unit != "" && it.PromisedLimit.Value == 0:
		g.Limits[1].Note = "材料齐全、符合法定形式的，当场办结。"
	case it.PromisedLimit.Unit != "":
		g.Limits[1].Note = "部门公开承诺的时间，从受理的第二天起算；补正、听证、检验等依法不计入。"
	}
	for _, m := range it.Materials {
		g.Materials = append(g.Materials, materialOf(m))
	}
	for _, st := range it.Steps {
		g.Steps = append(g.Steps, named{Name: st.Name, Note: joined("，", st.Who, st.Limit, st.Note)})
	}
	if len(g.Steps) == 0 {
		g.Steps = usualSteps
	}
	for _, b := range it.LegalBasis {
		g.Basis = append(g.Basis, named{Name: strings.TrimSpace(joined(" ", lawName(b.Law), b.Article)), Note: joined("\n", b.Number, b.Text)})
	}
	for _, q := range it.FAQ {
		g.FAQ = append(g.FAQ, named{Name: q.Question, Note: q.Answer})
	}
	g.Places, g.Phones = placesOf(it), phonesOf(it)
	g.Codes = pairs("实施编码", it.TaskCode, "基本编码", it.CatalogCode, "事项类型", it.TaskTypeText(), "办件类型", it.ProjectTypeText(), "服务对象", it.AudienceText(), "所属地区", it.RegionName)
	g.Sections = sectionsOf(g)
	switch {
	case it.Open() == nil:
		g.Apply, g.ApplyText, g.ApplyNote = "/apply/"+it.ID, "在线申请", "登录后填写，随填随存"
	case it.Status == catalog.Suspended:
		g.Notice = "这个事项目前暂停办理。" + it.StatusReason
		g.ApplyNote = "暂停期间不能在线申请"
	default:
		g.Notice = "这个事项已经取消，下面的指南只供查阅。" + it.StatusReason
		g.ApplyNote = "已取消的事项不能申请"
	}
	return g
}

func itemTags(it *catalog.Item) []tag {
	tags := []tag{{Text: it.RegionName}, {Text: it.TaskTypeText()}, {Text: it.ProjectTypeText()}}
	if it.Online {
		tags = append(tags, tag{Text: "全程网办", Class: "ok"})
	}
	switch it.Status {
	case catalog.Suspended:
		tags = append(tags, tag{Text: "暂停办理", Class: "stop"})
	case catalog.Cancelled:
		tags = append(tags, tag{Text: "已取消", Class: "stop"})
	}
	out := tags[:0]
	for _, t := range tags {
		if t.Text != "" {
			out = append(out, t)
		}
	}
	return out
}

// strip answers the four questions everybody asks first.
func strip(it *catalog.Item) []named {
	visits := named{Name: "去几次", Value: visitsText(it.Visits)}
	if it.Online {
		visits.Note = "可以全程在网上办"
	}
	days := named{Name: "要几天", Value: daysText(it)}
	if it.ProjectType != catalog.Instant {
		days.Note = "法定 " + it.StatutoryText()
	}
	fee := named{Name: "多少钱", Value: feeShort(it.Fee)}
	if fee.Value == "要收费" {
		fee.Note = "标准见“收费”"
	}
	where := named{Name: "在哪办", Value: "窗口"}
	if it.Open() == nil {
		where.Value = "网上或窗口"
	}
	if len(it.Places) > 0 {
		where.Note = it.Places[0].Name
	}
	return []named{visits, days, fee, where}
}

func daysText(it *catalog.Item) string {
	if it.ProjectType == catalog.Instant {
		return "当场办结"
	}
	return it.PromiseText()
}

func feeShort(fee string) string {
	switch {
	case fee == "" || strings.HasPrefix(fee, "不收费") || strings.HasPrefix(fee, "免费"):
		return "不收费"
	case len([]rune(fee)) <= 10:
		return fee
	}
	return "要收费"
}

func materialOf(m catalog.Material) materialView {
	v := materialView{Name: m.Name}
	switch {
	case m.Waived:
		v.Tags = append(v.Tags, tag{Text: "免提交", Class: "ok"})
	case m.Required:
		v.Tags = append(v.Tags, tag{Text: "必须"})
	default:
		v.Tags = append(v.Tags, tag{Text: "视情况"})
	}
	kind := map[string]string{"original": "原件", "copy": "复印件", "either": "原件或复印件"}[m.Kind]
	form := map[string]string{"electronic": "电子", "paper": "纸质", "either": "电子或纸质"}[m.Form]
	source := ""
	if m.Source != "" {
		source = "来源：" + m.Source
	}
	waived := ""
	if m.Waived && m.WaivedBy != "" {
		waived = "不用交：" + m.WaivedBy
	}
	v.Note = joined("；", joined("", form, kind), source, waived, m.Note)
	return v
}

// usualSteps are the steps of the licensing law for an item whose source names none.
var usualSteps = []named{
	{Name: "申请", Note: "网上或到窗口提交材料，得到办件编号"},
	{Name: "受理", Note: "材料齐全、符合要求的当场受理；要补的，五个工作日内一次告诉您全部内容"},
	{Name: "审查", Note: "部门审查材料，需要时到现场核查"},
	{Name: "决定", Note: "在承诺时限内作出决定，不同意的书面说明理由"},
	{Name: "送达", Note: "作出决定之日起十日内送达，证照存入“我的证照”"},
}

func placesOf(it *catalog.Item) []named {
	var out []named
	for _, p := range it.Places {
		out = append(out, named{Name: orElse(p.Name, "办理地点"), Value: joined("\n", p.Address, p.Window)})
	}
	if len(out) == 0 {
		out = append(out, named{Name: "办理地点", Value: it.OrgName + "，或" + it.RegionName + "政务服务中心综合窗口"})
	}
	return append(out, named{Name: "办理时间", Value: orElse(it.Hours, "工作日上班时间，去之前可以先打电话问清楚")})
}

func phonesOf(it *catalog.Item) []named {
	var out []named
	if it.Phone != "" {
		out = append(out, named{Name: "咨询电话", Value: it.Phone, Href: telOf(it.Phone)})
	}
	if it.ComplaintPhone != "" {
		out = append(out, named{Name: "监督电话", Value: it.ComplaintPhone, Href: telOf(it.ComplaintPhone)})
	}
	return append(out, named{Name: "便民热线", Value: "12345", Href: "tel:12345"})
}

func sectionsOf(g guide) []named {
	out := pairs("受理条件", "conditions", "申请材料", "materials", "办理流程", "steps", "办理时限", "limits", "收费", "fee")
	if g.Result != "" {
		out = append(out, named{Name: "办理结果", Value: "result"})
	}
	out = append(out, pairs("法定依据", "basis", "办理地点和时间", "place", "咨询和监督", "phone")...)
	if len(g.FAQ) > 0 {
		out = append(out, named{Name: "常见问题", Value: "faq"})
	}
	return append(out, named{Name: "事项信息", Value: "codes"})
}

func lawName(law string) string {
	if law == "" || strings.HasPrefix(law, "《") {
		return law
	}
	return "《" + law + "》"
}

// pairs makes rows of those pairs that have a value.
func pairs(nameValue ...string) []named {
	var out []named
	for i := 0; i+1 < len(nameValue); i += 2 {
		if nameValue[i+1] != "" {
			out = append(out, named{Name: nameValue[i], Value: nameValue[i+1]})
		}
	}
	return out
}

func joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
