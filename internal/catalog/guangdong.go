package catalog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"onedoor/internal/kernel/workday"
)

// Guangdong's dialect: one JSON object a line, as the province's service portal
// publishes its items (2021). Its type list differs from the national one: 20 is
// 其他行政权力 and 21 is 公共服务.
var guangdongTypes = map[string]string{
	"01": "01", "05": "05", "07": "07", "08": "08", "09": "09", "20": "10", "21": "20",
}

var guangdongLevels = map[string]int{"省级": 2, "市级": 3, "县级": 4, "镇级": 5, "村级": 6}

// guangdongThemes maps the province's own life events to the national list.
var guangdongThemes = map[string]string{
	"人才": "030", "找工作": "030", "纳税": "055", "创业": "030", "外国人": "105", "港澳台侨": "105", "高校毕业生": "030", "城市综合执法": "115",
	"农民": "998", "残疾人": "085", "社会救助": "085", "升学": "020", "生小孩": "005", "退休": "150", "儿童青少年": "020", "妇女": "085",
	"结婚": "060", "失业": "030", "迁居": "010", "涉农补贴": "998", "老年人": "085", "买房子": "075", "养老服务": "085", "义务教育": "020",
}

var guangdongAudience = map[string]string{
	"自然人": "1", "企业法人": "2", "事业法人": "3", "社会组织法人": "4", "行政机关": "5", "非法人企业": "6", "其他组织": "6",
}

type guangdongRow struct {
	TaskCode   string `json:"TASK_CODE"`
	CatalogID  string `json:"CATAID"`
	Entry      string `json:"CATANAME"`
	TaskType   string `json:"TASK_TYPE"`
	TaskName   string `json:"TASK_NAME"`
	SubName    string `json:"subTaskName"`
	Dept       string `json:"DEPT_NAME"`
	URL        string `json:"URL"`
	Online     string `json:"ONLINECHECK"`
	Name       string `json:"matter_name"`
	Short      string `json:"matter_short"`
	Daily      string `json:"matter_daily"`
	Level      string `json:"matter_level"`
	Visits     string `json:"visit_number"`
	Location   string `json:"handle_location"`
	Statutory  string `json:"handle_time"`
	Promised   string `json:"handle_time_limit"`
	Conditions string `json:"accept_standard"`
	Phone      string `json:"consult_phone"`
	Themes     words  `json:"theme_category"`
	Audience   words  `json:"service_object_name"`
	Materials  words  `json:"material_intro"`
}

// words is a list that the source writes as 无 when it is empty.
type words []string

// UnmarshalJSON reads a list or a single word.
func (w *words) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, (*[]string)(w))
	}
	var one string
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	if one = said(one); one != "" {
		*w = words{one}
	}
	return nil
}

// said is a value, with the source's ways of saying nothing taken away.
func said(s string) string {
	s = strings.TrimSpace(s)
	if s == "无" || s == "null" {
		return ""
	}
	return s
}

