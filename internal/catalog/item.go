package catalog

import (
	"strings"

	"onedoor/internal/kernel/workday"
)

// Status is whether an item can be applied for (事项状态).
type Status string

// The statuses. A suspended item shows its guide with the reason and takes no new case.
const (
	Published Status = "published"
	Suspended Status = "suspended"
	Cancelled Status = "cancelled"
)

// ProjectType is 办件类型: instant (即办件) is decided on the same working day.
type ProjectType string

// The project types.
const (
	Instant  ProjectType = "instant"
	Promised ProjectType = "promised"
)

// Material is one paper of the list (申请材料).
type Material struct {
	Code     string `json:"code"`           // stable within the item, upper case, "M01"
	Name     string `json:"name"`           //
	Required bool   `json:"required"`       // 材料必要性
	Kind     string `json:"kind"`           // original | copy | either
	Form     string `json:"form"`           // electronic | paper | either
	Source   string `json:"source"`         // where it comes from, in Chinese
	Copies   int    `json:"copies"`         // paper copies, 0 when electronic
	Waived   bool   `json:"waived"`         // 免提交: shared data or a licence answers it
	WaivedBy string `json:"waived_by"`      // what answers it, in Chinese
	Note     string `json:"note,omitempty"` // what to look out for
}

// Step is one step of the flow (办理环节).
type Step struct {
	Name  string `json:"name"`
	Who   string `json:"who"`
	Limit string `json:"limit"`
	Note  string `json:"note"`
}

// Basis is one legal ground (设定依据).
type Basis struct {
	Law     string `json:"law"`
	Number  string `json:"number,omitempty"`
	Article string `json:"article"`
	Text    string `json:"text,omitempty"`
}

// Question is one question people ask, with its answer (常见问题).
type Question struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Place is a window where one can go.
type Place struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Window  string `json:"window,omitempty"`
}

// Licence is what a granted case issues (审批结果: 电子证照). Nil on an item
// whose result is not a licence.
type Licence struct {
	// Type is the 21-character type code of GB/T 36904: USCC of the defining
	// department and three digits.
	Type  string `json:"type"`
	Title string `json:"title"` // 食品经营许可证
	// ValidYears is the term; 0 means without end.
	ValidYears int `json:"valid_years"`
	// Fields name the form's properties that are printed on the licence, in order.
	Fields []LicenceField `json:"fields"`
}

// LicenceField prints the form's value at From (a dotted path, "business.address")
// under Title.
type LicenceField struct {
	Title string `json:"title"`
	From  string `json:"from"`
}

// Scenario is one 情形: a question whose answer adds or drops materials.
type Scenario struct {
	Question string   `json:"question"`
	Field    string   `json:"field"`  // the form property that answers it
	Value    string   `json:"value"`  // the value that means yes
	Adds     []string `json:"adds"`   // material codes that then are required
	Drops    []string `json:"drops"`  // material codes that then are not needed
	Advice   string   `json:"advice"` // in plain words
}

// Origin says where an imported item comes from, as the source writes it.
type Origin struct {
	Source string `json:"source"` // guangdong | guangan | complete
	Org    string `json:"org,omitempty"`
	Place  string `json:"place,omitempty"`
	Phone  string `json:"phone,omitempty"`
	URL    string `json:"url,omitempty"`
	Entry  string `json:"entry,omitempty"` // the catalogue entry it belongs to
}

