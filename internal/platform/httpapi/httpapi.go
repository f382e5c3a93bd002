// Package httpapi is the only place where HTTP meets the house.
//
// Modules register operations with Handle (typed JSON) or Raw (files, streams,
// pages); everything that must be true of every request is done here once:
// request id, session, access class, same-origin check, rate limit, bounded and
// complete bodies, idempotency keys, problem documents (RFC 9457) in Chinese,
// access log, panic recovery, security headers, compression. A fault becomes a
// problem here and nowhere else; an internal error shows nothing of itself.
//
// The log never holds a query value or a body: both carry personal data.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
)

// SessionReader finds who is behind a session token. A token that is unknown,
// revoked or too old gives a fault of kind Unauthenticated. The actor may be
// shared between requests: httpapi copies it before it fills in the address.
type SessionReader interface {
	Actor(ctx context.Context, token string) (*actor.Actor, error)
}

// Options is what a Server needs. Only Log is required.
type Options struct {
	Log      *slog.Logger
	Clock    clock.Clock   // nil: the system clock
	Sessions SessionReader // nil: everybody is anonymous

	// PublicURL is the address that people type; https makes the session cookie
	// Secure and turns HSTS on. "" means plain http on the host of the request.
	PublicURL string
	// TrustedProxies may name the client in X-Forwarded-For; from anybody else
	// the header is a lie and is ignored.
	TrustedProxies []netip.Prefix

	// Rates overrides or adds to the built-in classes named by Op.RateKey.
	Rates map[string]Rate
	// NoRateLimit switches the limits off, for a bench whose clients all share
	// one address.
	NoRateLimit bool

	// BodyTimeout bounds the reading of one body, OpTimeout one JSON operation.
	BodyTimeout time.Duration // 0: 15 s; uploads get more, see Op.BodyTimeout
	OpTimeout   time.Duration // 0: 30 s

	WriteTimeout time.Duration // for a client to accept one piece of a reply; 0 is 30 s
	// Translate turns errors of a library into faults (postgres.Fault), so that
	// a lost database is a 503 everywhere and not a 500.
	Translate func(error) error
	// Observe is called once a request is done; op is Op.ID, or "" outside operations.
	Observe func(op, method string, status int, took time.Duration)

	Title, Version string // of the OpenAPI document
}

// Server is the mux of the house with everything around it.
type Server struct {
	opt     Options
	log     *slog.Logger
	mux     *http.ServeMux
	api     huma.API
	guarded *guardedMux
	naming  string // module of the operation being registered
	limits  *limiter
	origins *http.CrossOriginProtection
	secure  bool
	host    string // of the public address, without the port
	ops     map[string]Op

	closing  chan struct{} // closed when the server begins to shut down
	shutdown sync.Once

	docs sync.Once
	page []byte
	spec []byte
}

// New makes a server without operations.
func New(opt Options) *Server {
	if opt.Log == nil {
		panic("httpapi: Options.Log is required")
	}
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.BodyTimeout == 0 {
		opt.BodyTimeout = 15 * time.Second
	}
	if opt.WriteTimeout == 0 {
		opt.WriteTimeout = 30 * time.Second
	}
	if opt.OpTimeout == 0 {
		opt.OpTimeout = 30 * time.Second
	}
	if opt.Title == "" {
		opt.Title = "一扇门 Onedoor"
	}
	if opt.Version == "" {
		opt.Version = "1"
	}
	s := &Server{
		opt:     opt,
		log:     opt.Log,
		mux:     http.NewServeMux(),
		limits:  newLimiter(opt.Rates),
		origins: http.NewCrossOriginProtection(),
		secure:  strings.HasPrefix(opt.PublicURL, "https://"),
		ops:     map[string]Op{},
		closing: make(chan struct{}),
	}
	if u, err := url.Parse(opt.PublicURL); err == nil && u.Scheme != "" && u.Host != "" {
		s.host = strings.ToLower(u.Hostname())
		// A proxy may rewrite Host; the address that people type stays ours.
		if err := s.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			s.log.Warn("public URL is not an origin", "error", err)
		}
	}
	s.guarded = &guardedMux{ServeMux: s.mux}
	s.api = humago.New(s.guarded, s.humaConfig(opt.Title, opt.Version))
	s.mux.HandleFunc("/api/", s.noRoute)
	s.mux.HandleFunc("GET /api/openapi.json", s.serveSpec)
	s.mux.HandleFunc("GET /api/docs", s.serveDocs)
	return s
}

// Mux is for handlers that are no operations: assets, pages without a session.
// They still get headers, log, recovery and compression from Handler.
func (s *Server) Mux() *http.ServeMux { return s.mux }

// Handler is the whole server.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// HTTPServer gives Handler the limits that keep slow or greedy clients from
// holding connections. Bodies and streams have their own deadlines, so there is
// no WriteTimeout: it would cut long downloads and event streams. Its Shutdown
// ends the streams, which would otherwise keep it waiting, and lets the rest finish.
func (s *Server) HTTPServer(addr string) *http.Server {
	server := &http.Server{
		Addr:              addr,
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(func() { s.shutdown.Do(func() { close(s.closing) }) })
	return server
}

// noRoute answers under /api/ what no operation matches, as a problem document.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	allow := s.methodsOf(r)
	if len(allow) == 0 {
		s.Fail(w, r, errNoRoute)
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.writeProblem(w, r, newProblem(http.StatusMethodNotAllowed, "request.method", "这个地址不支持该操作方式，请返回上一页重试。"))
}

// methodsOf lists the methods that some operation has at the path of r.
func (s *Server) methodsOf(r *http.Request) []string {
	var out []string
	probe := &http.Request{URL: r.URL, Host: r.Host}
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		probe.Method = m
		if _, pattern := s.mux.Handler(probe); pattern != "" && pattern != "/api/" && pattern != "/" {
			out = append(out, m)
		}
	}
	if len(out) > 0 {
		out = append(out, http.MethodOptions)
	}
	return out
}
