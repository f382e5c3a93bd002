package identity

// Quick makes hashing cheap, for tests that are not about its price.
func (s *Service) Quick() { s.hasher = newHasherOf(cost{memory: 64, passes: 1, threads: 1}) }

// FillSlots occupies the hasher, as a flood of sign-ins would.
func (s *Service) FillSlots() {
	s.hasher.wait = 0
	for range cap(s.hasher.slots) {
		s.hasher.slots <- struct{}{}
	}
}
