package catalog

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"onedoor/internal/kernel/idcode"
)

// Guang'an's dialect: a district's list of items with a local code,
//
//	目录编码 - 区划 12 - 部门序号 3 - 统一社会信用代码 18 - 1 - 2
//
// and names only: no limits, no materials. Types are the national ones without
// the leading zero.
var guanganCode = regexp.MustCompile(`^([0-9A-Z-]{8,20})-([0-9]{12})-([0-9]{3})-([0-9A-Z]{18})-([0-9])-([0-9]{2})$`)

var guanganTypes = map[string]string{
	"1": "01", "5": "05", "7": "07", "8": "08", "9": "09", "10": "10", "20": "20",
}

var guanganColumns = []string{"department", "main_item", "name", "item_code", "task_type", "area_code"}

func readGuangan(r io.Reader, yield func(draft) error) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return fmt.Errorf("read the column names: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	if strings.Join(head, ",") != strings.Join(guanganColumns, ",") {
		return fmt.Errorf("columns should be %s", strings.Join(guanganColumns, ","))
	}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var broken *csv.ParseError
		line := 0
		switch {
		case errors.As(err, &broken):
			row, line = []string{"", "", err.Error()}, broken.StartLine
		case err != nil:
			return fmt.Errorf("read rows: %w", err)
		default: // of a broken row FieldPos knows nothing, and panics
			line, _ = c.FieldPos(0)
		}
		if err := yield(parseGuangan(line, row)); err != nil {
			return err
		}
	}
}

func parseGuangan(line int, row []string) draft {
	original, _ := json.Marshal(row)
	if len(row) != len(guanganColumns) {
		return draft{line: line, original: original, refused: unreadable}
	}
	named := map[string]string{}
	for i, column := range guanganColumns {
		named[column] = row[i]
	}
	original, _ = json.Marshal(named)
	dept, entry, name, code := strings.TrimSpace(row[0]), strings.TrimSpace(row[1]), strings.TrimSpace(row[2]), strings.TrimSpace(row[3])
	d := draft{line: line, code: code, name: name, original: original}
	if entry == "未分类" {
		entry = ""
	}
	d.item = &Item{
		TaskCode: code, Name: name, TaskType: guanganTypes[row[4]], UseLevel: 4, ProjectType: Promised,
		Visits: 1, Fee: "来源未注明，请向窗口咨询", Audience: guessAudience(name),
		Origin: Origin{Org: dept, Entry: entry},
	}
	m := guanganCode.FindStringSubmatch(code)
	switch {
	case code == "":
		d.refused = noCode
	case name == "":
		d.refused = noName
	case d.item.TaskType == "":
		d.refused = badType
	case m == nil:
		d.refused = badLocalCode
	case !idcode.ValidUSCC(m[4]):
		d.refused = badUSCC
	}
	if d.refused != nil {
		return d
	}
	rules, subject := departments, dept
	if strings.Contains(dept, "行政审批局") {
		rules, subject = subjects, name+" "+entry
	}
	suffix, known := place(rules, subject)
	if !known {
		d.refused = noDepartment
		return d
	}
	// Tax, tobacco and others are one organ for city and district.
	d.orgs = []string{"zd-" + suffix, "sz-" + suffix}
	d.item.Themes = withThemes(nil, d.item, suffix)
	return d
}

// guessAudience reads who is served out of the name; the source does not say.
func guessAudience(name string) []string {
	for _, w := range []string{"企业", "公司", "单位", "机构", "法人", "社会团体", "学校", "场所", "建设项目", "工程"} {
		if strings.Contains(name, w) {
			return []string{"2", "3", "4", "6"}
		}
	}
	for _, w := range []string{"职工", "居民", "个人", "人员", "身份证", "户口", "婚姻", "驾驶证", "待遇", "补贴", "养老保险", "失业", "残疾人", "教师资格", "医师", "护士", "儿童"} {
		if strings.Contains(name, w) {
			return []string{"1"}
		}
	}
	return []string{"1", "2", "3", "4", "6"}
}
