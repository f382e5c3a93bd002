package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"onedoor/internal/platform/postgres/cluster"
)

var (
	discard = slog.New(slog.DiscardHandler)
	//lint:ignore U1000 it is written only: what it holds must stay open as long as the process, see removeAfterwards
	keep *os.File
)

// startPrivate runs a cluster that trades durability for speed and vanishes with
// the test process.
func startPrivate() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "onedoor-test-")
	if err != nil {
		return "", err
	}
	// The server's own account must be able to enter.
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // entered, not listed
		return "", err
	}
	if err := copyPrepared(ctx, dir); err != nil {
		return "", err
	}
	c, err := cluster.Start(ctx, testOptions(dir))
	if err != nil {
		return "", err
	}
	return c.DSN(), removeAfterwards(dir, c.PID())
}

func testOptions(dir string) cluster.Options {
	return cluster.Options{
		DataDir: dir, Log: discard, MaxConnections: 300,
		Settings: map[string]string{
			"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
			"shared_buffers": "64MB", "autovacuum": "off", "max_wal_size": "1GB",
		},
	}
}

// copyPrepared fills dir from a cluster that was initialised once per machine:
// initdb takes seconds, the copy a fraction of one.
func copyPrepared(ctx context.Context, dir string) error {
	prepared := filepath.Join(os.TempDir(), fmt.Sprintf("onedoor-pgtest-%d-v1", os.Geteuid()))
	if err := os.MkdirAll(prepared, 0o711); err != nil { //nolint:gosec // as above
		return err
	}
	lock, err := os.OpenFile(filepath.Join(prepared, "preparing"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	done := filepath.Join(prepared, "done")
	version, err := cluster.Installed(ctx)
	if err != nil {
		return err
	}
	if raw, err := os.ReadFile(done); err != nil || string(raw) != strconv.Itoa(version) { //nolint:gosec // our own folder
		if err := os.RemoveAll(filepath.Join(prepared, "pgdata")); err != nil {
			return err
		}
		c, err := cluster.Start(ctx, testOptions(prepared))
		if err != nil {
			return err
		}
		if err := c.Stop(ctx); err != nil {
			return err
		}
		if err := os.WriteFile(done, []byte(strconv.Itoa(version)), 0o600); err != nil {
			return err
		}
	}
	out, err := exec.CommandContext(ctx, "cp", "-a", filepath.Join(prepared, "pgdata"), dir).CombinedOutput() //nolint:gosec // our own folders
	if err != nil {
		return fmt.Errorf("copy the prepared cluster: %w: %s", err, out)
	}
	return nil
}

// removeAfterwards leaves a small process behind that waits for this one to end,
// however it ends, and for the server, and removes the folder.
func removeAfterwards(dir string, pid int) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	script := `cat >/dev/null; while kill -0 "$2" 2>/dev/null; do sleep 0.1; done; rm -rf "$1"`
	cmd := exec.Command("/bin/sh", "-c", script, "sh", dir, strconv.Itoa(pid)) //nolint:gosec,noctx // it outlives us on purpose
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	keep = w // closed by the kernel when the process ends
	return r.Close()
}
