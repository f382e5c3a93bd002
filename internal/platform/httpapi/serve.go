package httpapi

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
)

// state is what is known about a request on its way through.
type state struct {
	id         string
	op         string
	account    string
	address    string
	key        string
	hash       [32]byte
	retryAfter time.Duration
	err        error               // why it failed, for the log
	bare       http.ResponseWriter // net/http's own writer
	closing    <-chan struct{}
	whole      bool // the reply is one Write: its length is known and it need not be sent in chunks
}

type stateKey struct{}

func stateFrom(ctx context.Context) *state {
	st, _ := ctx.Value(stateKey{}).(*state)
	return st
}

// RequestID is the id that the reply carries in X-Request-Id, for the log of a
// use case; "" outside a request.
func RequestID(ctx context.Context) string {
	if st := stateFrom(ctx); st != nil {
		return st.id
	}
	return ""
}

func stateOf(w http.ResponseWriter) *state {
	for {
		switch t := w.(type) {
		case *writer:
			return &t.state
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return nil
		}
	}
}

const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; " +
	"object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'"

// The values are shared between requests, so setting them allocates nothing.
var (
	csp        = []string{contentPolicy}
	nosniff    = []string{"nosniff"}
	referrer   = []string{"same-origin"}
	permission = []string{"camera=(), microphone=(), geolocation=(self)"}
	opener     = []string{"same-origin"}
	resource   = []string{"same-origin"}
	hsts       = []string{"max-age=31536000"}
)

// serve is around everything: headers, log, recovery, compression.
func (s *Server) serve(bare http.ResponseWriter, r *http.Request) {
	start := time.Now()
	w := newWriter(bare, r, s.opt.WriteTimeout) // never pooled: a context that outlives the request points into it
	w.state.id = newRequestID()
	w.state.address = s.address(r)
	w.state.closing = s.closing

	h := bare.Header()
	h["Content-Security-Policy"] = csp
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = referrer
	h["Permissions-Policy"] = permission
	h["Cross-Origin-Opener-Policy"] = opener
	if !strings.HasPrefix(r.URL.Path, "/assets/") && r.URL.Path != "/ofd-viewer.html" {
		// The viewer's frame has no origin of its own; its script comes from /assets/.
		h["Cross-Origin-Resource-Policy"] = resource
	}
	h["X-Request-Id"] = []string{w.state.id}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		// Replies of the API are about one person at one moment.
		h["Cache-Control"] = noStore
	}
	w.renew()
	if r.ContentLength != 0 {
		// Also where nobody reads the body: net/http does, to the end, before it
		// takes the next request.
		_ = http.NewResponseController(bare).SetReadDeadline(start.Add(s.opt.BodyTimeout))
	}
	if s.secure {
		h["Strict-Transport-Security"] = hsts
	}

	defer func() {
		if v := recover(); v != nil {
			s.recovered(w, r, v)
		}
		w.finish()
		s.record(w, r, time.Since(start))
	}()
	if s.misdirected(r) {
		s.Fail(w, r, errHost)
		return
	}
	s.mux.ServeHTTP(w, r)
}

var errHost = newProblem(http.StatusMisdirectedRequest, "request.host", "这个网址不属于本网站，请从正确的网址访问。")

// misdirected tells whether a request came under a name that is not ours. Pages and
// messages are made with the public address, never with what a client says; this
// refuses the rest (a cache or a rebound name in front). An address instead of a name
// is what health checks and proxies use.
func (s *Server) misdirected(r *http.Request) bool {
	if !s.secure {
		return false // no public address was named: a trial, or a house behind nothing
	}
	host := strings.ToLower(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == s.host || host == "localhost" {
		return false
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return false
	}
	// A proxy of ours may rewrite the name.
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	return err != nil || !s.trusted(peer)
}

var noStore = []string{"no-store"}

// recovered answers 500 after a panic if nothing was sent yet; else the
// connection is cut, so that nobody takes half a reply for a whole one.
func (s *Server) recovered(w *writer, r *http.Request, v any) {
	if v == http.ErrAbortHandler {
		w.status = 499
		return
	}
	s.log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", w.state.id),
		slog.String("op", w.state.op), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		s.Fail(w, r, fmt.Errorf("panic: %v", v))
		return
	}
	if c, _, err := http.NewResponseController(w.bareWriter()).Hijack(); err == nil {
		_ = c.Close()
	}
}

// record writes the access log: who called what, how it ended, how long it
// took. Paths of operations are logged as patterns, so no identifier of a person gets in.
func (s *Server) record(w *writer, r *http.Request, took time.Duration) {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	if status >= 500 && errors.Is(r.Context().Err(), context.Canceled) {
		status = 499 // the client left; nobody saw our failure
	}
	if s.opt.Observe != nil {
		s.opt.Observe(w.state.op, r.Method, status, took)
	}
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case w.state.op == "" && status < 400:
		level = slog.LevelDebug // assets
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs, slog.String("request", w.state.id), slog.String("method", r.Method),
		slog.String("route", r.Pattern), slog.Int("status", status), slog.Int64("bytes", w.bytes),
		slog.Duration("took", took), slog.String("address", w.state.address))
	if w.state.op != "" {
		attrs = append(attrs, slog.String("op", w.state.op))
	}
	if w.state.account != "" {
		attrs = append(attrs, slog.String("account", w.state.account))
	}
	if w.state.err != nil {
		attrs = append(attrs, slog.String("error", w.state.err.Error()))
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}

func newRequestID() string {
	var raw [8]byte
	n := rand.Uint64()
	for i := range raw {
		raw[i] = byte(n >> (8 * i))
	}
	var text [16]byte
	hex.Encode(text[:], raw[:])
	return string(text[:])
}

// address is the client's, for rate limits and the evidence log. Only a trusted
// proxy may say that it speaks for somebody else; the last untrusted entry of
// its list is the client, what stands before it the client may have invented.
func (s *Server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if len(s.opt.TrustedProxies) == 0 || !s.trusted(host) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
		if !s.trusted(hop) {
			break
		}
	}
	return host
}

func (s *Server) trusted(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	addr = addr.Unmap()
	for _, p := range s.opt.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
