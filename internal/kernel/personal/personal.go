// Package personal says what is personal data and how much of it a reader gets: the one
// place that decides, at the moment of the answer, by field and grant.
//
// It stands for 个人信息保护法 Art 6 (no more than the purpose needs), Art 28 (sensitive
// data) and Art 51 (masking, 去标识化): ID numbers show their first six and last four
// characters, mobiles three and four, accounts the last four, addresses end at the
// street, names keep the surname. Whole values go to the person concerned, and to an
// official with the right Unmask at the place who has said what for.
//
// What is no personal data: names, codes and addresses of enterprises and of traders as
// the register publishes them (市场主体登记管理条例 Art 5), and the telephones of offices.
package personal

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"onedoor/internal/kernel/actor"
)

// Unmask is the right to see whole values, for a purpose that is written down.
const Unmask actor.Action = "personal.unmask"

// Kind is what a value is, and so how it is masked.
type Kind string

// The kinds of personal data.
const (
	None    Kind = ""
	ID      Kind = "id"
	Phone   Kind = "phone"
	Account Kind = "account" // of a bank
	Address Kind = "address"
	Name    Kind = "name"
	Other   Kind = "other" // said to be sensitive, and of no known kind
)

// Mask shows as much of value as anybody who may see the record may see.
func (k Kind) Mask(value string) string {
	switch k {
	case None:
		return value
	case ID:
		return MaskID(value)
	case Phone:
		return MaskPhone(value)
	case Account:
		return keep(value, 0, 4)
	case Address:
		return MaskAddress(value)
	case Name:
		return MaskName(value)
	}
	r := []rune(value)
	return keep(value, len(r)/4, len(r)/4)
}

// MaskID shows the region and the last four characters: "421303********004X".
func MaskID(id string) string { return keep(id, 6, 4) }

// MaskPhone shows the first three and the last four digits: "138****0001".
func MaskPhone(phone string) string { return keep(phone, 3, 4) }

// MaskName keeps the surname: 林晓梅 → 林**, 欧阳修 → 欧阳*.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	head := 1
	if len(r) > 2 && slices.Contains(doubleSurnames, string(r[:2])) {
		head = 2
	}
	if len(r) <= head {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head)
}

var doubleSurnames = []string{"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "端木", "百里", "长孙", "宇文"}

// MaskAddress ends behind the street: 随州市曾都区烈山大道88号2单元301 → 随州市曾都区烈山大道****.
func MaskAddress(address string) string {
	r := []rune(address)
	end := 0
	for i, c := range r {
		if strings.ContainsRune("路街道巷镇乡村区县弄", c) && i < len(r)-1 {
			end = i + 1
		}
		if unicode.IsDigit(c) {
			break
		}
	}
	if end == 0 {
		end = len(r) / 3
	}
	if len(r) == 0 {
		return ""
	}
	return string(r[:end]) + "****"
}

// keep shows head and tail; what is too short for that is hidden whole.
func keep(s string, head, tail int) string {
	r := []rune(s)
	if len(r) < head+tail+2 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}

var (
	idInText     = regexp.MustCompile(`[1-9][0-9]{16}[0-9Xx]`)
	mobileInText = regexp.MustCompile(`1[3-9][0-9]{9}`)
)

// MaskText masks the ID numbers and mobiles that somebody wrote into a sentence.
func MaskText(text string) string {
	text = runs(text, idInText, MaskID)
	return runs(text, mobileInText, MaskPhone)
}

// runs replaces matches that are no part of a longer number.
func runs(text string, pattern *regexp.Regexp, mask func(string) string) string {
	var out strings.Builder
	last := 0
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		if at[0] > 0 && isDigit(text[at[0]-1]) || at[1] < len(text) && isDigit(text[at[1]]) {
			continue
		}
		out.WriteString(text[last:at[0]])
		out.WriteString(mask(text[at[0]:at[1]]))
		last = at[1]
	}
	if last == 0 {
		return text
	}
	out.WriteString(text[last:])
	return out.String()
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// kindOf judges a field by what its form calls it.
func kindOf(name string, declared bool, beside map[string]any) Kind {
	has := func(end string) bool { return name == end || strings.HasSuffix(name, "_"+end) }
	_, place := beside[name+"_region"]
	switch {
	case has("id_number"), has("id_no"), has("id_card"):
		return ID
	case has("phone"), has("mobile"), has("tel"):
		return Phone
	case has("bank_account"), has("account_no"), has("bank_card"):
		return Account
	case has("residence"), has("home_address"), has("contact_address"), name == "mother_address", name == "father_address":
		return Address
	case name == "address" && !place: // beside a region it is where a business is, which its licence shows
		return Address
	case declared && has("name"):
		return Name
	case declared && has("address"):
		return Address
	case declared:
		return Other
	}
	return None
}

// Field is a value that was masked: where it stands and what it is.
type Field struct {
	Path string `json:"path" doc:"栏目在申请表中的位置"`
	Kind Kind   `json:"kind" enum:"id,phone,account,address,name,other"`
}

// Form masks a filled-in form in place, at every depth: the fields that its definition
// declares (dotted paths), those whose names say what they are, and numbers in the middle
// of sentences. keepWhole excepts fields, nil none. It tells what was masked.
func Form(form map[string]any, declared []string, keepWhole func(path string) bool) []Field {
	w := walk{declared: declared, whole: keepWhole, fields: []Field{}}
	w.object(form, "", "")
	slices.SortFunc(w.fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return w.fields
}

type walk struct {
	declared []string
	whole    func(string) bool
	fields   []Field
}

// object goes through m, which stands at path ("shareholders/0"); plain is the path
// without numbers, as definitions write it ("shareholders").
func (w *walk) object(m map[string]any, path, plain string) {
	for name, v := range m {
		w.value(v, join(path, name, "/"), join(plain, name, "."), name, m, func(s string) { m[name] = s })
	}
}

func join(path, name, sep string) string {
	if path == "" {
		return name
	}
	return path + sep + name
}

func (w *walk) value(v any, path, plain, name string, beside map[string]any, set func(string)) {
	switch v := v.(type) {
	case map[string]any:
		w.object(v, path, plain)
	case []any:
		for i := range v {
			w.value(v[i], path+"/"+strconv.Itoa(i), plain, name, beside, func(s string) { v[i] = s })
		}
	case string:
		kind := kindOf(name, slices.Contains(w.declared, plain), beside)
		masked := kind.Mask(v)
		if kind == Address && !strings.ContainsFunc(v, func(r rune) bool { return r > unicode.MaxASCII }) {
			masked = v // a code of a list and no address
		}
		if kind == None {
			if masked = MaskText(v); masked != v {
				kind = Other
			}
		}
		if masked == v {
			return
		}
		if w.whole != nil && w.whole(path) {
			return
		}
		w.fields = append(w.fields, Field{path, kind})
		set(masked)
	}
}

// Purposes are what whole values may be asked for; the words for people.
var Purposes = map[string]string{
	"identity": "核对申请人身份", "contact": "联系申请人", "examine": "审查、核验申请内容", "inquiry": "答复申请人咨询或投诉", "supervise": "监督检查",
}
