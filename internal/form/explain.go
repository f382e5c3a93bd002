package form

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"onedoor/internal/kernel/fault"
)

// maxFields bounds the answer: nobody reads more, and a bomb of wrong entries
// must not be answered by a bomb of messages.
const maxFields = 50

// explainer turns the validator's findings into a message per field, in the
// words of the form and without the value, which may be personal data.
type explainer struct {
	fields []fault.Field
}

// add explains err; root is the form's schema document, for the titles on the way.
func (e *explainer) add(root any, err *jsonschema.ValidationError) {
	if len(e.fields) >= maxFields {
		return
	}
	at := err.InstanceLocation
	switch k := err.ErrorKind.(type) {
	case *kind.Required:
		e.missing(root, at, k.Missing)
	case *kind.DependentRequired:
		e.missing(root, at, k.Missing)
	case *kind.AdditionalProperties, *kind.FalseSchema, *kind.PropertyNames:
		// The unknown name is the sender's text: only the place is told.
		e.say(at, "包含表单以外的内容，请刷新页面后重新填写")
	case *kind.Const:
		if k.Want == true {
			e.say(at, "请勾选"+quoteTitle(root, at))
			return
		}
		e.say(at, "请从给出的选项中选择"+quoteTitle(root, at))
	case *kind.OneOf, *kind.Enum:
		e.say(at, "请从给出的选项中选择"+quoteTitle(root, at))
	case *kind.AnyOf:
		e.say(at, "请按提示补全"+quoteTitle(root, at))
	case *kind.Contains, *kind.MinContains:
		e.say(at, "请至少选择一项"+quoteTitle(root, at))
	default:
		if len(err.Causes) > 0 {
			for _, c := range err.Causes {
				e.add(root, c)
			}
			return
		}
		e.say(at, message(describe(root, at), err.ErrorKind))
	}
}

func (e *explainer) missing(root any, at, names []string) {
	for _, name := range names {
		path := append(append([]string(nil), at...), name)
		d := describe(root, path)
		verb := "请填写"
		if d.chosen {
			verb = "请选择"
		}
		e.say(path, verb+d.titleOr("此项"))
	}
}

func (e *explainer) say(at []string, text string) {
	path := "/form" + pointer(at)
	for _, f := range e.fields {
		if f.Path == path {
			return // one message a field: the first is the one to mend
		}
	}
	if len(e.fields) < maxFields {
		e.fields = append(e.fields, fault.Field{Path: path, Message: text + "。"})
	}
}

func message(d described, k jsonschema.ErrorKind) string {
	title := d.titleOr("此项")
	switch k := k.(type) {
	case *kind.MinLength:
		if k.Want <= 1 {
			return "请填写" + title
		}
		return fmt.Sprintf("%s至少 %d 个字", title, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("%s最多 %d 个字，请精简", title, k.Want)
	case *kind.Format:
		if d.advice != "" {
			return d.advice
		}
		return formatAdvice(title, k.Want)
	case *kind.Pattern:
		if d.advice != "" {
			return d.advice
		}
		return title + "的写法不对，请按说明填写"
	case *kind.Type:
		return title + "的类型不对，" + typeAdvice(k.Want)
	case *kind.Minimum:
		return title + "不能小于 " + number(k.Want)
	case *kind.Maximum:
		return title + "不能大于 " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return title + "应当大于 " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return title + "应当小于 " + number(k.Want)
	case *kind.MultipleOf:
		return title + "应当是 " + number(k.Want) + " 的整数倍"
	case *kind.MinItems:
		return fmt.Sprintf("%s至少填 %d 项", title, k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("%s最多填 %d 项", title, k.Want)
	case *kind.UniqueItems:
		return title + "有重复的内容，请删去重复的"
	case *kind.MinProperties, *kind.MaxProperties:
		return title + "填写的项数不对，请按页面上的表单填写"
	}
	return title + "填写有误，请按说明修改"
}

func formatAdvice(title, format string) string {
	switch format {
	case "citizen-id":
		return title + "不正确，请核对 18 位公民身份号码（末位可为 X）"
	case "uscc":
		return title + "不正确，请核对营业执照上的 18 位统一社会信用代码"
	case "phone":
		return title + "不正确，请填 11 位手机号码，或带区号的固定电话（如 0722-3590000）"
	case "mobile":
		return title + "不正确，请填 11 位手机号码"
	case "date":
		return title + "应为日期，如 2026-11-22"
	case "email":
		return title + "应为电子邮箱地址"
	}
	return title + "的格式不对，请按说明填写"
}

func typeAdvice(want []string) string {
	switch strings.Join(want, " ") {
	case "string":
		return "请填写文字"
	case "integer":
		return "请填写整数"
	case "number":
		return "请填写数字"
	case "boolean":
		return "请选择是或否"
	case "array":
		return "请逐项填写"
	}
	return "请按页面上的表单填写"
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	s := strings.TrimRight(r.FloatString(4), "0")
	return strings.TrimSuffix(s, ".")
}

// described is what the form's author wrote about a field.
type described struct {
	title  string
	advice string // x-message: what to do when pattern or format do not fit
	chosen bool   // chosen from options rather than typed
}

func (d described) titleOr(other string) string {
	if d.title == "" {
		return other
	}
	return "“" + d.title + "”"
}

func quoteTitle(root any, at []string) string { return describe(root, at).titleOr("") }

// describe walks from the form's schema document to the field. An entry of a
// list borrows the list's title when it has none.
func describe(doc any, at []string) described {
	var d described
	node, _ := doc.(map[string]any)
	for _, token := range at {
		props, _ := node["properties"].(map[string]any)
		next, ok := props[token].(map[string]any)
		entry := false
		if !ok {
			next, ok = node["items"].(map[string]any)
			entry = true
		}
		if !ok {
			return described{}
		}
		node = next
		if title, ok := node["title"].(string); ok || !entry {
			d.title = title
		}
		d.advice, _ = node["x-message"].(string)
		d.chosen = node["oneOf"] != nil || node["enum"] != nil || node["type"] == "array"
	}
	return d
}

func pointer(at []string) string {
	var b strings.Builder
	for _, token := range at {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}
