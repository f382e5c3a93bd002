package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// launch adopts or starts the server, leaves the supervisor running and returns
// when the server answers.
func (c *Cluster) launch(ctx context.Context) error {
	pid, err := c.adopt(ctx)
	if err != nil {
		return err
	}
	if pid == 0 {
		if c.socket, err = socketDir(c.home, c.acct); err != nil {
			return err
		}
	}
	first := make(chan error, 1)
	go c.supervise(pid, first)
	if err := <-first; err != nil {
		dropShortSocket(c.socket)
		return err
	}
	if err := c.awaitReady(ctx); err != nil {
		return errors.Join(err, c.Stop(context.WithoutCancel(ctx)))
	}
	return nil
}

// supervise keeps a server running until Stop. It owns its OS thread: the kernel
// sends Pdeathsig when the thread that started the child ends, not the process.
func (c *Cluster) supervise(adopted int, first chan<- error) {
	runtime.LockOSThread()
	defer close(c.done)
	wait := restartFloor
	if adopted != 0 {
		c.setPID(adopted)
		first <- nil
		first = nil
		c.awaitEnd(adopted)
		c.setPID(0)
		if c.isStopping() {
			return
		}
		c.log.Error("the database server ended unexpectedly; restarting it", "pid", adopted, "log", c.logTail(0))
	}
	for {
		mark := c.logSize()
		cmd, err := c.startServer()
		if err == nil {
			c.setPID(cmd.Process.Pid)
			if c.isStopping() { // Stop came between a death and this restart
				c.signal(syscall.SIGINT)
			}
		}
		if first != nil {
			first <- err
			first = nil
			if err != nil {
				return
			}
		}
		if err == nil {
			begun := time.Now()
			err = cmd.Wait()
			c.setPID(0)
			if time.Since(begun) > time.Minute {
				wait = restartFloor
			}
		}
		if c.isStopping() {
			return
		}
		c.log.Error("the database server ended unexpectedly; restarting it", "error", err, "in", wait, "log", c.logTail(mark))
		select {
		case <-c.stopping:
			return
		case <-time.After(wait):
		}
		wait = min(wait*2, restartCeiling)
	}
}

const (
	restartFloor   = 100 * time.Millisecond
	restartCeiling = 10 * time.Second
)

func (c *Cluster) isStopping() bool {
	select {
	case <-c.stopping:
		return true
	default:
		return false
	}
}

// awaitEnd waits for a process that is not our child.
func (c *Cluster) awaitEnd(pid int) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for alive(pid) {
		<-tick.C
	}
}

func (c *Cluster) startServer() (*exec.Cmd, error) {
	out, err := c.openLog()
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()                                                                  // the child has its own copy
	cmd := exec.Command(c.bin.path("postgres"), append([]string{"-D", c.pgdata()}, c.settings()...)...) //nolint:gosec,noctx // found by ourselves; Stop ends it
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = c.acct.attr()
	// When onedoor is killed the server shuts down by itself, fast but cleanly.
	cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the database server: %w", err)
	}
	return cmd, nil
}

// awaitReady returns when the server answers. Recovery after a crash takes as
// long as it takes; only ctx, or a server that gives up at once, ends the wait.
func (c *Cluster) awaitReady(ctx context.Context) error {
	begun, told, absent := time.Now(), time.Now(), 0
	for {
		conn, err := pgx.Connect(ctx, c.dsn(superuser, "postgres"))
		if err == nil {
			_ = conn.Close(ctx)
			c.log.Info("private database cluster ready", "socket", c.socket, "pid", c.PID(), "took", time.Since(begun).Round(time.Millisecond))
			return nil
		}
		if c.PID() == 0 {
			if absent++; absent > 100 {
				return fmt.Errorf("the database server does not stay up: %w\n%s", err, c.logTail(0))
			}
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			c.log.Info("the database is still starting, probably recovering from a crash", "for", time.Since(begun).Round(time.Second))
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("wait for the database server: %w\n%s", err, c.logTail(0))
		}
	}
}

// Stop shuts the server down: open transactions are rolled back and everything
// is written (SIGINT). Only when that takes more than 30 s is it told to drop
// everything (SIGQUIT); the next start then recovers. A context that has already
// ended, as they have at a shutdown, hurries nothing. Safe to call twice.
func (c *Cluster) Stop(ctx context.Context) error {
	if c.guest {
		return nil
	}
	c.stopOnce.Do(func() { close(c.stopping) })
	defer c.unlock()
	defer dropShortSocket(c.socket)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	c.signal(syscall.SIGINT)
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
	}
	c.log.Error("the database server does not shut down; it will recover at the next start")
	c.signal(syscall.SIGQUIT)
	select {
	case <-c.done:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("the database server (process %d) does not stop", c.PID())
	}
}

func (c *Cluster) signal(s syscall.Signal) {
	if pid := c.PID(); pid > 1 {
		_ = syscall.Kill(pid, s)
	}
}

// maxLog is when the log is put aside at a start; one old log is kept.
const maxLog = 16 << 20

func (c *Cluster) logPath() string { return filepath.Join(c.home, "postgres.log") }

func (c *Cluster) openLog() (*os.File, error) {
	if c.logSize() > maxLog {
		_ = os.Rename(c.logPath(), c.logPath()+".1")
	}
	f, err := os.OpenFile(c.logPath(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("database log: %w", err)
	}
	return f, nil
}

func (c *Cluster) logSize() int64 {
	info, err := os.Stat(c.logPath())
	if err != nil {
		return 0
	}
	return info.Size()
}

// logTail is the end of what the server said since mark, for our own log.
func (c *Cluster) logTail(mark int64) string {
	f, err := os.Open(c.logPath())
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	from := max(mark, c.logSize()-2000)
	raw, err := io.ReadAll(io.NewSectionReader(f, from, 1<<20))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
