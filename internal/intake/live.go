package intake

import (
	"context"
	"strings"
	"time"

	"onedoor/internal/kernel/actor"
)

// deskPause is how long a desk is left alone after it was told of a change: a list that is
// read anew for each of a hundred submits a second helps nobody.
const deskPause = 400 * time.Millisecond

// DeskChanges tells an open desk that a case in the officer's scope has moved. The first
// change is told at once; those within deskPause after it are told together, at its end,
// so the last state is never missed. stop must be called.
func (s *Service) DeskChanges(ctx context.Context) (<-chan string, func(), error) {
	who := actor.From(ctx)
	places := who.Places(RightView)
	if len(places) == 0 {
		return nil, nil, who.Require(RightView, actor.Place{})
	}
	all, cancel := s.Bus.Live().Subscribe(deskTopic)
	out := make(chan string, 1)
	go func() {
		defer close(out)
		var quiet <-chan time.Time // nil: not within a pause
		pending := false
		for {
			select {
			case <-ctx.Done():
				return
			case path, ok := <-all:
				switch {
				case !ok:
					return
				case !concerns(places, path):
				case quiet != nil:
					pending = true
				default:
					quiet = s.tellDesk(out, path)
				}
			case <-quiet:
				quiet = nil
				if pending {
					pending = false
					quiet = s.tellDesk(out, "")
				}
			}
		}
	}()
	return out, cancel, nil
}

// tellDesk never waits: a reader that has one hint unread needs no second.
func (s *Service) tellDesk(out chan<- string, path string) <-chan time.Time {
	select {
	case out <- path:
	default:
	}
	return time.After(deskPause)
}

// concerns reports whether the path lies in one of the places; an empty path means that
// messages may have been missed.
func concerns(places []actor.Place, path string) bool {
	if path == "" {
		return true
	}
	for _, p := range places {
		if strings.HasPrefix(path, p.OrgPath) {
			return true
		}
	}
	return false
}
