package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// initialise makes the data folder when there is none. It is made beside its
// place and renamed, so a crash in the middle leaves no half cluster behind.
func (c *Cluster) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.pgdata(), "PG_VERSION")); err == nil {
		return nil
	}
	c.log.Info("creating the private database cluster", "folder", c.pgdata(), "postgres", c.bin.major, "account", c.acct.name)
	fresh := c.pgdata() + ".new"
	// Only ever a leftover of ours: an initdb that was killed.
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	if err := c.acct.own(fresh); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	if err := c.initdb(ctx, fresh, "C.UTF-8"); err != nil {
		// Systems without C.UTF-8 (old libc, macOS) sort by bytes all the same.
		if again := c.initdb(ctx, fresh, "C"); again != nil {
			return err
		}
	}
	if err := os.Rename(fresh, c.pgdata()); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	return nil
}

func (c *Cluster) initdb(ctx context.Context, dir, locale string) error {
	args := []string{
		"-D", dir, "-U", superuser, "--data-checksums", "--encoding=UTF8", "--locale=" + locale,
		// Whoever can open the socket may connect: its folder is 0700. Nobody else can.
		"--auth-local=trust", "--auth-host=reject",
	}
	if c.opts.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, c.bin.path("initdb"), args...) //nolint:gosec // found by ourselves
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.SysProcAttr = c.acct.attr()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out.String())
	}
	return nil
}

// environment leaves out PGDATA, PGPORT and the like, which would redirect the
// server, and whatever secrets onedoor was given.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=Asia/Shanghai"}
}

// ensureDatabase makes the application's role and database. On every start: a
// crash may have come between initdb and here.
func (c *Cluster) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.dsn(superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private cluster: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var role, database bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		EXISTS (SELECT FROM pg_database WHERE datname = $2)`, roleName, databaseName).Scan(&role, &database)
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if !role {
		if _, err := conn.Exec(ctx, `CREATE ROLE `+roleName+` LOGIN CREATEDB`); err != nil {
			return fmt.Errorf("create the role: %w", err)
		}
	}
	if !database {
		if _, err := conn.Exec(ctx, `CREATE DATABASE `+databaseName+` OWNER `+roleName); err != nil {
			return fmt.Errorf("create the database: %w", err)
		}
	}
	return nil
}
