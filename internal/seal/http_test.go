package seal

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"onedoor/internal/platform/httpapi"
)

func TestTrustFileIsServed(t *testing.T) {
	t.Parallel()
	s, fake, _ := newService(t)
	if _, err := s.EnsureSeal(t.Context(), org, "随州市民政局", uscc); err != nil {
		t.Fatal(err)
	}
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Clock: fake})
	s.Routes(api)
	w := httptest.NewRecorder()
	api.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/seal/trust", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	trust, err := ParseTrust(w.Body.Bytes())
	if err != nil || len(trust.roots) != 1 || len(trust.issuers) != 1 || len(trust.makers) != 1 || len(trust.register) != 1 {
		t.Errorf("%+v, %v", trust, err)
	}
}
