package form_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"onedoor/internal/form"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/httpapi"
)

type nobody struct{}

func (nobody) Actor(context.Context, string) (*actor.Actor, error) {
	return &actor.Actor{Kind: actor.Anonymous}, nil
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	s, _ := seeded(t)
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Sessions: nobody{}})
	s.Routes(api)
	server := httptest.NewServer(api.Handler())
	defer server.Close()
	get := func(path, tag string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	res := get("/api/forms/food-licence?version=1", "")
	var d form.Definition
	if err := json.NewDecoder(res.Body).Decode(&d); err != nil || res.StatusCode != 200 || d.Title != "食品经营许可申请表" || d.Schema[0] != '{' || d.UI[0] != '{' {
		t.Errorf("%d %v %.80s", res.StatusCode, err, d.Schema)
	}
	if again := get("/api/forms/food-licence?version=1", res.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || again.ContentLength > 0 {
		t.Errorf("asked again with its tag: %d, %d bytes", again.StatusCode, again.ContentLength)
	}
	for path, want := range map[string]int{"/api/forms/nothing": 404, "/api/forms/general?version=99": 404, "/api/forms/general": 200} {
		if res := get(path, ""); res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	spec, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	for name, schema := range doc.Components.Schemas {
		if p, ok := schema.Properties["schema"]; ok && (p["type"] != nil && p["type"] != "object" || p["contentEncoding"] != nil) {
			t.Errorf("%s documents the schema as %v", name, p)
		}
	}
}
