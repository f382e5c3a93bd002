package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"onedoor/internal/platform/sm"
)

// Twins serve the same interface beside the server, on the same database, one with the
// keys in force and one that seals nothing: whatever differs between them is the price of
// encrypted columns. Neither delivers events nor works jobs; the server does it for both.
// For benches in the reference city alone, since what the second one writes does not open.
func (a *App) Twins(ctx context.Context) (sealed, bare string, stop func() error, err error) {
	if !a.cfg.DemoCity {
		return "", "", nil, errors.New("without the reference city nothing may be written unsealed")
	}
	var servers []*http.Server
	stop = func() error {
		var errs []error
		for _, s := range servers {
			errs = append(errs, s.Close())
		}
		return errors.Join(errs...)
	}
	var bases [2]string
	for i, keys := range []*sm.Keyring{a.keys, a.keys.WithoutSealing()} {
		m, err := wire(parts{cfg: a.cfg, log: a.log, clock: a.clock, db: a.db, keys: keys, blobs: a.blobs, observe: a.metrics.Observe})
		if err != nil {
			return "", "", nil, errors.Join(err, stop())
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", "", nil, errors.Join(fmt.Errorf("listen: %w", err), stop())
		}
		s := m.api.HTTPServer(l.Addr().String())
		servers = append(servers, s)
		go func() { _ = s.Serve(l) }()
		bases[i] = "http://" + l.Addr().String()
	}
	return bases[0], bases[1], stop, nil
}
