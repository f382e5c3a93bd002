package intake

import (
	"encoding/json"
	"fmt"

	"onedoor/internal/kernel/fault"
)

// materialsOf sets the files against the item's list: each required material that is not
// waived (免提交) needs a file, and no file may be for a material nobody asked for (Art 31).
func materialsOf(item *Item, files []fileRow, form json.RawMessage) ([]materialRow, error) {
	if len(files) > MaxFiles {
		return nil, errTooManyFiles
	}
	given := make(map[string]bool, len(files))
	for _, f := range files {
		given[f.Material] = true
	}
	needed := neededBy(item.Scenarios, form)
	var missing []fault.Field
	rows := make([]materialRow, 0, len(item.Materials))
	for i, m := range item.Materials {
		row := materialRow{Code: m.Code, Ord: i, Name: m.Name, Required: m.Required, Status: MaterialMissing}
		if answer, ok := needed[m.Code]; ok {
			row.Required = answer
		}
		switch {
		case given[m.Code]:
			row.Status = MaterialSubmitted
		case m.Waived:
			row.Status = MaterialWaived
		case row.Required:
			missing = append(missing, fault.Field{Path: "/materials/" + m.Code, Message: "请上传“" + m.Name + "”。"})
		}
		delete(given, m.Code)
		rows = append(rows, row)
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "intake.material-missing", "还有必交的材料没有上传，请按提示补齐后提交。").WithFields(missing...)
	}
	if len(given) > 0 {
		return nil, errUnknownMaterial
	}
	return rows, nil
}

// neededBy says which material the answers in the form make necessary (true) or not.
func neededBy(scenarios []ItemScenario, form json.RawMessage) map[string]bool {
	if len(scenarios) == 0 {
		return nil
	}
	var answers map[string]any
	if json.Unmarshal(form, &answers) != nil {
		return nil // the form's own check has refused it
	}
	needed := map[string]bool{}
	for _, sc := range scenarios {
		if !answered(answers, sc) {
			continue
		}
		for _, code := range sc.Drops {
			needed[code] = false
		}
		for _, code := range sc.Adds {
			needed[code] = true
		}
	}
	return needed
}

// answered reports whether the form holds the scenario's value, alone or among several.
func answered(form map[string]any, sc ItemScenario) bool {
	parent, last := at(form, sc.Field)
	if several, ok := parent[last].([]any); ok {
		for _, v := range several {
			if fmt.Sprint(v) == sc.Value {
				return true
			}
		}
		return false
	}
	return parent[last] != nil && fmt.Sprint(parent[last]) == sc.Value
}

// What a material line of a case can be.
const (
	MaterialSubmitted = "submitted"
	MaterialMissing   = "missing"
	MaterialWaived    = "waived"
)

var errUnknownMaterial = fault.New(fault.Invalid, "intake.material-unknown", "有附件不属于这个事项要求的材料，请删除后重新提交。")
