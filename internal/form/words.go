package form

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Words reads values out of filled-in data as people write them: the title of a
// choice and not its code, 是 or 否, a list with separators, a unit behind a number.
// paths are dotted ("business.address"); a path without a value gives "".
func (s *Service) Words(ctx context.Context, id string, version int, data json.RawMessage, paths []string) ([]string, error) {
	f, err := s.form(ctx, id, version)
	if err != nil {
		return nil, err
	}
	value, err := decode(data)
	if err != nil {
		return nil, err
	}
	root, _ := f.doc.(map[string]any)
	out := make([]string, len(paths))
	for i, path := range paths {
		schema, v := root, value
		for _, name := range strings.Split(path, ".") {
			object, ok := v.(map[string]any)
			if !ok {
				v = nil
				break
			}
			schema, v = follow(root, schema, "properties", name), object[name]
		}
		out[i] = words(root, schema, v)
	}
	return out, nil
}

// follow goes one step down a schema and through a reference into $defs.
func follow(root, schema map[string]any, steps ...string) map[string]any {
	for _, step := range steps {
		schema, _ = schema[step].(map[string]any)
	}
	if ref, ok := schema["$ref"].(string); ok {
		defs, _ := root["$defs"].(map[string]any)
		schema, _ = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	return schema
}

func words(root, schema map[string]any, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "是"
		}
		return "否"
	case []any:
		items := follow(root, schema, "items")
		each := make([]string, 0, len(v))
		for _, one := range v {
			each = append(each, words(root, items, one))
		}
		return strings.Join(each, "；")
	case map[string]any:
		return "" // a group has no words of its own: name one of its fields
	}
	if title, ok := choice(schema, v); ok {
		return title
	}
	text := fmt.Sprint(v)
	if n, ok := v.(float64); ok {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if unit, ok := schema["x-unit"].(string); ok {
		text += unit
	}
	return text
}

// choice is the title of a value among the schema's choices.
func choice(schema map[string]any, v any) (string, bool) {
	options, _ := schema["oneOf"].([]any)
	for _, o := range options {
		option, _ := o.(map[string]any)
		if title, ok := option["title"].(string); ok && fmt.Sprint(option["const"]) == fmt.Sprint(v) {
			return title, true
		}
	}
	return "", false
}
