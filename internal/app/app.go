// Package app wires the house: it opens the database, makes every module with
// what it needs, registers their operations and starts what runs by itself. It is
// the only package that knows all modules.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/sm"
	"onedoor/internal/platform/telemetry"
)

// App is one process of the system.
type App struct {
	cfg     config.Config
	log     *slog.Logger
	clock   clock.Clock
	cluster *cluster.Cluster // nil with an own server
	db      *postgres.DB
	keys    *sm.Keyring
	blobs   *blob.Store
	metrics *telemetry.Metrics
	modules *modules
	cancel  context.CancelFunc
	started bool
	proxies []netip.Prefix // trusted: their connections are not counted
}

// Open brings up the database (a private cluster without a URL), applies the
// migrations and makes the modules. Nothing is served and no job runs yet: what
// a command needs that works once and leaves. Close undoes it.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	a := &App{cfg: cfg, log: log, clock: clock.System{}, metrics: telemetry.NewMetrics()}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	if err := unfinished(a.cfg); err != nil {
		return err
	}
	dsn := a.cfg.DatabaseURL
	if dsn == "" {
		c, err := cluster.Start(ctx, cluster.Options{DataDir: filepath.Join(a.cfg.Data, "db"), Log: a.log})
		if err != nil {
			return err // a *cluster.Problem says what to do, in words
		}
		a.cluster, dsn = c, c.DSN()
	}
	db, err := postgres.Open(ctx, dsn)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	a.db = db
	a.metrics.WatchPool(db.Pool)
	if err := postgres.Migrate(ctx, db, MigrationSets()...); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	allow, err := a.cfg.OutboundNetworks()
	if err != nil {
		return err
	}
	if a.keys, err = openKeys(ctx, a.cfg, allow, db, a.log); err != nil {
		return err
	}
	if a.proxies, err = a.cfg.TrustedProxies(); err != nil {
		return err
	}
	blobURL, err := a.cfg.Blobs()
	if err != nil {
		return err
	}
	if a.blobs, err = blob.Open(ctx, blobURL); err != nil {
		return err
	}
	a.modules, err = wire(parts{cfg: a.cfg, allow: allow, log: a.log, clock: a.clock, db: db, keys: a.keys, blobs: a.blobs, observe: a.metrics.Observe})
	return err
}

// Start lets caches listen, events drain and jobs run, until Close.
func (a *App) Start(ctx context.Context) error {
	ctx, a.cancel = context.WithCancel(ctx)
	a.started = true
	a.keys.Start(ctx)
	return a.modules.start(ctx)
}

// Close ends what Start and Open began, in reverse: running jobs first, the
// private cluster last.
func (a *App) Close(ctx context.Context) error {
	var errs []error
	if a.started {
		errs = append(errs, a.modules.stop(ctx))
		a.cancel()
	}
	if a.blobs != nil {
		errs = append(errs, a.blobs.Close())
	}
	if a.db != nil {
		a.db.Close()
	}
	if a.cluster != nil {
		errs = append(errs, a.cluster.Stop(ctx))
	}
	return errors.Join(errs...)
}

// DB is the database, for commands of the binary and for benches.
func (a *App) DB() *postgres.DB { return a.db }

// Serve answers on the public and the private address until ctx ends, then lets
// running requests finish for ten seconds. ready is called once both listen.
func (a *App) Serve(ctx context.Context, ready func()) error {
	public := a.modules.api.HTTPServer(a.cfg.Listen)
	servers := []*http.Server{public}
	if a.cfg.AdminListen != "" {
		servers = append(servers, &http.Server{
			Addr: a.cfg.AdminListen, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
			Handler: telemetry.AdminHandler(a.metrics, a.log, a.checks()...),
		})
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
		if err != nil {
			return fmt.Errorf("listen on %s (is another instance running?): %w", s.Addr, err)
		}
		defer l.Close()
		if s == public {
			l = httpapi.LimitConns(l, httpapi.MaxConns, httpapi.MaxConnsAddress, a.proxies)
		} else if !loopback(l.Addr()) {
			a.log.Warn("the admin address can be reached from other machines: let a firewall keep it private", "address", l.Addr().String())
		}
		go func() { failed <- s.Serve(l) }()
	}
	ready()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	// Event streams never end by themselves.
	a.modules.bus.Live().Close()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for _, s := range servers {
		if serr := s.Shutdown(stop); serr != nil {
			err = errors.Join(err, serr, s.Close())
		}
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func loopback(addr net.Addr) bool {
	ap, err := netip.ParseAddrPort(addr.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// checks are what must hold for the process to be ready.
func (a *App) checks() []telemetry.Check {
	return []telemetry.Check{
		{Name: "database", Test: a.db.Ping},
		{Name: "started", Test: func(context.Context) error {
			if !a.started {
				return errors.New("events and jobs do not run yet")
			}
			return nil
		}},
	}
}
