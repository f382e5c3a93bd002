package jobs

import "time"

// LookEvery makes the watch for dead workers quick enough to test.
func (j *Jobs) LookEvery(d time.Duration) { j.presence.every = d }
