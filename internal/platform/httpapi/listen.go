package httpapi

import (
	"net"
	"net/netip"
	"sync"
)

// How many connections are held at once. A hall with two hundred machines behind one
// address stays far below; a machine that opens connections and says nothing does not
// take the house's memory. Behind a trusted proxy all come from one address, and the
// proxy counts.
const (
	MaxConns        = 20_000
	MaxConnsAddress = 2_000
)

// LimitConns closes at once what comes beyond total, or beyond perAddress from one
// address that is no trusted proxy.
func LimitConns(l net.Listener, total, perAddress int, proxies []netip.Prefix) net.Listener {
	return &limitedListener{Listener: l, total: total, each: perAddress, proxies: proxies, held: map[netip.Addr]int{}}
}

type limitedListener struct {
	net.Listener
	total, each int
	proxies     []netip.Prefix
	mu          sync.Mutex
	all         int
	held        map[netip.Addr]int
}

func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := netip.Addr{}
		if ap, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
			addr = ap.Addr().Unmap().WithZone("")
		}
		if l.take(addr) {
			return &countedConn{Conn: c, done: func() { l.give(addr) }}, nil
		}
		_ = c.Close()
	}
}

func (l *limitedListener) take(addr netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.total {
		return false
	}
	if l.held[addr] >= l.each && !within(l.proxies, addr) {
		return false
	}
	l.all++
	l.held[addr]++
	return true
}

func (l *limitedListener) give(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.held[addr]--; l.held[addr] == 0 {
		delete(l.held, addr)
	}
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

type countedConn struct {
	net.Conn
	once sync.Once
	done func()
}

func (c *countedConn) Close() error {
	c.once.Do(c.done)
	return c.Conn.Close()
}
