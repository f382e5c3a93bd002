package form

import (
	"context"
	"fmt"
	"net/http"

	"onedoor/internal/platform/httpapi"
)

type definitionIn struct {
	ID          string `path:"id" maxLength:"80"`
	Version     int    `query:"version" minimum:"0" doc:"版本，不填为最新"`
	IfNoneMatch string `header:"If-None-Match"`
}

type definitionOut struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         *Definition
}

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "form-definition", Method: http.MethodGet, Path: "/api/forms/{id}",
		Summary: "电子表单的定义", Tag: "form", Access: httpapi.Public,
	}, s.getDefinition)
}

func (s *Service) getDefinition(ctx context.Context, in *definitionIn) (*definitionOut, error) {
	d, err := s.Definition(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	out := &definitionOut{Status: http.StatusOK, Body: &d}
	// A stored version never changes: whoever names it may keep it for good.
	out.ETag = fmt.Sprintf(`W/"%s-%d"`, d.ID, d.Version)
	out.CacheControl = "public, max-age=0, must-revalidate"
	if in.Version > 0 {
		out.CacheControl = "public, max-age=31536000, immutable"
	}
	if in.IfNoneMatch == out.ETag {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}
