// Package clock makes time an input, so that legal deadlines can be tested on any day.
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // a minimal machine has no zone files; deadlines must not depend on them
)

// Shanghai is the zone in which every legal day begins and ends.
var Shanghai = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic("clock: the embedded time zone data is missing: " + err.Error())
	}
	return loc
}()

// Clock tells the time. Services take one in their Deps and never call time.Now.
type Clock interface{ Now() time.Time }

// System is the machine's clock, in microseconds as PostgreSQL keeps them.
type System struct{}

// Now is the present instant in Asia/Shanghai.
func (System) Now() time.Time { return time.Now().In(Shanghai).Truncate(time.Microsecond) }

// Fake is a clock that stands still until it is set or advanced. Safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.In(Shanghai)} }

// Now is the instant it was last set to.
func (f *Fake) Now() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }

// Set moves the clock to t.
func (f *Fake) Set(t time.Time) { f.mu.Lock(); defer f.mu.Unlock(); f.now = t.In(Shanghai) }

// Advance moves the clock by d.
func (f *Fake) Advance(d time.Duration) { f.mu.Lock(); defer f.mu.Unlock(); f.now = f.now.Add(d) }
