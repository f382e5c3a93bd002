package catalog_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/httpapi"
)

var food = catalog.ItemID("complete", "sz-scjg/food-licence")

func TestSuspendAndPublish(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	it, err := s.ItemByID(ctx, food)
	if err != nil {
		t.Fatal(err)
	}
	if err := it.Open(); err != nil {
		t.Errorf("a published item is closed: %v", err)
	}
	_, err = s.SetStatus(context.Background(), food, catalog.Suspended, "系统升级", it.Version)
	wantFault(t, err, "session.required")
	_, err = s.SetStatus(ctx, food, catalog.Suspended, "  ", it.Version)
	wantFault(t, err, "catalog.reason-required")
	_, err = s.SetStatus(ctx, food, "closed", "原因", it.Version)
	wantFault(t, err, "catalog.bad-status")
	_, err = s.SetStatus(ctx, catalog.ItemID("x", "y"), catalog.Suspended, "原因", 1)
	wantFault(t, err, "catalog.item-not-found")

	// Two officers at once: one wins, the other learns the present state.
	var wins, losses int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := s.SetStatus(ctx, food, catalog.Suspended, "窗口搬迁", it.Version)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				wins++
			} else if f := wantFault(t, err, "catalog.stale-version"); f.Current != nil {
				losses++
			}
		})
	}
	wg.Wait()
	if wins != 1 || losses != 3 {
		t.Errorf("%d won, %d lost", wins, losses)
	}
	// At once, also where it was cached.
	now, err := s.ItemByID(ctx, food)
	if err != nil || now.Status != catalog.Suspended || now.StatusReason != "窗口搬迁" || now.Version != it.Version+1 {
		t.Fatalf("%+v %v", now, err)
	}
	wantFault(t, now.Open(), "catalog.item-closed")
	found, err := s.Search(ctx, catalog.Query{Text: "食品经营许可", OrgCode: "sz-scjg"})
	if err != nil || found.Rows[0].Status != catalog.Suspended {
		t.Errorf("the list shows %v %v", found.Rows, err)
	}
	// An import leaves alone what the city's staff decided.
	if _, err := s.DB.Pool.Exec(ctx, `UPDATE catalog.item SET content_hash = '\x00' WHERE id = $1; `, food); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Pool.Exec(ctx, `DELETE FROM catalog.seed`); err != nil {
		t.Fatal(err)
	}
	if err := s.Seed(ctx); err != nil {
		t.Fatal(err)
	}
	again, err := s.ItemByID(ctx, food)
	if err != nil || again.Status != catalog.Suspended || again.Version != now.Version+1 {
		t.Errorf("after an import: %s version %d, %v", again.Status, again.Version, err)
	}
	if _, err := s.SetStatus(ctx, food, catalog.Cancelled, "并入其他事项", again.Version); err != nil {
		t.Fatal(err)
	}
	found, err = s.Search(ctx, catalog.Query{Text: "食品经营许可（新办）"})
	if err != nil || found.Rows[0].OrgCode == "sz-scjg" {
		t.Errorf("a cancelled item is still listed: %v", err)
	}
}

// Another process hears of a change by NOTIFY.
func TestOtherProcessesHearOfChanges(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	other := catalog.New(s.Deps)
	listening, stop := context.WithCancel(ctx)
	defer stop()
	other.Start(listening)
	it, err := other.ItemByID(ctx, food)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetStatus(ctx, food, catalog.Suspended, "窗口搬迁", it.Version); err != nil {
		t.Fatal(err)
	}
	for it.Status != catalog.Suspended { // the test's time limit ends it when it never comes
		if it, err = other.ItemByID(ctx, food); err != nil {
			t.Fatal(err)
		}
	}
}

func testHTTP(_ context.Context, t *testing.T, s *catalog.Service) {
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Sessions: nobody{}})
	s.Routes(api)
	server := httptest.NewServer(api.Handler())
	defer server.Close()
	get := func(path string, header ...string) (*http.Response, map[string]any) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatalf("%s: %v in %.200s", path, err, raw)
			}
		}
		return res, v
	}
	res, item := get("/api/items/" + food)
	if res.StatusCode != 200 || item["name"] != "食品经营许可（新办）" || item["licence"] == nil || res.Header.Get("ETag") == "" {
		t.Errorf("item: %d %v", res.StatusCode, item["name"])
	}
	if res, _ := get("/api/items/"+food, "If-None-Match", res.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("asked again with its tag: %d", res.StatusCode)
	}
	for path, want := range map[string]int{
		"/api/items?q=%E9%A3%9F%E5%93%81&size=5": 200, "/api/items/suggest?q=sp": 200, "/api/themes": 200, "/api/departments?region=421303000000": 200,
		"/api/items/nothing": 404, "/api/items/00000000-0000-0000-0000-000000000000": 404, "/api/items?size=1000": 422, "/api/items?cursor=x": 422,
		"/api/desk/imports": 401, "/api/desk/imports/quarantine": 401,
	} {
		res, v := get(path)
		if res.StatusCode != want && (want != 422 || res.StatusCode != 400) {
			t.Errorf("%s: %d, want %d: %v", path, res.StatusCode, want, v)
		}
	}
	res, list := get("/api/items?q=spjyxk")
	rows, _ := list["rows"].([]any)
	if res.StatusCode != 200 || len(rows) == 0 || list["match"] != "exact" || list["did_you_mean"] == nil {
		t.Errorf("search: %v", list)
	}
	spec, err := api.OpenAPI()
	if err != nil || !strings.Contains(string(spec), "/api/items/{id}") {
		t.Errorf("the API document: %v", err)
	}
}

type nobody struct{}

func (nobody) Actor(context.Context, string) (*actor.Actor, error) {
	return &actor.Actor{Kind: actor.Anonymous}, nil
}
