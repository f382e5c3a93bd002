package catalog

import (
	"sync"
)

// cacheHalf bounds the cache: at most twice as many items are held.
const cacheHalf = 5000

// itemCache keeps items in two generations, so that what is used stays and what
// is not goes, without a list to maintain on every read.
type itemCache struct {
	mu       sync.RWMutex
	now, old map[string]*Item
	// epoch counts invalidations: an item read before one must not be kept after it.
	epoch uint64
}

func (c *itemCache) get(id string) (*Item, bool) {
	c.mu.RLock()
	it, ok := c.now[id]
	if ok {
		c.mu.RUnlock()
		return it, true
	}
	it, ok = c.old[id]
	c.mu.RUnlock()
	if ok {
		c.mu.Lock()
		// It may have been dropped between the two locks.
		if it, ok = c.old[id]; ok {
			c.keep(it)
		}
		c.mu.Unlock()
	}
	return it, ok
}

// ticket is taken before an item is read from the database.
func (c *itemCache) ticket() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.epoch
}

// put keeps an item unless something was invalidated since the ticket.
func (c *itemCache) put(it *Item, ticket uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == ticket {
		c.keep(it)
	}
}

func (c *itemCache) keep(it *Item) {
	if len(c.now) >= cacheHalf {
		c.now, c.old = nil, c.now
	}
	if c.now == nil {
		c.now = make(map[string]*Item, 256)
	}
	c.now[it.ID] = it
}

func (c *itemCache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	delete(c.now, id)
	delete(c.old, id)
}

func (c *itemCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.now, c.old = nil, nil
}

// snapshot caches one value that is costly to compute; concurrent readers of a
// cold one share one computation.
type snapshot[T any] struct {
	mu    sync.Mutex
	value *T
	busy  chan struct{}
	epoch uint64
}

func (s *snapshot[T]) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
	s.value = nil
}

// get gives the value, computed by load when there is none.
func (s *snapshot[T]) get(load func() (*T, error)) (*T, error) {
	for {
		s.mu.Lock()
		if s.value != nil {
			v := s.value
			s.mu.Unlock()
			return v, nil
		}
		if s.busy != nil {
			wait := s.busy
			s.mu.Unlock()
			<-wait
			continue
		}
		busy, epoch := make(chan struct{}), s.epoch
		s.busy = busy
		s.mu.Unlock()

		v, err := load()

		s.mu.Lock()
		s.busy = nil
		if err == nil && s.epoch == epoch {
			s.value = v
		}
		s.mu.Unlock()
		close(busy)
		return v, err
	}
}
