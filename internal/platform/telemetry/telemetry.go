// Package telemetry is what operators see: the log, the metrics, and health that
// tells the truth. It listens on an address of its own that stays private.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Logger writes to w at level ("debug", "info", "warn", "error") as text or json.
func Logger(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// Metrics is the registry and the measures of every request.
type Metrics struct {
	Registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics makes a registry with the Go runtime and the process in it.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "onedoor_requests_total", Help: "Requests by operation and status.",
		}, []string{"operation", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onedoor_request_seconds", Help: "Time to answer, in seconds.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"operation"}),
	}
	m.Registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Observe counts one request; it fits httpapi.Options.Observe. Requests outside
// operations share one label, so that made-up paths cannot fill the registry.
func (m *Metrics) Observe(op, method string, status int, took time.Duration) {
	if op == "" {
		op = "page"
	}
	m.requests.WithLabelValues(op, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(op).Observe(took.Seconds())
}

// WatchPool exports the state of the connection pool.
func (m *Metrics) WatchPool(pool *pgxpool.Pool) {
	gauge := func(name, help string, f func(*pgxpool.Stat) float64) {
		m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return f(pool.Stat()) }))
	}
	gauge("onedoor_db_connections_in_use", "Connections that are at work.",
		func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) })
	gauge("onedoor_db_connections_idle", "Connections that wait for work.",
		func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) })
	gauge("onedoor_db_connections_max", "Most connections there can be.",
		func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) })
}

// Check is one thing that must hold for the process to serve.
type Check struct {
	Name string
	Test func(context.Context) error
}

// AdminHandler serves /healthz (the process answers), /readyz (every check holds,
// else 503 with the name of the one that does not) and /metrics.
func AdminHandler(m *Metrics, log *slog.Logger, checks ...Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		// A check that hangs is a check that fails.
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		for _, c := range checks {
			if err := c.Test(ctx); err != nil {
				log.Warn("not ready", "check", c.Name, "error", err)
				http.Error(w, "not ready: "+c.Name, http.StatusServiceUnavailable)
				return
			}
		}
		_, _ = io.WriteString(w, "ready\n")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{}))
	return mux
}
