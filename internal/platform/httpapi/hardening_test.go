package httpapi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"onedoor/internal/platform/httpapi"
)

func page(opt httpapi.Options) *httpapi.Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := httpapi.New(opt)
	s.Raw(httpapi.Op{ID: "page", Method: "GET", Path: "/page", Summary: "页面", Tag: "test", Access: httpapi.Public},
		func(w http.ResponseWriter, _ *http.Request) {
			s.SetSession(w, "secret-token", time.Now().Add(time.Hour))
			_, _ = io.WriteString(w, "hello")
		})
	return s
}

func get(s *httpapi.Server, url string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", url, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// Every reply carries them, also a refusal and what no operation answers.
func TestHeadersOfEveryReply(t *testing.T) {
	s := page(httpapi.Options{PublicURL: "https://onedoor.example"})
	for _, path := range []string{"/page", "/nowhere", "/api/nowhere", "/assets/nowhere.js"} {
		h := get(s, "https://onedoor.example"+path, nil).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if corp := h.Get("Cross-Origin-Resource-Policy"); (corp == "same-origin") == strings.HasPrefix(path, "/assets/") {
			t.Errorf("%s: Cross-Origin-Resource-Policy is %q", path, corp)
		}
		policy := h.Get("Content-Security-Policy")
		script := policy[strings.Index(policy, "script-src"):]
		script, _, _ = strings.Cut(script, ";")
		if script != "script-src 'self'" || !strings.Contains(policy, "frame-ancestors 'self'") || !strings.Contains(policy, "object-src 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: permissions %q", path, h.Get("Permissions-Policy"))
		}
	}
}

func TestHostIsChecked(t *testing.T) {
	s := page(httpapi.Options{PublicURL: "https://onedoor.example", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for host, c := range map[string]struct {
		from string
		want int
	}{
		"onedoor.example":      {"192.0.2.1:1", 200},
		"ONEDOOR.example:443":  {"192.0.2.1:1", 200},
		"127.0.0.1:8080":       {"192.0.2.1:1", 200},
		"[::1]:8080":           {"192.0.2.1:1", 200},
		"localhost":            {"192.0.2.1:1", 200},
		"evil.example":         {"192.0.2.1:1", 421},
		"onedoor.example.evil": {"192.0.2.1:1", 421},
		"":                     {"192.0.2.1:1", 421},
		"backend":              {"10.1.2.3:1", 200},
	} {
		w := get(s, "/page", func(r *http.Request) { r.Host, r.RemoteAddr = host, c.from })
		if w.Code != c.want {
			t.Errorf("Host %q from %s: %d, want %d", host, c.from, w.Code, c.want)
		}
		if w.Code == 421 && w.Header().Get("Set-Cookie") != "" {
			t.Errorf("Host %q was given a session", host)
		}
	}
	if w := get(page(httpapi.Options{}), "http://any.name/page", nil); w.Code != 200 {
		t.Errorf("without a public address: %d", w.Code)
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	for public, want := range map[string]string{
		"https://onedoor.example": "__Host-onedoor_session", "http://127.0.0.1:8080": "onedoor_session",
	} {
		w := get(page(httpapi.Options{PublicURL: public}), public+"/page", nil)
		c := w.Result().Cookies()[0]
		secure := strings.HasPrefix(public, "https")
		if c.Name != want || !c.HttpOnly || c.Secure != secure || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("%s: %s", public, w.Header().Get("Set-Cookie"))
		}
	}
}

// A path or header with line breaks makes one line of the log, whatever is in it.
func TestLogTakesNoOrders(t *testing.T) {
	var out bytes.Buffer
	s := page(httpapi.Options{Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	get(s, "/page%0d%0alevel=ERROR%20msg=forged", func(r *http.Request) {
		r.Header.Set("X-Forwarded-For", "1.2.3.4\r\nlevel=ERROR msg=forged")
		r.Header.Set("User-Agent", "a\r\nlevel=ERROR msg=forged")
	})
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a forged line: %q", line)
		}
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	bare, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := httpapi.LimitConns(bare, 10, 2, nil)
	server := &http.Server{Handler: page(httpapi.Options{}).Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	ask := func(c net.Conn) error {
		if _, err := fmt.Fprint(c, "GET /page HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			return err
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	var held []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", bare.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := ask(c); err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	third, err := net.Dial("tcp", bare.Addr().String())
	if err == nil {
		if err = ask(third); err == nil {
			t.Error("the third connection of an address was served")
		}
		third.Close()
	}
	held[0].Close()
	// The place is free once the server has noticed.
	for {
		c, err := net.Dial("tcp", bare.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		err = ask(c)
		c.Close()
		if err == nil {
			return
		}
	}
}

// A client that asks for much and reads nothing is let go.
func TestWhoStopsReadingIsLetGo(t *testing.T) {
	s := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), WriteTimeout: 50 * time.Millisecond})
	ended := make(chan error, 1)
	s.Raw(httpapi.Op{ID: "much", Method: "GET", Path: "/much", Summary: "很多", Tag: "test", Access: httpapi.Public},
		func(w http.ResponseWriter, _ *http.Request) {
			piece := make([]byte, 1<<20)
			for {
				if _, err := w.Write(piece); err != nil {
					ended <- err
					return
				}
			}
		})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := fmt.Fprint(c, "GET /much HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the reply never ended")
	}
}
