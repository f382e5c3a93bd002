package seal

import (
	"bytes"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// lists says whether the seal may be used by the owner of the certificate:
// binary comparison, or comparison of SM3 digests (GB/T 38540 certListType 2).
func (s *sesSeal) lists(c *certificate) bool {
	for _, raw := range s.certs {
		if bytes.Equal(raw, c.raw) {
			return true
		}
	}
	digest := sm3.Sum(c.raw)
	for _, d := range s.digests {
		if (strings.EqualFold(d.kind, "SM3") || strings.Contains(d.kind, "1.2.156.10197.1.401")) && bytes.Equal(d.value, digest[:]) {
			return true
		}
	}
	return false
}
