package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Access is the coarse class of who may call an operation. The right itself
// (role, organisation, region) is checked in the use case.
type Access int

// The classes of access. The zero value is the strictest sensible one, so that
// a forgotten field never opens an operation to everybody.
const (
	SignedIn  Access = iota // anybody with a session
	Public                  // a session is read if there is one
	Applicant               // a citizen, or an agent with an enterprise behind them
	StaffOnly               // an official
)

// DefaultMaxBody bounds a JSON body when the operation says nothing.
const DefaultMaxBody = 1 << 20

// Op describes one operation.
type Op struct {
	ID      string // "intake-submit", unique, becomes the operation id of the API document
	Method  string
	Path    string // "/api/cases/{no}"
	Summary string // Chinese
	Tag     string // the module
	Access  Access
	// Idempotent demands the header Idempotency-Key; see IdempotencyKey.
	Idempotent bool
	MaxBody    int64  // bytes; 0 is DefaultMaxBody
	RateKey    string // class of rate limit; "" is the default class
	Status     int    // of success; 0: 200, or 204 without a body

	// For Raw operations only, since there is no type to read them from.
	BodyTimeout time.Duration // 0: Options.BodyTimeout
	Params      []Param
	Consumes    string // content type of the request body, "" for none
	Produces    string // content type of the reply, "" is JSON of Reply
	Reply       any    // a value whose type documents the JSON reply
}

// Param documents a query parameter or header of a Raw operation; path
// parameters are read from the path.
type Param struct {
	Name, In, Doc string // In is "query" (also "") or "header"
	Required      bool
}

// Handle registers a typed JSON operation. I and O are huma structs: fields
// tagged path, query or header, and Body. h returns faults; anything else is an
// internal error to the caller.
func Handle[I, O any](s *Server, op Op, h func(context.Context, *I) (*O, error)) {
	_, body := reflect.TypeFor[I]().FieldByName("Body")
	hop := s.describe(op)
	hop.DefaultStatus = op.Status
	hop.MaxBodyBytes = -1    // guard has bounded and read the body before huma sees it,
	hop.BodyReadTimeout = -1 // and has cleared the connection's deadline
	s.guarded.next = s.guard(op, body)
	huma.Register(s.api, hop, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err)
		}
		return out, nil
	})
}

// Raw registers a handler for what is not JSON in and JSON out: uploads,
// downloads, event streams, HTML pages. It passes the same guards; the body is
// bounded and left to the handler to read (use BodyError on what reading gives).
// Outside /api/ the operation is not part of the API document.
func (s *Server) Raw(op Op, h http.HandlerFunc) {
	if strings.HasPrefix(op.Path, "/api/") {
		s.api.OpenAPI().AddOperation(s.describeRaw(op))
	} else {
		s.register(op)
	}
	g := s.guard(op, false)
	g.stream = true
	s.mux.HandleFunc(op.Method+" "+op.Path, g.around(h))
}

// register refuses what would only be found out in production.
func (s *Server) register(op Op) {
	switch {
	case op.ID == "" || op.Method == "" || op.Path == "":
		panic("httpapi: an operation needs ID, Method and Path: " + op.ID + " " + op.Path)
	case op.Summary == "":
		panic("httpapi: operation " + op.ID + " has no summary")
	}
	if _, dup := s.ops[op.ID]; dup {
		panic("httpapi: two operations are called " + op.ID)
	}
	s.ops[op.ID] = op
	s.naming = op.Tag
	if strings.IndexFunc(op.Tag, func(r rune) bool { return r > 'z' }) >= 0 {
		s.naming, _, _ = strings.Cut(op.ID, "-") // schema names become TypeScript identifiers
	}
}

// Operations lists what was registered, by id: a test walks it to see that
// every operation is denied to those who have no right to it.
func (s *Server) Operations() map[string]Op {
	out := make(map[string]Op, len(s.ops))
	for k, v := range s.ops {
		out[k] = v
	}
	return out
}

// describe is the part of the API document that both kinds of operation share.
func (s *Server) describe(op Op) huma.Operation {
	s.register(op)
	if !strings.HasPrefix(op.Path, "/api/") {
		panic("httpapi: operation " + op.ID + " is not under /api/")
	}
	hop := huma.Operation{OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Tags: []string{op.Tag}}
	if op.Access != Public {
		hop.Security = []map[string][]string{{"session": {}}}
	}
	if op.Idempotent {
		least, most := 8, 80
		hop.Parameters = append(hop.Parameters, &huma.Param{
			Name: idempotencyHeader, In: "header", Required: true,
			Description: "同一次操作用同一个键，重复提交得到同一结果（8–80 个字符）",
			Schema:      &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most},
		})
	}
	return hop
}

func (s *Server) describeRaw(op Op) *huma.Operation {
	hop := s.describe(op)
	for _, seg := range strings.Split(op.Path, "/") {
		if strings.HasPrefix(seg, "{") && strings.HasSuffix(seg, "}") {
			hop.Parameters = append(hop.Parameters, &huma.Param{
				Name: strings.Trim(seg, "{}."), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			})
		}
	}
	for _, p := range op.Params {
		in := p.In
		if in == "" {
			in = "query"
		}
		hop.Parameters = append(hop.Parameters, &huma.Param{
			Name: p.Name, In: in, Required: p.Required, Description: p.Doc, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	if op.Consumes != "" {
		hop.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{op.Consumes: {Schema: binary}}}
	}
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	reply := &huma.Response{Description: http.StatusText(status)}
	registry := s.api.OpenAPI().Components.Schemas
	switch {
	case op.Reply != nil:
		schema := registry.Schema(reflect.TypeOf(op.Reply), true, op.ID+"Reply")
		reply.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
	case op.Produces != "":
		reply.Content = map[string]*huma.MediaType{op.Produces: {Schema: binary}}
	}
	hop.Responses = map[string]*huma.Response{
		strconv.Itoa(status): reply,
		"default": {Description: "Error", Content: map[string]*huma.MediaType{
			problemType: {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "")},
		}},
	}
	return &hop
}
