// Package story drives the main job over HTTP as people would: find, apply, accept,
// decide, receive a sealed licence, verify it. It knows nothing but the interface,
// so what it proves holds for any client.
package story

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

// Client is one signed-in user of the HTTP interface, with a connection of its own.
type Client struct {
	base string
	http *http.Client
}

// NewClient makes an anonymous client of the server at base ("http://127.0.0.1:8080").
func NewClient(base string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic("story: a cookie jar without options cannot fail: " + err.Error())
	}
	return &Client{base: base, http: &http.Client{
		Jar: jar, Timeout: 60 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 1, MaxConnsPerHost: 1, DisableCompression: true},
	}}
}

// Problem is an answer that is not 2xx.
type Problem struct {
	Status  int
	Code    string          `json:"code"`
	Detail  string          `json:"detail"`
	Current json.RawMessage `json:"current"`
	Fields  []struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	} `json:"fields"`
}

func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
	for _, f := range p.Fields {
		text += " " + f.Path + ": " + f.Message
	}
	return text
}

// Do sends body as JSON (nil for none) and reads the answer into out (nil to drop it).
func (c *Client) Do(ctx context.Context, method, path string, body, out any, header ...string) error {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		in = bytes.NewReader(raw)
	}
	return c.Send(ctx, method, path, in, "application/json", out, header...)
}

// Send is Do with a raw body. header is name, value, name, value …
func (c *Client) Send(ctx context.Context, method, path string, body io.Reader, contentType string, out any, header ...string) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if res.StatusCode >= 300 {
		p := &Problem{Status: res.StatusCode}
		if json.Unmarshal(raw, p) != nil {
			p.Detail = http.StatusText(res.StatusCode)
		}
		return fmt.Errorf("%s %s: %w", method, path, p)
	}
	switch out := out.(type) {
	case nil:
	case *[]byte:
		*out = raw
	default:
		if err := json.Unmarshal(raw, out); err != nil {
			return fmt.Errorf("%s %s: decode the answer: %w", method, path, err)
		}
	}
	return nil
}

// SignIn opens a session.
func (c *Client) SignIn(ctx context.Context, login, password string) error {
	return c.Do(ctx, http.MethodPost, "/api/session", map[string]string{"login": login, "password": password}, nil)
}

// Cookie is the session's token after SignIn.
func (c *Client) Cookie() (string, error) {
	u, err := url.Parse(c.base)
	if err != nil {
		return "", fmt.Errorf("base address: %w", err)
	}
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == "onedoor_session" {
			return k.Value, nil
		}
	}
	return "", errors.New("nobody is signed in")
}
