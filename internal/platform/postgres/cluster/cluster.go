// Package cluster runs a private PostgreSQL server for one onedoor process, so
// that a newcomer needs no database administrator.
//
// It stands for three promises. The server is nobody else's business: a unix
// socket in a folder that only its owner can enter, no TCP, never root. The data
// is never harmed: a folder of another version, or one we did not make, is
// refused with a message and not touched. And it is there whenever onedoor is:
// started with it, restarted when it dies, stopped cleanly with it, adopted when
// an earlier onedoor was killed and left it behind.
//
// It does not back up, replicate or tune for a city's load: a city sets
// ONEDOOR_DATABASE_URL and this package is not used.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// Options say where the cluster lives. Only DataDir is required.
type Options struct {
	// DataDir is the cluster's folder; it is created when missing. Inside it are
	// pgdata (PostgreSQL's own), run (the socket), postgres.log and lock.
	DataDir string
	Log     *slog.Logger
	// MaxConnections is PostgreSQL's bound; 100 when zero.
	MaxConnections int
	// Settings override single server settings (tests switch fsync off).
	Settings map[string]string
	// BinDirs replaces the search for PostgreSQL's programs.
	BinDirs []string
}

// The private cluster's role and database. The role is no superuser: a hole in
// our SQL must not become a shell on the machine.
const (
	roleName     = "onedoor"
	databaseName = "onedoor"
	superuser    = "postgres"
)

// Cluster is a running private server.
type Cluster struct {
	opts   Options
	log    *slog.Logger
	home   string // holds pgdata and lock; DataDir, or where its home link points
	socket string
	bin    binaries
	acct   account
	lock   *os.File
	guest  bool // another process runs the server; see Attach

	stopping chan struct{}
	stopOnce sync.Once
	done     chan struct{} // the supervisor has ended and no server runs

	mu  sync.Mutex
	pid int
}

// Start returns once the server accepts connections, after recovery if there
// was a crash. Errors that the person at the terminal can mend are *Problem.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 100
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("cluster folder: %w", err)
	}
	o.DataDir = dir
	c := &Cluster{opts: o, log: o.Log, stopping: make(chan struct{}), done: make(chan struct{})}
	if err := c.prepare(ctx); err != nil {
		c.unlock()
		return nil, err
	}
	if err := c.launch(ctx); err != nil {
		c.unlock()
		return nil, err
	}
	if err := c.ensureDatabase(ctx); err != nil {
		return nil, errors.Join(err, c.Stop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// prepare finds the programs, the account and the folder, in the order that
// touches nothing before it is sure that the folder is ours to use.
func (c *Cluster) prepare(ctx context.Context) error {
	all, err := findBinaries(ctx, c.opts.BinDirs)
	if err != nil {
		return err
	}
	if c.home, err = existingHome(c.opts.DataDir); err != nil {
		return err
	}
	// Another user's folder cannot even be looked into, so this comes first.
	if c.acct, err = accountFor(c.pgdata()); err != nil {
		return err
	}
	if err := recognise(c.pgdata()); err != nil {
		return err
	}
	if c.bin, err = choose(all, c.pgdata()); err != nil {
		return err
	}
	if c.home, err = makeHome(c.opts.DataDir, c.acct, c.log); err != nil {
		return err
	}
	if c.lock, err = lockFolder(filepath.Join(c.home, "lock")); err != nil {
		return err
	}
	return c.initialise(ctx)
}

func (c *Cluster) pgdata() string { return filepath.Join(c.home, "pgdata") }

// DSN is how the application connects.
func (c *Cluster) DSN() string { return c.dsn(roleName, databaseName) }

func (c *Cluster) dsn(user, database string) string {
	q := url.Values{"host": {c.socket}, "port": {"5432"}, "sslmode": {"disable"}}
	return "postgres://" + user + "@/" + database + "?" + q.Encode()
}

// Version is the server's major version.
func (c *Cluster) Version() int { return c.bin.major }

// PID is the postmaster's process, 0 between a death and the restart.
func (c *Cluster) PID() int { c.mu.Lock(); defer c.mu.Unlock(); return c.pid }

func (c *Cluster) setPID(pid int) { c.mu.Lock(); c.pid = pid; c.mu.Unlock() }

func (c *Cluster) unlock() {
	if c.lock != nil {
		_ = c.lock.Close() // closing lets go of the flock
	}
}
