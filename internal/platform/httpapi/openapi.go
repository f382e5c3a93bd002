package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"sort"
)

// OpenAPI is the document of all operations, 3.1 as JSON. The same operations
// give the same bytes, so that it can be committed and compared.
func (s *Server) OpenAPI() ([]byte, error) {
	raw, err := json.Marshal(s.document())
	if err != nil {
		return nil, err
	}
	// Through a map once: keys come out sorted at every level.
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (s *Server) document() any {
	doc := s.api.OpenAPI()
	tags := map[string]bool{}
	for _, op := range s.ops {
		tags[op.Tag] = true
	}
	names := make([]string, 0, len(tags))
	for t := range tags {
		names = append(names, t)
	}
	sort.Strings(names)
	doc.Tags = doc.Tags[:0]
	for _, n := range names {
		doc.Tags = append(doc.Tags, newTag(n))
	}
	return doc
}

func (s *Server) prepareDocs() {
	s.docs.Do(func() {
		var err error
		if s.spec, err = s.OpenAPI(); err != nil {
			s.log.Error("API document", "error", err)
			return
		}
		if s.page, err = docsPage(s.opt.Title, s.spec); err != nil {
			s.log.Error("API documentation page", "error", err)
		}
	})
}

func (s *Server) serveSpec(w http.ResponseWriter, _ *http.Request) {
	s.prepareDocs()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.spec)
}

func (s *Server) serveDocs(w http.ResponseWriter, _ *http.Request) {
	s.prepareDocs()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.page)
}

// methodOrder is the order in which a reader looks for operations.
var methodOrder = []string{"get", "post", "put", "patch", "delete"}

func methodRank(m string) int { return slices.Index(methodOrder, m) }
