package identity

import (
	"sync"
	"time"

	"onedoor/internal/kernel/actor"
)

// cacheFor bounds how long a process believes what it read of a session. Ends of
// sessions arrive by NOTIFY at once; this is for a notification that was lost.
const cacheFor = 30 * time.Second

// cacheSize bounds the memory; beyond it the cache starts anew.
const cacheSize = 50_000

type cache struct {
	mu    sync.RWMutex
	rows  map[[32]byte]cached
	drops int64
}

type cached struct {
	who   *actor.Actor
	until time.Time
}

func newCache() *cache { return &cache{rows: map[[32]byte]cached{}} }

func (c *cache) get(key [32]byte, now time.Time) (*actor.Actor, bool) {
	c.mu.RLock()
	row, ok := c.rows[key]
	c.mu.RUnlock()
	if !ok || !now.Before(row.until) {
		return nil, false
	}
	return row.who, true
}

// changes counts drops: what was read before one may be what it was about.
func (c *cache) changes() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.drops
}

func (c *cache) put(key [32]byte, who *actor.Actor, now, expires time.Time, seen int64) {
	until := now.Add(cacheFor)
	if expires.Before(until) {
		until = expires
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drops != seen {
		return
	}
	if len(c.rows) >= cacheSize {
		c.rows = map[[32]byte]cached{}
	}
	c.rows[key] = cached{who, until}
}

// drop forgets an account's sessions, or with "" all: after a lost connection
// anything may have changed.
func (c *cache) drop(accountID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	if accountID == "" {
		c.rows = map[[32]byte]cached{}
		return
	}
	for key, row := range c.rows {
		if row.who.AccountID == accountID {
			delete(c.rows, key)
		}
	}
}
