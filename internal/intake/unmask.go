package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/personal"
)

// unmaskedFor is how long a page shows whole values before it masks them again.
const unmaskedFor = 5 * time.Minute

// Purpose says what whole values are wanted for: a choice and words.
type Purpose struct {
	Purpose string `json:"purpose" enum:"identity,contact,examine,inquiry,supervise" doc:"用途"`
	Words   string `json:"words" maxLength:"200" doc:"具体说明，4 到 200 字"`
}

var errPurpose = fault.New(fault.Invalid, "personal.purpose-missing", "请选择用途，并用 4 到 200 字说明为什么要看完整信息；它会记入操作留痕，申请人也能看到。").
	WithFields(fault.Field{Path: "/words", Message: "请写明具体用途，4 到 200 字。"})

// ground is the purpose as the evidence log and the person concerned read it.
func (p Purpose) ground() (string, error) {
	name, ok := personal.Purposes[p.Purpose]
	words := strings.TrimSpace(p.Words)
	if n := utf8.RuneCountInString(words); !ok || n < 4 || n > 200 {
		return "", errPurpose
	}
	return name + "：" + words, nil
}

// Unmasked are whole values, to be shown until Until.
type Unmasked struct {
	Values []WholeValue `json:"values"`
	Until  time.Time    `json:"until" doc:"到这个时间页面恢复遮盖"`
}

// WholeValue is one field of the form.
type WholeValue struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// Unmask gives whole values of the form to an officer with the right at the case's place
// who says what for; fields are paths of Case.masked, none means all of them.
func (s *Service) Unmask(ctx context.Context, caseNo string, p Purpose, fields []string) (*Unmasked, error) {
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	if err := who.Require(personal.Unmask, d.place()); err != nil {
		return nil, err
	}
	ground, err := p.ground()
	if err != nil {
		return nil, err
	}
	plain, err := s.Keys.Open(d.Form, formContext(d.CaseNo))
	if err != nil {
		return nil, fmt.Errorf("decrypt form: %w", err)
	}
	_, masked, err := s.mask(ctx, d, plain)
	if err != nil {
		return nil, err
	}
	var form any
	if err := json.Unmarshal(plain, &form); err != nil {
		return nil, fmt.Errorf("stored form: %w", err)
	}
	out := &Unmasked{Values: []WholeValue{}, Until: s.now().Add(unmaskedFor)}
	var shown []string
	for _, f := range masked {
		if len(fields) > 0 && !slices.Contains(fields, f.Path) {
			continue
		}
		if text, ok := valueAt(form, f.Path).(string); ok {
			out.Values = append(out.Values, WholeValue{f.Path, text})
			shown = append(shown, f.Path)
		}
	}
	if len(shown) == 0 {
		return nil, fault.New(fault.Invalid, "personal.no-field", "这些栏目没有被遮盖的内容，请刷新办件详情后再选。")
	}
	which, err := json.Marshal(map[string][]string{"fields": shown})
	if err != nil {
		return nil, fmt.Errorf("fields shown: %w", err)
	}
	// No value leaves without its evidence.
	if err := s.Audit.Record(ctx, audit.Entry{
		Action: "intake.unmask", ObjectKind: "case", ObjectID: d.CaseNo, OrgPath: d.OrgPath, Region: d.Region, Subject: d.ApplicantID,
		Ground: ground, After: which,
	}); err != nil {
		return nil, fmt.Errorf("evidence of unmasking: %w", err)
	}
	return out, nil
}

// valueAt follows a path of personal.Field.
func valueAt(v any, path string) any {
	for _, part := range strings.Split(path, "/") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i < 0 || i >= len(inner) {
				return nil
			}
			v = inner[i]
		default:
			return nil
		}
	}
	return v
}

// mask covers personal data in the form: what its definition says is sensitive, and what
// is by its name or its value.
func (s *Service) mask(ctx context.Context, d *dossier, plain []byte) (json.RawMessage, []personal.Field, error) {
	layout, err := s.Forms.Layout(ctx, d.FormID, d.FormVersion)
	if err != nil {
		return nil, nil, err
	}
	var form map[string]any
	if err := json.Unmarshal(plain, &form); err != nil {
		return nil, nil, fmt.Errorf("stored form: %w", err)
	}
	masked := personal.Form(form, layout.Sensitive, nil)
	out, err := json.Marshal(form)
	if err != nil {
		return nil, nil, fmt.Errorf("masked form: %w", err)
	}
	return out, masked, nil
}
