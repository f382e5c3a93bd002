// Package region is the 12-digit administrative division code (统计用区划代码).
//
// GB/T 2260 gives the first six digits (province 2, city 2, county 2) and
// GB/T 10114 the next three (town); the statistics bureau adds three for the
// village. A subtree is what shares the significant digits, so "is it in my
// city" is a prefix test and needs no table.
package region

import (
	"strings"

	"onedoor/internal/kernel/fault"
)

// Code is a full 12-digit code, trailing levels filled with zeros: "421303001000".
type Code string

// Levels, numbered as 行使层级 in GB/T 39046-2020 A.2, which items and
// organisations carry too. National has no code of its own.
const (
	National = 1
	Province = 2
	City     = 3
	County   = 4
	Town     = 5
	Village  = 6
)

// width is how many digits are significant at each level.
var width = [...]int{National: 0, Province: 2, City: 4, County: 6, Town: 9, Village: 12}

// Parse reads a code of 2, 4, 6, 9 or 12 digits and fills it up to 12.
func Parse(s string) (Code, error) {
	s = strings.TrimSpace(s)
	known := false
	for _, w := range width[Province:] {
		known = known || len(s) == w
	}
	if !known || strings.Trim(s, "0123456789") != "" || strings.HasPrefix(s, "0") {
		return "", fault.New(fault.Invalid, "region.bad-code", "行政区划代码应为 2、4、6、9 或 12 位数字，请核对后重新填写。")
	}
	return Code(s + strings.Repeat("0", 12-len(s))), nil
}

// Level is Province to Village by the last part that is not zero; 0 for a
// string that is no code.
func (c Code) Level() int {
	if len(c) != 12 || strings.Trim(string(c), "0123456789") != "" || c[0] == '0' {
		return 0
	}
	for level := Province; level < Village; level++ {
		if strings.Trim(string(c[width[level]:]), "0") == "" {
			return level
		}
	}
	return Village
}

// Parent is the code one level up that is not the code itself; "" above a province.
func (c Code) Parent() Code {
	level := c.Level()
	if level <= Province {
		return ""
	}
	w := width[level-1]
	return c[:w] + Code(strings.Repeat("0", 12-w))
}

// Prefix is the significant part, which every code of the subtree begins with;
// "" for a string that is no code.
func (c Code) Prefix() string {
	return string(c[:min(len(c), width[max(c.Level(), National)])])
}

// Contains reports whether other lies in c's subtree; c contains itself. A
// string that is no code contains nothing and lies nowhere.
func (c Code) Contains(other Code) bool {
	return c.Level() != 0 && other.Level() != 0 && strings.HasPrefix(string(other), c.Prefix())
}

// Six is the first six digits (GB/T 2260), as case numbers and ID numbers use them.
func (c Code) Six() string { return string(c[:min(len(c), 6)]) }
