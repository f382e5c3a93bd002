package outbound

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestWhatIsInsideIsRefused(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.100.100.200": false, "0.0.0.0": false, "::": false, "fe80::1": false,
		"fd00::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"114.114.114.114": true, "8.8.8.8": true, "2400:3200::1": true,
	} {
		if got := Allowed(netip.MustParseAddr(addr), nil); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	allow := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	if !Allowed(netip.MustParseAddr("10.1.2.3"), allow) || !Allowed(netip.MustParseAddr("::ffff:10.1.2.3"), allow) ||
		Allowed(netip.MustParseAddr("10.2.2.3"), allow) {
		t.Error("the allowed network is not what is allowed")
	}
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func get(c *http.Client, url string) (string, error) {
	res, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestTheAddressDialledCounts(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "secret")
	}))
	defer s.Close()
	trust := func(c *http.Client) *http.Client {
		c.Transport.(*bounded).next.(*http.Transport).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
		return c
	}
	byName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for _, url := range []string{s.URL, byName, "http://127.0.0.1:1/", "file:///etc/passwd", "gopher://127.0.0.1/"} {
		if body, err := get(trust(New(Options{})), url); err == nil || strings.HasPrefix(url, "http") && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %q, %v", url, body, err)
		}
	}
	if body, err := get(trust(New(Options{Allow: loopback})), s.URL); err != nil || body != "secret" {
		t.Errorf("an allowed address: %q, %v", body, err)
	}
	// A redirect is a new request: clear text to a public name is refused.
	c := trust(New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}))
	if _, err := get(c, s.URL+"/away"); err == nil {
		t.Error("nothing listens there")
	}
	if _, err := get(New(Options{Allow: loopback}), "http://example.invalid/"); !errors.Is(err, ErrRefused) {
		t.Errorf("clear text to a name: %v", err)
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 1000
		if r.URL.Path == "/fits" {
			n = 100
		}
		for range n {
			_, _ = w.Write([]byte("0123456789"))
			w.(http.Flusher).Flush() // without a length
		}
	}))
	defer s.Close()
	c := New(Options{Allow: loopback, MaxBody: 1000})
	if body, err := get(c, s.URL+"/fits"); err != nil || len(body) != 1000 {
		t.Errorf("at the bound: %d bytes, %v", len(body), err)
	}
	if body, err := get(c, s.URL+"/"); !errors.Is(err, ErrTooLarge) || len(body) > 1000 {
		t.Errorf("beyond the bound: %d bytes, %v", len(body), err)
	}
}
