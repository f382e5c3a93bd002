package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"onedoor/internal/kernel/clock"
)

// applicantFresh is how long a name is believed; a correction of a name shows in new
// cases after this time at the latest.
const applicantFresh = 30 * time.Second

// maxApplicants bounds the memory; beyond it the cache starts anew.
const maxApplicants = 10_000

// applicantCache keeps names and kinds, not the identity numbers of persons: those are
// fetched anew when a licence needs them.
type applicantCache struct {
	source Applicants
	clock  clock.Clock
	mu     sync.Mutex
	known  map[string]knownApplicant
}

type knownApplicant struct {
	applicant Applicant
	until     time.Time
}

func (c *applicantCache) get(ctx context.Context, id string) (Applicant, error) {
	now := c.clock.Now()
	c.mu.Lock()
	k, ok := c.known[id]
	c.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.applicant, nil
	}
	a, err := c.source.Applicant(ctx, id)
	if err != nil {
		return Applicant{}, fmt.Errorf("applicant of the case: %w", err)
	}
	a.Phone = ""
	if a.Kind != "legal" { // an enterprise's code is public
		a.IDNumber = ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxApplicants {
		c.known = make(map[string]knownApplicant)
	}
	c.known[id] = knownApplicant{a, now.Add(applicantFresh)}
	return a, nil
}
