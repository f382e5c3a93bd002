package directory

import "context"

// tree is all organisations, read-only once built. They are some hundred rows
// that nearly every request asks for.
type tree struct {
	all    []Org
	byID   map[string]*Org
	byCode map[string]*Org
}

func newTree(orgs []Org) *tree {
	t := &tree{all: orgs, byID: make(map[string]*Org, len(orgs)), byCode: make(map[string]*Org, len(orgs))}
	for i := range orgs {
		t.byID[orgs[i].ID] = &orgs[i]
		t.byCode[orgs[i].Code] = &orgs[i]
	}
	return t
}

// territory is the government or zone that o belongs to: itself or the nearest above.
func (t *tree) territory(o *Org) *Org {
	for o != nil && o.Kind != Government && o.Kind != Zone {
		o = t.byID[o.ParentID]
	}
	return o
}

// tree gives the organisations from memory, or loads them.
func (s *Service) tree(ctx context.Context) (*tree, error) {
	if t := s.orgs.Load(); t != nil {
		return t, nil
	}
	before := s.changes.Load()
	orgs, err := s.allOrgs(ctx)
	if err != nil {
		return nil, err
	}
	t := newTree(orgs)
	// Kept only while somebody tells us of changes, and not if one came meanwhile:
	// the rows just read may be older than it.
	if s.listening.Load() && len(orgs) > 0 {
		s.orgs.Store(t)
		if s.changes.Load() != before {
			s.orgs.CompareAndSwap(t, nil)
		}
	}
	return t, nil
}

func (s *Service) forget() {
	s.changes.Add(1)
	s.orgs.Store(nil)
}