// Item is one 实施清单 entry: a service as one department of one level carries
// it out, with everything its guide (办事指南) shows. Items handed out by the
// service are shared: read them, never write to them.
type Item struct {
	ID          string `json:"id"`
	TaskCode    string `json:"task_code"`    // 实施编码 (31) or 业务办理项编码 (33), or the source's local code
	CatalogCode string `json:"catalog_code"` // 基本编码 (12), "" for local forms
	Name        string `json:"name"`
	Summary     string `json:"summary"` // one sentence in everyday words
	// Aliases are everyday and short names, for the search.
	Aliases  []string `json:"aliases"`
	TaskType string   `json:"task_type"` // GB/T 39046 A.1: 01 许可 … 20 公共服务
	UseLevel int      `json:"use_level"` // 3 city, 4 county, 5 town, 6 village

	OrgID      string `json:"org_id"`
	OrgCode    string `json:"org_code"`
	OrgName    string `json:"org_name"`
	OrgPath    string `json:"org_path"`
	Region     string `json:"region"` // 12 digits
	RegionName string `json:"region_name"`

	Status       Status `json:"status"`
	StatusReason string `json:"status_reason"` // why it is suspended, for the public
	Version      int    `json:"version"`
	Complete     bool   `json:"complete"` // has its own form

	ProjectType    ProjectType   `json:"project_type"`
	StatutoryLimit workday.Limit `json:"statutory_limit"` // Unit "" when the source states none
	PromisedLimit  workday.Limit `json:"promised_limit"`  // Unit "" when the source states none
	Visits         int           `json:"visits"`
	Online         bool          `json:"online"` // wholly online possible
	Fee            string        `json:"fee"`    // 不收费, or the standard in words
	// Audience are the 服务对象 codes of GB/T 39046 A.4: 1 natural person, 2 enterprise …
	Audience []string `json:"audience"`
	// Themes are "natural:085" and "legal:010".
	Themes []string `json:"themes"`

	Conditions []string   `json:"conditions"`
	Materials  []Material `json:"materials"`
	Steps      []Step     `json:"steps"`
	LegalBasis []Basis    `json:"legal_basis"`
	FAQ        []Question `json:"faq"`
	Scenarios  []Scenario `json:"scenarios"`
	Places     []Place    `json:"places"`

	Hours          string `json:"hours"`
	Phone          string `json:"phone"`
	ComplaintPhone string `json:"complaint_phone"`

	ResultName string   `json:"result_name"`
	Licence    *Licence `json:"licence,omitempty"`

	FormID      string `json:"form_id"`
	FormVersion int    `json:"form_version"`

	Origin Origin `json:"origin"`
}

// Law of Administrative Licensing Art 42 ¶1: twenty days when nothing shorter is said.
var defaultLimit = workday.Limit{Value: 20, Unit: workday.Working}

// Statutory is the limit that the law's clock uses: the item's own, or the
// twenty working days of Art 42 where the source states none.
func (it *Item) Statutory() workday.Limit {
	switch {
	case it.StatutoryLimit.Unit != "":
		return it.StatutoryLimit
	case it.PromisedLimit.Unit != "" && it.PromisedLimit.Value > defaultLimit.Value:
		// A public service without a statutory limit may promise more than twenty days.
		return it.PromisedLimit
	}
	return defaultLimit
}

// Promise is the limit the department promises: the item's own, else the statutory one.
func (it *Item) Promise() workday.Limit {
	if it.PromisedLimit.Unit != "" {
		return it.PromisedLimit
	}
	return it.Statutory()
}

// Material finds a material of the list by its code.
func (it *Item) Material(code string) (Material, bool) {
	for _, m := range it.Materials {
		if m.Code == code {
			return m, true
		}
	}
	return Material{}, false
}

// ForPersons and ForLegal say who may apply (服务对象).
func (it *Item) ForPersons() bool { return it.serves("1") }

// ForLegal reports whether legal persons and other organisations may apply.
func (it *Item) ForLegal() bool {
	for _, a := range it.Audience {
		if a != "1" {
			return true
		}
	}
	return false
}

func (it *Item) serves(code string) bool {
	for _, a := range it.Audience {
		if a == code {
			return true
		}
	}
	return false
}

// TaskTypeText is the Chinese name of the item's type.
func (it *Item) TaskTypeText() string {
	if name, ok := taskTypes[it.TaskType]; ok {
		return name
	}
	return "其他事项"
}

// ProjectTypeText is 即办件 or 承诺件.
func (it *Item) ProjectTypeText() string {
	if it.ProjectType == Instant {
		return "即办件"
	}
	return "承诺件"
}

// AudienceText names who is served: 自然人、企业法人.
func (it *Item) AudienceText() string {
	names := make([]string, 0, len(it.Audience))
	for _, a := range it.Audience {
		if n, ok := audiences[a]; ok {
			names = append(names, n)
		}
	}
	return strings.Join(names, "、")
}

var taskTypes = map[string]string{
	"00": "行政权力事项", "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付",
	"06": "行政检查", "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
}

var audiences = map[string]string{
	"1": "自然人", "2": "企业法人", "3": "事业法人", "4": "社会组织法人", "5": "行政机关", "6": "其他组织",
}
