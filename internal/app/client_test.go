package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"onedoor/internal/identity"
)

// caller is one browser: it keeps what was answered instead of judging it, which is
// what tests of refusals need and story.Client does not give.
type caller struct {
	base string
	http *http.Client
}

func newCaller(base string) *caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic("a cookie jar without options cannot fail: " + err.Error())
	}
	return &caller{base, &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true}}}
}

// signedIn is a caller with a session of a demo account.
func signedIn(t *testing.T, base, login string) *caller {
	t.Helper()
	c := newCaller(base)
	c.must(t, "POST", "/api/session", map[string]string{"login": login, "password": identity.DemoPassword}, nil)
	return c
}

// token is the secret of the session.
func (c *caller) token(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(c.base)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == "onedoor_session" {
			return k.Value
		}
	}
	t.Fatal("nobody is signed in")
	return ""
}

// answer is a reply, or err when there was none.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func (a answer) ok() bool { return a.err == nil && a.status < 300 }

// send makes one request. A body that is no reader travels as JSON; header is name, value …
func (c *caller) send(ctx context.Context, method, path string, body any, header ...string) answer {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case io.Reader:
		in = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return answer{err: err}
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	if err != nil {
		return answer{err: err}
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return a // it never ends
	}
	a.body, a.err = io.ReadAll(res.Body)
	return a
}

// must is send for what has to succeed.
func (c *caller) must(t *testing.T, method, path string, body, out any, header ...string) {
	t.Helper()
	a := c.send(t.Context(), method, path, body, header...)
	if !a.ok() {
		t.Fatalf("%s %s: %d %s %v", method, path, a.status, a.body, a.err)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// problem is RFC 9457 with the house's additions.
type problem struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail"`
	Code      string          `json:"code"`
	RequestID string          `json:"request_id"`
	Current   json.RawMessage `json:"current"`
	Fields    []struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	} `json:"fields"`
}

// foreign finds Latin words; names of formats that people know by them may stay.
var (
	foreign  = regexp.MustCompile(`[A-Za-z]{3,}`)
	familiar = strings.NewReplacer("PDF", "", "PNG", "", "JPG", "", "OFD", "", "WPS", "", "Word", "", "Excel", "",
		"application/json", "", "Idempotency-Key", "")
)

// defects says what is wrong with a refusal as a document for people: it must be in
// Chinese, say what to do, and show nothing of the inside.
func (a answer) defects() (p problem, found []string) {
	wrong := func(s string) { found = append(found, s) }
	if a.err != nil {
		return p, []string{"no answer: " + a.err.Error()}
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		wrong("content type " + ct)
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		return p, append(found, "no JSON: "+string(a.body))
	}
	if p.Status != a.status {
		wrong("the document says another status")
	}
	if p.Type == "" || p.Code == "" || p.RequestID == "" {
		wrong("type, code or request_id is missing")
	}
	texts := map[string]string{"title": p.Title, "detail": p.Detail}
	for _, f := range p.Fields {
		texts["field "+f.Path] = f.Message
	}
	for where, text := range texts {
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			wrong(where + " is not Chinese: " + text)
		}
		if w := foreign.FindString(familiar.Replace(text)); w != "" {
			wrong(where + " shows " + w + ": " + text)
		}
	}
	if !strings.Contains(p.Detail, "请") && !strings.Contains(p.Detail, "可以") {
		wrong("detail does not say what to do: " + p.Detail)
	}
	return p, found
}
