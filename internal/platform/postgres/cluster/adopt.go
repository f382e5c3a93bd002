package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// How long an orphan may take to answer before it is told to stop, and how long
// it may then take to stop.
const (
	orphanAnswers = 10 * time.Second
	orphanStops   = 60 * time.Second
)

// adopt looks for a postmaster that an earlier onedoor left behind, and takes it
// over: it returns its process, or 0 when there is none (any more).
func (c *Cluster) adopt(ctx context.Context) (int, error) {
	begun := time.Now()
	told := false
	for {
		p, ok := readPIDFile(c.pgdata())
		if !ok || !p.serves(c.pgdata()) {
			if ok {
				dropShortSocket(p.socket) // the leftover of a crash
			}
			return 0, nil
		}
		if p.status == "ready" && !told {
			switch dir, err := c.dataDirectory(ctx, p.socket); {
			case err == nil && dir == c.pgdata():
				c.socket = p.socket
				c.log.Warn("adopted the database server that a killed onedoor left behind", "pid", p.pid)
				return p.pid, nil
			case err == nil:
				return 0, nil // another cluster's process has inherited the number
			}
		}
		switch waited := time.Since(begun); {
		case waited > orphanStops:
			return 0, fmt.Errorf("a database server of this folder (process %d) neither answers nor stops", p.pid)
		case waited > orphanAnswers && !told:
			told = true
			c.log.Warn("the database server left behind does not answer; stopping it", "pid", p.pid)
			_ = syscall.Kill(p.pid, syscall.SIGINT)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return 0, fmt.Errorf("wait for the earlier database server: %w", err)
		}
	}
}

// dataDirectory asks the server behind a socket whose data it serves.
func (c *Cluster) dataDirectory(ctx context.Context, socket string) (dir string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	other := Cluster{socket: socket}
	conn, err := pgx.Connect(ctx, other.dsn(superuser, "postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = conn.QueryRow(ctx, `SHOW data_directory`).Scan(&dir)
	return dir, err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Running finds the server that another onedoor runs in dataDir at this moment, for a
// command that works beside it. The caller neither starts nor stops anything.
func Running(dataDir string) (dsn string, ok bool) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", false
	}
	home, err := existingHome(dir)
	if err != nil {
		return "", false
	}
	pgdata := filepath.Join(home, "pgdata")
	p, ok := readPIDFile(pgdata)
	if !ok || !p.serves(pgdata) || p.status != "ready" {
		return "", false
	}
	other := Cluster{socket: p.socket}
	return other.DSN(), true
}
