// Package outbound is the one way out of the house: every HTTP request that the
// product makes to somebody else's address (message gateways, identity
// platforms, time stamps, key services, webhooks) goes through a client of this
// package.
//
// It stands for OWASP ASVS 12.6.1 and 5.2.6: an address that somebody typed must
// not make the server talk to itself or to its neighbours. The check is made on
// the address that is dialled and not on the name, so a name that resolves to
// 127.0.0.1, or changes after the check, gains nothing.
package outbound

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Defaults of Options.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMaxBody = 4 << 20 // bytes
	maxRedirects   = 3
	maxHeader      = 64 << 10 // bytes
)

// ErrRefused is a destination inside the house that nobody has allowed.
var ErrRefused = errors.New("outbound: this address is not allowed (ONEDOOR_OUTBOUND_ALLOW names the networks that are)")

// ErrTooLarge is an answer beyond MaxBody.
var ErrTooLarge = errors.New("outbound: the answer is too large")

// Options of a client.
type Options struct {
	// Allow are networks that may be reached although they are private, loopback
	// or link-local. A plain http:// address must lie in one of them.
	Allow   []netip.Prefix
	Timeout time.Duration // of a whole exchange; 0: DefaultTimeout
	MaxBody int64         // bytes of an answer; 0: DefaultMaxBody
}

// inside are networks that belong to nobody out there, beside those that netip
// knows by name: carrier-grade NAT, benchmarks, documentation, 6to4 and NAT64,
// which wrap an IPv4 address.
var inside = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "2001:db8::/32", "2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// Allowed tells whether addr may be dialled.
func Allowed(addr netip.Addr, allow []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	if contains(allow, addr) {
		return true
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !contains(inside, addr)
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// New makes a client. It uses no proxy of the environment, follows at most three
// redirects, keeps no cookies and bounds time and size of an answer.
func New(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	dialer := &net.Dialer{Timeout: o.Timeout, Control: control(o.Allow)}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &bounded{max: o.MaxBody, allow: o.Allow, next: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			MaxIdleConns: 50, MaxIdleConnsPerHost: 8, IdleConnTimeout: 60 * time.Second,
			TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: maxHeader,
		}},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("outbound: too many redirects")
			}
			return nil
		},
	}
}

// Dialer guards what is not HTTP (SMTP for one) in the same way.
func Dialer(o Options) *net.Dialer {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &net.Dialer{Timeout: o.Timeout, Control: control(o.Allow)}
}

// control sees the address after the name was resolved, right before connect.
func control(allow []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return fmt.Errorf("%w: %s", ErrRefused, network)
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil || !Allowed(to.Addr(), allow) {
			return ErrRefused
		}
		return nil
	}
}

type bounded struct {
	max   int64
	allow []netip.Prefix
	next  http.RoundTripper
}

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Scheme {
	case "https":
	case "http":
		// In clear only to a network that the operator named: whoever listens on
		// the way reads codes and tokens.
		addr, err := netip.ParseAddr(r.URL.Hostname())
		named := err == nil && contains(b.allow, addr.Unmap())
		if !named && !(r.URL.Hostname() == "localhost" && contains(b.allow, netip.AddrFrom4([4]byte{127, 0, 0, 1}))) {
			return nil, fmt.Errorf("%w: http without TLS", ErrRefused)
		}
	default:
		return nil, fmt.Errorf("%w: scheme", ErrRefused)
	}
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > b.max {
		res.Body.Close()
		return nil, ErrTooLarge
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: b.max}
	return res, nil
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// Exactly at the bound there may be nothing more.
		var one [1]byte
		n, err := b.ReadCloser.Read(one[:])
		if n > 0 {
			return 0, ErrTooLarge
		}
		return 0, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