func readGuangdong(r io.Reader, yield func(draft) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 4<<20)
	for n := 1; lines.Scan(); n++ {
		raw := []byte(strings.TrimSpace(lines.Text()))
		if len(raw) == 0 {
			continue
		}
		if err := yield(parseGuangdong(n, raw)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	return nil
}

func parseGuangdong(line int, raw []byte) draft {
	var row guangdongRow
	if err := json.Unmarshal(raw, &row); err != nil {
		quoted, _ := json.Marshal(string(raw)) // not JSON itself: kept as text
		if json.Valid(raw) {
			quoted = raw
		}
		return draft{line: line, original: quoted, refused: unreadable}
	}
	d := draft{line: line, code: row.TaskCode, original: raw}
	d.name = guangdongName(row)
	it := &Item{
		TaskCode: row.TaskCode, CatalogCode: row.CatalogID, Name: d.name, TaskType: guangdongTypes[row.TaskType],
		UseLevel: 3, ProjectType: Promised, Online: row.Online == "1", Fee: "来源未注明，请向窗口咨询",
		Aliases: aliases(row.Short, row.Daily), Conditions: lines(row.Conditions), LegalBasis: lawsIn(row.Conditions),
		Origin: Origin{
			Org: strings.TrimSpace(row.Dept), Place: said(strings.TrimPrefix(row.Location, "办理地点：")),
			Phone: said(row.Phone), URL: said(row.URL), Entry: row.Entry,
		},
	}
	d.item = it
	if d.refused = checkGuangdong(row, it); d.refused != nil {
		return d
	}
	for i, m := range row.Materials {
		it.Materials = append(it.Materials, Material{
			Code: fmt.Sprintf("M%02d", i+1), Name: m, Required: true, Kind: "either", Form: "either", Source: "申请人自备",
		})
	}
	if it.PromisedLimit == (workday.Limit{Value: 0, Unit: workday.Working}) {
		it.ProjectType = Instant
	}
	suffix, known := place(departments, row.Dept)
	if !known && suffix == "" && !excluded(row.Dept) {
		suffix = guangdongDepartments[row.CatalogID[4:6]]
	}
	if suffix == "" {
		d.refused = noDepartment
		return d
	}
	d.orgs = []string{"sz-" + suffix}
	if suffix == "gxq" {
		d.orgs = []string{"gxq"}
	}
	it.Themes = guangdongItemThemes(row.Themes, it, suffix)
	return d
}

func checkGuangdong(row guangdongRow, it *Item) *refusal {
	switch {
	case row.TaskCode == "":
		return noCode
	case it.Name == "":
		return noName
	case it.TaskType == "":
		return badType
	}
	if r := checkTaskCode(row.TaskCode, row.CatalogID, guangdongLevels[row.Level]); r != nil {
		return r
	}
	var ok, ok2 bool
	it.StatutoryLimit, ok = parseLimit(row.Statutory)
	it.PromisedLimit, ok2 = parseLimit(row.Promised)
	switch {
	case !ok || !ok2:
		return badLimit
	case !promiseHolds(it.StatutoryLimit, it.PromisedLimit):
		return badPromise
	}
	if _, err := fmt.Sscanf(row.Visits, "%d", &it.Visits); err != nil {
		it.Visits = 1 // not said: nobody should be told that no visit is needed
	}
	for _, a := range row.Audience {
		code, known := guangdongAudience[a]
		if !known {
			return badAudience
		}
		it.Audience = appendNew(it.Audience, code)
	}
	return nil
}

// guangdongName joins the item's name and its variant: the source writes the
// variant with and without brackets.
func guangdongName(row guangdongRow) string {
	name := said(row.Name)
	if name == "" {
		name = said(row.TaskName)
	}
	sub := strings.Trim(said(row.SubName), "（）()")
	if sub == "" || strings.Contains(name, sub) {
		return name
	}
	if open := strings.Count(sub, "（") - strings.Count(sub, "）"); open > 0 {
		sub += strings.Repeat("）", open) // the trimming took a bracket of the variant's own
	}
	return name + "（" + sub + "）"
}

func guangdongItemThemes(names []string, it *Item, suffix string) []string {
	var out []string
	for _, n := range names {
		code := themeCodes["natural:"+n]
		if c, own := guangdongThemes[n]; own {
			code = "natural:" + c
		}
		if code != "" && code != "natural:999" {
			out = appendNew(out, code)
		}
	}
	return withThemes(out, it, suffix)
}

var law = regexp.MustCompile(`《([^《》]{4,60})》[^《》。；;]{0,24}?(第[一二三四五六七八九十百零〇]+条)`)

// lawsIn lists the acts that a text cites with an article, each once.
func lawsIn(text string) []Basis {
	var out []Basis
	seen := map[string]bool{}
	for _, m := range law.FindAllStringSubmatch(text, 12) {
		if key := m[1] + m[2]; !seen[key] {
			seen[key] = true
			out = append(out, Basis{Law: m[1], Article: m[2]})
		}
	}
	return out
}
