package telemetry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestReadinessTellsTheTruth(t *testing.T) {
	var down error
	h := AdminHandler(NewMetrics(), Logger(io.Discard, "info", "text"), Check{Name: "database", Test: func(context.Context) error { return down }})
	if code, _ := get(t, h, "/readyz"); code != http.StatusOK {
		t.Errorf("all well: %d", code)
	}
	down = errors.New("password authentication failed for city")
	code, body := get(t, h, "/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, "database") {
		t.Errorf("database down: %d %s", code, body)
	}
	if strings.Contains(body, "password") {
		t.Error("the cause belongs into the log, not into the answer")
	}
	if code, _ := get(t, h, "/healthz"); code != http.StatusOK {
		t.Errorf("the process answers all the same: %d", code)
	}
}

func TestMetricsCountRequests(t *testing.T) {
	m := NewMetrics()
	m.Observe("intake-submit", "POST", 201, 3*time.Millisecond)
	m.Observe("", "GET", 404, time.Millisecond)
	_, body := get(t, AdminHandler(m, Logger(io.Discard, "info", "json")), "/metrics")
	for _, want := range []string{
		`onedoor_requests_total{method="POST",operation="intake-submit",status="201"} 1`,
		`onedoor_requests_total{method="GET",operation="page",status="404"} 1`,
		"go_goroutines",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}
