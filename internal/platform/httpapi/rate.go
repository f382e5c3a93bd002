package httpapi

import (
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a class of limit: Burst calls at once, then PerSecond. By address
// counts machines even when somebody is signed in (a hall's computers share one
// address, so its burst is generous); otherwise signed-in accounts are counted.
type Rate struct {
	PerSecond float64
	Burst     int
	ByAddress bool
}

// The built-in classes. A municipal service hall with two hundred clerks behind
// one address must never be locked out by them; a script guessing passwords or
// codes must.
var builtinRates = map[string]Rate{
	"":         {PerSecond: 100, Burst: 400},
	"sign-in":  {PerSecond: 2, Burst: 40, ByAddress: true},
	"register": {PerSecond: 0.2, Burst: 20, ByAddress: true},
	"upload":   {PerSecond: 5, Burst: 100},
	"verify":   {PerSecond: 2, Burst: 60, ByAddress: true},
	"search":   {PerSecond: 20, Burst: 100},
	"suggest":  {PerSecond: 50, Burst: 300},
}

type limiter struct {
	rates   map[string]Rate
	classes map[string]*class
}

func newLimiter(over map[string]Rate) *limiter {
	l := &limiter{rates: map[string]Rate{}, classes: map[string]*class{}}
	for k, v := range builtinRates {
		l.rates[k] = v
	}
	for k, v := range over {
		l.rates[k] = v
	}
	return l
}

// class is called while operations are registered, before requests.
func (l *limiter) class(key string) *class {
	if c, ok := l.classes[key]; ok {
		return c
	}
	r, ok := l.rates[key]
	if !ok {
		panic("httpapi: no rate class " + key)
	}
	c := &class{rate: r, byAddress: r.ByAddress, seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].now = map[string]*rate.Limiter{}
	}
	l.classes[key] = c
	return c
}

// maxKeys bounds the memory of one shard; two generations are kept, so a key in
// use is never forgotten while an attacker with many addresses fills the map.
const maxKeys = 4096

type class struct {
	rate      Rate
	byAddress bool
	seed      maphash.Seed
	shards    [16]shard
}

type shard struct {
	mu       sync.Mutex
	now, old map[string]*rate.Limiter
}

// take counts one call of key; a positive result is how long to wait.
func (c *class) take(key string, at time.Time) time.Duration {
	s := &c.shards[maphash.String(c.seed, key)%uint64(len(c.shards))]
	s.mu.Lock()
	l, ok := s.now[key]
	if !ok {
		if l = s.old[key]; l == nil {
			l = rate.NewLimiter(rate.Limit(c.rate.PerSecond), c.rate.Burst)
		}
		if len(s.now) >= maxKeys {
			s.old, s.now = s.now, make(map[string]*rate.Limiter, maxKeys)
		}
		s.now[key] = l
	}
	s.mu.Unlock()
	if l.AllowN(at, 1) {
		return 0
	}
	wait := time.Duration((1 - l.TokensAt(at)) / c.rate.PerSecond * float64(time.Second))
	return max(wait, time.Second)
}
