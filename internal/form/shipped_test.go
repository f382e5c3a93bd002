package form_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"onedoor/internal/form"
	"onedoor/internal/kernel/fault"
)

func TestShippedForms(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	defs, err := s.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(defs) < 16 {
		t.Fatalf("%d forms, want at least 15 and the general one", len(defs))
	}
	for _, d := range defs {
		t.Run(d.ID, func(t *testing.T) {
			stored, err := s.Definition(ctx, d.ID, 0)
			if err != nil || stored.Version != d.Version {
				t.Fatalf("newest version %d, %v", stored.Version, err)
			}
			if err := s.Validate(ctx, d.ID, d.Version, example(t, d, nil)); err != nil {
				t.Fatalf("its own example: %v %+v", err, fault.Of(err).Fields)
			}
			missing := invalid(t, s.Validate(ctx, d.ID, d.Version, json.RawMessage(`{}`)))
			for path, m := range missing {
				if !strings.Contains(m, "“") || strings.ContainsAny(m, "abcdefghijklmnopqrstuvwxyz") || !strings.HasSuffix(m, "。") {
					t.Errorf("%s: message %q is not plain Chinese with the title", path, m)
				}
			}
			checkLayout(ctx, t, s, d)
			checkBounds(t, d)
		})
	}
}

// checkLayout: every field is asked once, in a section, and hints name fields.
func checkLayout(ctx context.Context, t *testing.T, s *form.Service, d form.Definition) {
	t.Helper()
	l, err := s.Layout(ctx, d.ID, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(d.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	for _, sec := range l.Sections {
		for _, f := range sec.Fields {
			asked[f]++
		}
	}
	for f := range schema.Properties {
		if asked[f] != 1 {
			t.Errorf("field %s is asked %d times", f, asked[f])
		}
	}
	known := map[string]bool{"name": true, "id_number": true, "id_type": true, "phone": true, "uscc": true, "legal_name": true}
	for f, source := range l.Prefill {
		if _, ok := schema.Properties[f]; !ok || !known[source] {
			t.Errorf("prefill %s from %s", f, source)
		}
	}
}

// checkBounds: no text without a bound, no property without a Chinese title.
func checkBounds(t *testing.T, d form.Definition) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(d.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		node, ok := v.(map[string]any)
		if !ok {
			return
		}
		if node["type"] == "string" && node["oneOf"] == nil && node["maxLength"] == nil {
			t.Errorf("%s has no maxLength", at)
		}
		if node["type"] == "array" && node["maxItems"] == nil {
			t.Errorf("%s has no maxItems", at)
		}
		if node["type"] == "object" && node["additionalProperties"] != false {
			t.Errorf("%s takes unknown properties", at)
		}
		props, _ := node["properties"].(map[string]any)
		for name, p := range props {
			if m, _ := p.(map[string]any); m["title"] == nil || m["title"] == "" {
				t.Errorf("%s/%s has no title", at, name)
			}
			walk(at+"/"+name, p)
		}
		walk(at+"/items", node["items"])
	}
	walk("", doc)
}
