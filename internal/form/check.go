package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
)

// errInvalid carries the wrong fields.
var errInvalid = fault.New(fault.Invalid, "form.invalid", "表单有内容需要修改，请按各项提示修改后再提交。")

// compile checks a definition itself and makes it ready for use.
func compile(d Definition) (*form, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.Schema))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(nothing{})
	for _, f := range formats {
		c.RegisterFormat(f)
	}
	// Not a file path: errors that show it must mean something to the log's reader.
	url := fmt.Sprintf("onedoor:form/%s/%d", d.ID, d.Version)
	if err := c.AddResource(url, plainChoices(doc)); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	schema, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	f := &form{def: d, schema: schema, doc: doc}
	if err := json.Unmarshal(d.UI, &f.layout); err != nil {
		return nil, fmt.Errorf("ui: %w", err)
	}
	return f, nil
}

// plainChoices makes an enum of a choice written as oneOf with const and title.
// They mean the same; but for each option that was not taken the validator
// builds an error, only to drop it, which was most of the time of a check.
func plainChoices(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainChoices(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if values, ok := choices(x); ok && k == "oneOf" && v["enum"] == nil {
				out["enum"] = values
				continue
			}
			if k != "examples" {
				x = plainChoices(x)
			}
			out[k] = x
		}
		return out
	}
	return v
}

func choices(oneOf any) ([]any, bool) {
	options, _ := oneOf.([]any)
	values := make([]any, 0, len(options))
	for _, o := range options {
		option, _ := o.(map[string]any)
		value, ok := option["const"]
		if _, titled := option["title"]; !ok || !titled || len(option) != 2 {
			return nil, false
		}
		values = append(values, value)
	}
	return values, len(values) > 0
}

// nothing refuses to load schemas from elsewhere: a form stands for itself.
type nothing struct{}

func (nothing) Load(url string) (any, error) {
	return nil, errors.New("a form refers to no other schema: " + url)
}

func (f *form) check(value any) error {
	err := f.schema.Validate(value)
	if err == nil {
		return nil
	}
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return fmt.Errorf("validate form %s: %w", f.def.ID, err)
	}
	var e explainer
	e.add(f.doc, v)
	// The cause is left out: the library's errors quote the values.
	return errInvalid.WithFields(e.fields...)
}

var errFormat = errors.New("format")

// formats are what the field's forms need beyond the standard ones.
var formats = []*jsonschema.Format{
	{Name: "citizen-id", Validate: onString(idcode.ValidCitizen)},
	{Name: "uscc", Validate: onString(idcode.ValidUSCC)},
	{Name: "phone", Validate: onString(validPhone)},
	{Name: "mobile", Validate: onString(validMobile)},
}

func onString(ok func(string) bool) func(any) error {
	return func(v any) error {
		if s, is := v.(string); is && !ok(s) {
			return errFormat
		}
		return nil
	}
}

// validMobile: eleven digits beginning 13 to 19.
func validMobile(s string) bool {
	return len(s) == 11 && s[0] == '1' && s[1] >= '3' && allDigits(s)
}

// validPhone: a mobile number, or a fixed line "0722-3590000" with an optional
// extension, or a short service number such as 12345.
func validPhone(s string) bool {
	if validMobile(s) {
		return true
	}
	if len(s) == 5 && allDigits(s) {
		return true
	}
	area, rest, cut := cutDash(s)
	if !cut || len(area) < 3 || len(area) > 4 || area[0] != '0' || !allDigits(area) {
		return false
	}
	number, ext, hasExt := cutDash(rest)
	if hasExt && (len(ext) < 1 || len(ext) > 6 || !allDigits(ext)) {
		return false
	}
	return len(number) >= 7 && len(number) <= 8 && allDigits(number)
}

func cutDash(s string) (before, after string, ok bool) {
	for i := range len(s) {
		if s[i] == '-' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
