package events

import "time"

// SetHandlerTimeout makes the bounds on handlers and batches short enough to test.
func (b *Bus) SetHandlerTimeout(d time.Duration) { b.batchTimeout, b.handlerTimeout = 4*d, d }
