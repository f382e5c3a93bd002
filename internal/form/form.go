// Package form is the electronic forms (电子表单) that applications are filled in:
// a JSON Schema 2020-12 that says what is right, and a layout that says how it
// is asked.
//
// The rule it stands for: a version of a form never changes once it is stored,
// because a case refers to the version it was filled in with; and the server
// alone decides whether data is right, in words that tell the applicant what to
// do, without ever repeating what was typed.
package form

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema of the module.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Definition is one version of one form.
type Definition struct {
	ID      string          `json:"id"`
	Version int             `json:"version"`
	Title   string          `json:"title"`
	Schema  json.RawMessage `json:"schema"` // JSON Schema 2020-12
	UI      json.RawMessage `json:"ui"`     // layout, see Layout
}

// Layout is the ui object: sections in order, widgets, and what the account
// already knows. Paths are dotted ("business.address").
type Layout struct {
	Sections []Section         `json:"sections"`
	Widgets  map[string]string `json:"widgets"` // path → textarea, radio, date, region, …
	// Prefill maps a path to what of the applicant fills it in: name, id_number,
	// phone, uscc, legal_name.
	Prefill map[string]string `json:"prefill"`
	// Sensitive paths are personal data: masked in lists, never logged.
	Sensitive []string `json:"sensitive"`
}

// Section is a group of fields asked together.
type Section struct {
	Title  string   `json:"title"`
	Help   string   `json:"help,omitempty"`
	Fields []string `json:"fields"`
}

// Deps is what the service needs.
type Deps struct {
	DB  *postgres.DB
	Log *slog.Logger
	// Data holds forms/*.json (data.FS).
	Data fs.FS
}

// Service keeps and checks forms.
type Service struct {
	Deps
	mu sync.RWMutex
	// compiled holds every version used so far; versions never change, so an
	// entry is never stale.
	compiled map[ref]*form
	// latest is the newest version of each form known to this process.
	latest map[string]int
}

type ref struct {
	id      string
	version int
}

type form struct {
	def    Definition
	layout Layout
	schema *jsonschema.Schema
	doc    any // the schema as written, for titles
}

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, compiled: map[ref]*form{}, latest: map[string]int{}}
}

// ErrNotFound is the answer for an unknown form or version.
var ErrNotFound = fault.New(fault.NotFound, "form.not-found", "没有找到这张表单，请回到办事指南重新进入。")

// Definition is a form's version; version 0 is the newest.
func (s *Service) Definition(ctx context.Context, id string, version int) (Definition, error) {
	f, err := s.form(ctx, id, version)
	if err != nil {
		return Definition{}, err
	}
	return f.def, nil
}

// Layout is the form's ui object, decoded, for prefilling and masking.
func (s *Service) Layout(ctx context.Context, id string, version int) (Layout, error) {
	f, err := s.form(ctx, id, version)
	if err != nil {
		return Layout{}, err
	}
	return f.layout, nil
}

// Validate checks data against a form's version. What is wrong comes back as
// one fault.Invalid with every field ("/form/phone") and what to do about it.
func (s *Service) Validate(ctx context.Context, id string, version int, data json.RawMessage) error {
	f, err := s.form(ctx, id, version)
	if err != nil {
		return err
	}
	value, err := decode(data)
	if err != nil {
		return err
	}
	return f.check(value)
}

func (s *Service) form(ctx context.Context, id string, version int) (*form, error) {
	if id == "" || len(id) > 80 || version < 0 {
		return nil, ErrNotFound
	}
	s.mu.RLock()
	if version == 0 {
		version = s.latest[id]
	}
	f := s.compiled[ref{id, version}]
	s.mu.RUnlock()
	if f != nil {
		return f, nil
	}
	return s.load(ctx, id, version)
}

// load reads and compiles a version (0: the newest) and keeps it.
func (s *Service) load(ctx context.Context, id string, version int) (*form, error) {
	def, err := s.read(ctx, id, version)
	if err != nil {
		return nil, err
	}
	f, err := compile(def)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.compiled[ref{id, def.Version}] = f
	if version == 0 {
		s.latest[id] = max(s.latest[id], def.Version)
	}
	return f, nil
}
