package catalog

import (
	"regexp"
	"strconv"

	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/workday"
)

// 基本编码, 12: region 2, item type 2, department 2, main item 3, sub-item 3 (a
// main item that has sub-items ends 00Y).
var catalogCode = regexp.MustCompile(`^[0-9]{2}[0-9]{2}[0-9A-Z]{2}[0-9]{3}(?:[0-9]{3}|00Y)$`)

// refusal is why a row is set aside: a stable code and words for the city's staff.
type refusal struct{ reason, message string }

// The reasons.
var (
	noCode         = &refusal{"code-missing", "没有事项编码，无法识别"}
	noName         = &refusal{"name-missing", "没有事项名称"}
	badLength      = &refusal{"task-code-shape", "实施编码应为 31 位，业务办理项编码应为 33 位"}
	badCatalogCode = &refusal{"catalog-code-shape", "基本编码应为 12 位：地区 2 位、类型 2 位、部门 2 位、主项 3 位、子项 3 位"}
	badUSCC        = &refusal{"uscc-check", "编码中的实施主体统一社会信用代码校验位不符，或为占位代码"}
	badLevel       = &refusal{"level-digit", "编码中的行使层级与事项的行使层级不一致"}
	badMismatch    = &refusal{"catalog-code-mismatch", "实施编码中的基本编码与所列基本编码不一致"}
	badType        = &refusal{"task-type", "事项类型不在来源的代码表中"}
	badLimit       = &refusal{"limit-text", "办结时限无法识别"}
	badPromise     = &refusal{"promise-exceeds", "承诺办结时限长于法定办结时限"}
	badLocalCode   = &refusal{"local-code-shape", "地方编码不符合“目录编码-区划12位-部门序号3位-统一社会信用代码18位-1位-2位”的结构"}
	badAudience    = &refusal{"audience", "服务对象不在代码表中"}
	noDepartment   = &refusal{"no-department", "本市没有与来源实施主体对应的部门"}
	twice          = &refusal{"duplicate-code", "同一文件中编码重复"}
	unreadable     = &refusal{"unreadable", "这一行的格式无法读取"}
)

// checkTaskCode takes 实施编码 (USCC 18, level 1, 基本编码 12) and 业务办理项编码
// (two more) apart.
func checkTaskCode(code, catalog string, level int) *refusal {
	if len(code) != 31 && len(code) != 33 {
		return badLength
	}
	switch {
	case !catalogCode.MatchString(code[19:31]):
		return badCatalogCode
	case code[19:31] != catalog:
		return badMismatch
	case !idcode.ValidUSCC(code[:18]):
		return badUSCC
	case int(code[18]-'0') != level:
		return badLevel
	}
	return nil
}

var limitPattern = regexp.MustCompile(`^\s*([0-9]{1,4})\s*[（(]\s*(工作日|自然日)\s*[)）]\s*$`)

// parseLimit reads "30(工作日)" and "15(自然日)"; 无 and nothing are no limit,
// which is not the same as a limit of zero days.
func parseLimit(s string) (workday.Limit, bool) {
	if s == "" || s == "无" {
		return workday.Limit{}, true
	}
	m := limitPattern.FindStringSubmatch(s)
	if m == nil {
		return workday.Limit{}, false
	}
	n, _ := strconv.Atoi(m[1]) // at most four digits
	if m[2] == "自然日" {
		return workday.Limit{Value: n, Unit: workday.Natural}, true
	}
	return workday.Limit{Value: n, Unit: workday.Working}, true
}

// promiseHolds: a promise may be shorter than the law, never longer; limits in
// different units are not compared.
func promiseHolds(statutory, promised workday.Limit) bool {
	return statutory.Unit == "" || promised.Unit != statutory.Unit || promised.Value <= statutory.Value
}
