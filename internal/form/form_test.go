package form_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"onedoor/internal/form"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

func seeded(t testing.TB) (*form.Service, context.Context) {
	t.Helper()
	s := form.New(form.Deps{DB: pgtest.New(t, postgres.MigrationSet{Module: "form", FS: form.Migrations}), Data: os.DirFS("../../data")})
	ctx := context.Background()
	if err := s.Seed(ctx); err != nil {
		t.Fatalf("seed: %v", err)
	}
	return s, ctx
}

func invalid(t testing.TB, err error) map[string]string {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != "form.invalid" || f.Kind != fault.Invalid {
		t.Fatalf("error %v, want form.invalid", err)
	}
	out := map[string]string{}
	for _, x := range f.Fields {
		out[x.Path] = x.Message
	}
	return out
}

// example is the filled-in form that a definition carries, with changes.
func example(t testing.TB, d form.Definition, change func(map[string]any)) json.RawMessage {
	t.Helper()
	var schema struct {
		Examples []map[string]any `json:"examples"`
	}
	if err := json.Unmarshal(d.Schema, &schema); err != nil || len(schema.Examples) == 0 {
		t.Fatalf("%s has no example: %v", d.ID, err)
	}
	if change != nil {
		change(schema.Examples[0])
	}
	raw, err := json.Marshal(schema.Examples[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestMessagesTellWhatToDo(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	food, err := s.Definition(ctx, "food-licence", 0)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "421303199003070021"
	fields := invalid(t, s.Validate(ctx, "food-licence", 1, example(t, food, func(m map[string]any) {
		m["id_number"] = secret
		m["uscc"] = "914213030000000000"
		m["phone"] = "12"
		m["name"] = ""
		m["legal_name"] = strings.Repeat("长", 31)
		m["area"] = 0
		m["staff"] = 1.5
		m["business_type"] = "spaceship"
		m["projects"] = []string{"hot", "hot"}
		m["online"] = true
		m["unknown-"+secret] = 1
		delete(m, "website")
		delete(m, "address_region")
		m["promise"] = false
	})))
	want := map[string]string{
		"/form/id_number":      "“法定代表人（负责人）公民身份号码”不正确，请核对 18 位公民身份号码（末位可为 X）。",
		"/form/uscc":           "“统一社会信用代码”不正确，请核对营业执照上的 18 位统一社会信用代码。",
		"/form/name":           "请填写“经营者名称”。",
		"/form/legal_name":     "“法定代表人（负责人）”最多 30 个字，请精简。",
		"/form/area":           "“经营面积”不能小于 1。",
		"/form/staff":          "“从业人员数”的类型不对，请填写整数。",
		"/form/business_type":  "请从给出的选项中选择“主体业态”。",
		"/form/projects":       "“经营项目”有重复的内容，请删去重复的。",
		"/form/website":        "请填写“网站或平台名称”。",
		"/form/address_region": "请选择“经营场所所在地”。",
		"/form/promise":        "请勾选“承诺内容真实、符合食品安全要求”。",
		"/form":                "包含表单以外的内容，请刷新页面后重新填写。",
	}
	for path, m := range want {
		if fields[path] != m {
			t.Errorf("%s: %q, want %q", path, fields[path], m)
		}
	}
	for path, m := range fields {
		if strings.Contains(path+m, secret) {
			t.Errorf("%s repeats what was typed: %q", path, m)
		}
	}
	if len(fields) != len(want)+1 || fields["/form/phone"] == "" { // its message depends on which rule speaks first
		t.Errorf("%d fields, want %d: %v", len(fields), len(want)+1, fields)
	}
}

func TestMessagesInLists(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	d, err := s.Definition(ctx, "company-setup", 0)
	if err != nil {
		t.Fatal(err)
	}
	fields := invalid(t, s.Validate(ctx, "company-setup", 1, example(t, d, func(m map[string]any) {
		m["shareholders"] = []any{map[string]any{"name": "甲", "id_number": "1234", "amount": "many", "way": "cash", "pay_by": "2031-13-01"}}
		m["extras"] = []any{"seal", "rocket"}
	})))
	for path, m := range map[string]string{
		"/form/shareholders/0/amount": "“认缴出资额”的类型不对，请填写数字。",
		"/form/shareholders/0/pay_by": "“缴足日期”应为日期，如 2026-11-22。",
		"/form/extras/1":              "请从给出的选项中选择“需要一并办理的”。",
	} {
		if fields[path] != m {
			t.Errorf("%s: %q, want %q", path, fields[path], m)
		}
	}
}

func TestIDNumberFollowsItsType(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	d, err := s.Definition(ctx, "general", 0)
	if err != nil {
		t.Fatal(err)
	}
	fields := invalid(t, s.Validate(ctx, "general", 0, example(t, d, func(m map[string]any) { m["id_type"] = "001" })))
	if !strings.Contains(fields["/form/id_number"], "统一社会信用代码") {
		t.Errorf("a citizen's number as USCC: %v", fields)
	}
	if err := s.Validate(ctx, "general", 0, example(t, d, func(m map[string]any) { m["id_type"], m["id_number"] = "999", "E12345678" })); err != nil {
		t.Errorf("a passport: %v", err)
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	for name, c := range map[string]struct{ body, code string }{
		"too large":          {`{"name":"` + strings.Repeat("a", form.MaxBytes) + `"}`, "form.too-large"},
		"deep objects":       {strings.Repeat(`{"a":`, 40_000), "form.too-complex"},
		"deep arrays":        {strings.Repeat("[", 200_000), "form.too-complex"},
		"many values":        {`{"a":[` + strings.Repeat("1,", 100_000) + `1]}`, "form.too-complex"},
		"huge exponent":      {`{"area":1e999999999}`, "form.not-json"},
		"long number":        {`{"area":` + strings.Repeat("9", 200_000) + `}`, "form.not-json"},
		"cut off":            {`{"name":"林`, "form.not-json"},
		"not UTF-8":          {"{\"name\":\"\xff\xfe\"}", "form.not-json"},
		"two documents":      {`{}{}`, "form.not-json"},
		"nothing":            {``, "form.not-json"},
		"a list":             {`[]`, "form.invalid"},
		"null":               {`null`, "form.invalid"},
		"brackets in text":   {`{"a":"\"` + strings.Repeat("[", 1000) + `"}`, "form.invalid"},
		"many wrong entries": {`{"projects":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 4000), ",") + `]}`, "form.invalid"},
	} {
		err := s.Validate(ctx, "food-licence", 1, json.RawMessage(c.body))
		if f := fault.Of(err); f.Code != c.code || len(f.Fields) > 50 {
			t.Errorf("%s: %v with %d fields, want %s", name, err, len(f.Fields), c.code)
		}
	}
}

func TestVersionsNeverChange(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	d, err := s.Definition(ctx, "general", 0)
	if err != nil {
		t.Fatal(err)
	}
	spaced := d
	spaced.Schema = append(bytes.Clone(d.Schema), ' ', '\n')
	if err := s.Store(ctx, spaced); err != nil {
		t.Errorf("the same again: %v", err)
	}
	other := d
	other.Title = "另一张表"
	if err := s.Store(ctx, other); !errors.Is(err, form.ErrVersionTaken) {
		t.Errorf("another content under the same version: %v", err)
	}
	other.Version = 2
	if err := s.Store(ctx, other); err != nil {
		t.Fatalf("a new version: %v", err)
	}
	if newest, err := s.Definition(ctx, "general", 0); err != nil || newest.Version != 2 {
		t.Errorf("newest is %d, %v", newest.Version, err)
	}
	if old, err := s.Definition(ctx, "general", 1); err != nil || old.Title != d.Title {
		t.Errorf("the old version: %q, %v", old.Title, err)
	}
	if _, err := s.DB.Pool.Exec(ctx, `UPDATE form.definition SET title = 'x'`); err == nil {
		t.Error("the database let a stored version change")
	}
	for _, id := range []string{"", "nothing", strings.Repeat("a", 100), "../etc"} {
		if _, err := s.Definition(ctx, id, 0); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("form %q: %v", id, err)
		}
	}
}

func TestSchemasMustStandForThemselves(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	for _, schema := range []string{`{"$ref":"https://example.com/x.json"}`, `{"$ref":"file:///etc/passwd"}`, `{"type":"nothing"}`, `{`} {
		d := form.Definition{ID: "bad", Version: 1, Title: "坏表单", Schema: json.RawMessage(schema), UI: json.RawMessage(`{}`)}
		if err := s.Store(ctx, d); err == nil {
			t.Errorf("stored %s", schema)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	s, ctx := seeded(b)
	d, err := s.Definition(ctx, "food-licence", 0)
	if err != nil {
		b.Fatal(err)
	}
	raw := example(b, d, nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Validate(ctx, "food-licence", 1, raw); err != nil {
			b.Fatal(err)
		}
	}
}
