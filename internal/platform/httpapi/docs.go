package httpapi

import (
	"bytes"
	"encoding/json"
	"html/template"
	"slices"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	_ "embed"
)

//go:embed docs.html
var docsHTML string

var docsTemplate = template.Must(template.New("docs").Parse(docsHTML))

func newTag(name string) *huma.Tag { return &huma.Tag{Name: name} }

// The part of an OpenAPI document that the page shows.
type specDoc struct {
	Paths      map[string]map[string]specOp `json:"paths"`
	Components struct {
		Schemas map[string]specSchema `json:"schemas"`
	} `json:"components"`
}

type specOp struct {
	ID          string              `json:"operationId"`
	Summary     string              `json:"summary"`
	Tags        []string            `json:"tags"`
	Parameters  []specParam         `json:"parameters"`
	RequestBody *specBody           `json:"requestBody"`
	Responses   map[string]specBody `json:"responses"`
	Security    []any               `json:"security"`

	Method, Path string `json:"-"`
}

type specParam struct {
	Name        string     `json:"name"`
	In          string     `json:"in"`
	Description string     `json:"description"`
	Required    bool       `json:"required"`
	Schema      specSchema `json:"schema"`
}

type specBody struct {
	Description string `json:"description"`
	Content     map[string]struct {
		Schema specSchema `json:"schema"`
	} `json:"content"`
}

type specSchema struct {
	Ref         string                `json:"$ref"`
	Type        any                   `json:"type"`
	Format      string                `json:"format"`
	Description string                `json:"description"`
	Items       *specSchema           `json:"items"`
	Properties  map[string]specSchema `json:"properties"`
	Required    []string              `json:"required"`
	Additional  any                   `json:"additionalProperties"`
}

// Label is the type in words: a link's name for a reference, "string (uuid)",
// "array of X".
func (s specSchema) Label() string {
	switch {
	case s.Ref != "":
		return s.Name()
	case s.Items != nil:
		return s.Items.Label() + "[]"
	}
	label := "any"
	switch t := s.Type.(type) {
	case string:
		label = t
	case []any:
		parts := make([]string, 0, len(t))
		for _, p := range t {
			if text, ok := p.(string); ok {
				parts = append(parts, text)
			}
		}
		label = strings.Join(parts, " | ")
	}
	if s.Format != "" {
		label += " (" + s.Format + ")"
	}
	return label
}

// Name is the referenced schema, also through an array; "" when there is none.
func (s specSchema) Name() string {
	if s.Items != nil {
		return s.Items.Name()
	}
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}

// Needs reports whether property must be present.
func (s specSchema) Needs(property string) bool { return slices.Contains(s.Required, property) }

type docsGroup struct {
	Tag string
	Ops []specOp
}

// docsPage renders the document as one page without script: it must work under
// our own content policy, and there is no CDN in a government network.
func docsPage(title string, spec []byte) ([]byte, error) {
	var doc specDoc
	if err := json.Unmarshal(spec, &doc); err != nil {
		return nil, err
	}
	groups := map[string]*docsGroup{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			op.Method, op.Path = strings.ToUpper(method), path
			tag := ""
			if len(op.Tags) > 0 {
				tag = op.Tags[0]
			}
			if groups[tag] == nil {
				groups[tag] = &docsGroup{Tag: tag}
			}
			groups[tag].Ops = append(groups[tag].Ops, op)
		}
	}
	list := make([]*docsGroup, 0, len(groups))
	for _, g := range groups {
		sort.Slice(g.Ops, func(i, j int) bool {
			a, b := g.Ops[i], g.Ops[j]
			if a.Path != b.Path {
				return a.Path < b.Path
			}
			return methodRank(strings.ToLower(a.Method)) < methodRank(strings.ToLower(b.Method))
		})
		list = append(list, g)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Tag < list[j].Tag })
	var out bytes.Buffer
	err := docsTemplate.Execute(&out, map[string]any{"Title": title, "Groups": list, "Schemas": doc.Components.Schemas})
	return out.Bytes(), err
}
