package catalog

import (
	"encoding/json"
	"slices"
	"strings"

	"onedoor/internal/directory"
)

// draft is one row of a source as read: an item not yet placed, or the reason
// why it cannot become one.
type draft struct {
	line     int
	code     string // the source's identifier; empty when it has none
	name     string
	original json.RawMessage
	item     *Item
	orgs     []string // codes of departments, the first that exists takes it
	refused  *refusal
	// complete is applied once the department is known; nil for most sources.
	complete func(*Item, *directory.Org)
}

// finish fills in what the source leaves open and the place decides.
func (d *draft) finish(source string, org *directory.Org, regionName string) {
	it := d.item
	it.ID = ItemID(source, d.code)
	it.Origin.Source = source
	it.OrgID, it.OrgCode, it.OrgName, it.OrgPath = org.ID, org.Code, org.Name, org.Path
	it.Region, it.RegionName = org.Region, regionName
	it.Status, it.Version = Published, 1
	if it.FormID == "" {
		it.FormID, it.FormVersion = "general", 1
	}
	if it.Summary == "" {
		it.Summary = org.Name + "办理的" + it.TaskTypeText() + "事项。"
	}
	// The source's windows are in another province: people go to ours.
	if len(it.Places) == 0 {
		it.Places = []Place{{Name: org.Name + "政务服务窗口", Address: org.Address}}
	}
	if it.Phone == "" {
		it.Phone = org.Phone
	}
	if it.ComplaintPhone == "" {
		it.ComplaintPhone = "0722-12345"
	}
	if it.Hours == "" {
		it.Hours = "工作日 9:00—12:00，13:30—17:30"
	}
	if len(it.Steps) == 0 {
		it.Steps = usualSteps(it)
	}
	notNil(it)
}

// usualSteps are the five steps of 行政许可法 chapter 4, which hold where a
// source describes none.
func usualSteps(it *Item) []Step {
	if it.ProjectType == Instant {
		return []Step{
			{Name: "申请与受理", Who: "综合窗口", Limit: "当场", Note: "材料齐全、符合法定形式的当场受理。"},
			{Name: "办结与送达", Who: it.OrgName, Limit: "当场", Note: "当场作出决定，送达结果。"},
		}
	}
	return []Step{
		{Name: "受理", Who: "综合窗口", Limit: "5个工作日内", Note: "材料不齐的一次性告知需要补正的全部内容；逾期不告知的，自收到材料之日起即为受理。"},
		{Name: "审核", Who: it.OrgName, Limit: "在承诺时限内", Note: "对申请材料进行审查，需要核实的派员核查。"},
		{Name: "决定", Who: it.OrgName, Limit: it.Promise().String(), Note: "作出准予或者不予的决定；不予的说明理由，并告知救济途径。"},
		{Name: "办结", Who: it.OrgName, Limit: "1个工作日", Note: "制作决定文书或证照。"},
		{Name: "送达", Who: "综合窗口", Limit: "10个工作日内", Note: "在“我的”中查看，也可以到窗口领取或邮寄。"},
	}
}

// notNil makes empty lists of missing ones: programs read [] more easily than null.
func notNil(it *Item) {
	it.Aliases = emptyNotNil(it.Aliases)
	it.Audience = emptyNotNil(it.Audience)
	it.Themes = emptyNotNil(it.Themes)
	it.Conditions = emptyNotNil(it.Conditions)
	it.Materials = append([]Material{}, it.Materials...)
	it.Steps = append([]Step{}, it.Steps...)
	it.LegalBasis = append([]Basis{}, it.LegalBasis...)
	it.FAQ = append([]Question{}, it.FAQ...)
	it.Places = append([]Place{}, it.Places...)
	it.Scenarios = append([]Scenario{}, it.Scenarios...)
	for i := range it.Scenarios {
		it.Scenarios[i].Adds = emptyNotNil(it.Scenarios[i].Adds)
		it.Scenarios[i].Drops = emptyNotNil(it.Scenarios[i].Drops)
	}
	if it.Licence != nil {
		it.Licence.Fields = append([]LicenceField{}, it.Licence.Fields...)
	}
}

// withThemes adds the department's own theme for whoever is served and has none
// (rule 13 of the item checks).
func withThemes(have []string, it *Item, suffix string) []string {
	if it.ForPersons() && !slices.ContainsFunc(have, func(t string) bool { return strings.HasPrefix(t, "natural:") }) {
		have = append(have, "natural:"+personThemes[suffix])
	}
	if it.ForLegal() && !slices.ContainsFunc(have, func(t string) bool { return strings.HasPrefix(t, "legal:") }) {
		have = append(have, "legal:"+legalThemes[suffix])
	}
	return have
}

func aliases(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, w := range strings.FieldsFunc(said(t), func(r rune) bool { return strings.ContainsRune(",，、;；|", r) }) {
			if w = said(w); w != "" {
				out = appendNew(out, w)
			}
		}
	}
	return out
}

func lines(text string) []string {
	var out []string
	for _, l := range strings.FieldsFunc(said(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if l = said(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// excluded says that the name itself shows that the city has no counterpart.
func excluded(name string) bool {
	for _, d := range departments {
		if d.suffix != "" {
			continue
		}
		for _, w := range strings.Fields(d.words) {
			if strings.Contains(name, w) {
				return true
			}
		}
	}
	return false
}
