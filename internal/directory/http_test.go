package directory_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onedoor/internal/platform/httpapi"
)

func TestPublicLists(t *testing.T) {
	t.Parallel()
	s := setup(t)
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler)})
	s.Routes(api)
	for path, want := range map[string]struct{ status, rows int }{
		"/api/orgs":                             {http.StatusOK, 107},
		"/api/orgs?parent=zd":                   {http.StatusOK, 24},
		"/api/orgs?kind=zone":                   {http.StatusOK, 1},
		"/api/orgs?kind=kingdom":                {http.StatusUnprocessableEntity, 0},
		"/api/orgs?region=421321000000":         {http.StatusOK, 22},
		"/api/regions":                          {http.StatusOK, 1},
		"/api/regions?parent=421300000000":      {http.StatusOK, 3},
		"/api/regions?parent=421399000000":      {http.StatusOK, 0},
		"/api/regions?parent=42130300000X":      {http.StatusUnprocessableEntity, 0},
		"/api/regions?parent=%27%20OR%201%3D1":  {http.StatusUnprocessableEntity, 0},
		"/api/orgs?parent=%27%20OR%201%3D1--":   {http.StatusOK, 0},
		"/api/orgs?region=not-a-code-but-harms": {http.StatusOK, 0},
	} {
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want.status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
			continue
		}
		var body struct{ Rows []json.RawMessage }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Rows) != want.rows {
			t.Errorf("%s: %d rows, %v, want %d", path, len(body.Rows), err, want.rows)
		}
		if want.status == http.StatusOK && want.rows == 0 && !strings.Contains(w.Body.String(), `"rows":[]`) {
			t.Errorf("%s: an empty list must be [], got %s", path, w.Body)
		}
	}
}
