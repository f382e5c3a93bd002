package cluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFirstStartAndSecondStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "data", "postgres") // neither exists yet
	c := start(t, Options{DataDir: dir, MaxConnections: 42, Settings: map[string]string{}})
	for setting, want := range map[string]string{
		"data_checksums": "on", "listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C.UTF-8",
		"fsync": "on", "synchronous_commit": "on", "max_connections": "42", "is_superuser": "off",
		"TimeZone": "Asia/Shanghai",
	} {
		if got := ask[string](t, c.DSN(), `SHOW `+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	proc, err := os.Stat("/proc/" + strconv.Itoa(c.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if uid := proc.Sys().(*syscall.Stat_t).Uid; uid == 0 {
		t.Error("the server runs as root")
	}
	for _, private := range []string{c.pgdata(), c.socket} {
		if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, error %v; want 0700", private, info.Mode(), err)
		}
	}
	exec1(t, c, `CREATE TABLE kept AS SELECT 7 AS n`)
	stop(t, c)
	out, err := exec.CommandContext(t.Context(), c.bin.path("pg_controldata"), c.pgdata()).Output()
	if err != nil || !strings.Contains(string(out), "shut down\n") {
		t.Errorf("the server was not shut down cleanly: %v", err)
	}
	if _, err := os.Stat(filepath.Join(c.pgdata(), "postmaster.pid")); !os.IsNotExist(err) {
		t.Errorf("postmaster.pid is left: %v", err)
	}

	begun := time.Now()
	again := start(t, Options{DataDir: dir})
	t.Logf("second start took %v", time.Since(begun))
	if n := ask[int](t, again.DSN(), `SELECT n FROM kept`); n != 7 {
		t.Errorf("read %d", n)
	}
}

func TestOrdinaryUserAndThenRoot(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "own")
	attr := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // else the whole test run is an ordinary user's
		u, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	o := startOther(t, dir, attr)
	server, err := os.Stat("/proc/" + strconv.Itoa(o.pid))
	if err != nil {
		t.Fatal(err)
	}
	starter, err := os.Stat("/proc/" + strconv.Itoa(o.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := server.Sys().(*syscall.Stat_t).Uid, starter.Sys().(*syscall.Stat_t).Uid; a != b || a == 0 {
		t.Errorf("an ordinary user (%d) started a server of user %d", b, a)
	}
	o.end(t, syscall.SIGTERM)
	if alive(o.pid) {
		t.Error("the server is still there")
	}
	c := start(t, Options{DataDir: dir}) // perhaps as root: the folder's owner stays
	if owner, _ := ownerOf(c.pgdata()); owner.uid != int(server.Sys().(*syscall.Stat_t).Uid) {
		t.Errorf("the folder changed its owner to %s", owner.name)
	}
}

func TestServerKilledIsRestartedWithEverythingCommitted(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DataDir: filepath.Join(folder(t), "postgres")})
	exec1(t, c, `CREATE TABLE acknowledged (n int PRIMARY KEY)`)
	conn := connect(t, c.DSN())
	pid := c.PID()
	n := 0
	for ; ; n++ {
		if n == 300 {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		// The backend outlives its postmaster for a moment; what it acknowledges counts.
		if _, err := conn.Exec(t.Context(), `INSERT INTO acknowledged VALUES ($1)`, n); err != nil {
			break
		}
	}
	await(t, "restart", func() bool { return c.PID() != 0 && c.PID() != pid && c.ready(t) })
	if got := ask[int](t, c.DSN(), `SELECT count(*) FROM acknowledged`); got != n && got != n+1 {
		t.Errorf("%d rows after the crash, %d were acknowledged", got, n)
	}
}

func (c *Cluster) ready(t *testing.T) bool {
	_, err := c.dataDirectory(t.Context(), c.socket)
	return err == nil
}

func TestOnedoorKilledAndStartedAgainAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "postgres")
	o := startOther(t, dir, nil)
	if _, err := connect(t, o.dsn).Exec(t.Context(), `CREATE TABLE kept AS SELECT 7 AS n`); err != nil {
		t.Fatal(err)
	}
	o.end(t, syscall.SIGKILL)
	// Its server is shutting down by itself just now, or has not noticed yet.
	c := start(t, Options{DataDir: dir})
	if n := ask[int](t, c.DSN(), `SELECT n FROM kept`); n != 7 {
		t.Errorf("read %d", n)
	}
}

func TestServerEndsWithAKilledOnedoor(t *testing.T) {
	t.Parallel()
	o := startOther(t, filepath.Join(folder(t), "postgres"), nil)
	o.end(t, syscall.SIGKILL)
	await(t, "the server's end", func() bool { return !alive(o.pid) })
}

// orphan is a server of dir whose onedoor is gone and that did not notice.
func orphan(t *testing.T, dir string) int {
	t.Helper()
	c := start(t, Options{DataDir: dir})
	stop(t, c)
	if err := os.MkdirAll(c.socket, 0o700); err != nil { // a short one went with Stop
		t.Fatal(err)
	}
	if err := c.acct.own(c.socket); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(c.bin.path("postgres"), append([]string{"-D", c.pgdata()}, c.settings()...)...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", environment(), c.acct.attr()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	await(t, "the orphan", func() bool { return c.ready(t) })
	return cmd.Process.Pid
}

func TestOrphanIsAdoptedSupervisedAndStopped(t *testing.T) {
	t.Parallel()
	dir := fresh(t)
	pid := orphan(t, dir)
	c := start(t, Options{DataDir: dir})
	if c.PID() != pid {
		t.Fatalf("started server %d and left the orphan %d", c.PID(), pid)
	}
	if n := ask[int](t, c.DSN(), `SELECT n FROM kept`); n != 1 {
		t.Errorf("read %d", n)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "restart", func() bool { return c.PID() != 0 && c.PID() != pid && c.ready(t) })
	stop(t, c)

	pid = orphan(t, dir)
	c = start(t, Options{DataDir: dir})
	stop(t, c)
	await(t, "the adopted server's end", func() bool { return !alive(pid) })
}

func TestStalePIDFileOfAnotherProcessIsNoOrphan(t *testing.T) {
	t.Parallel()
	dir := fresh(t)
	// As after a power cut: the number now belongs to somebody else, here to us.
	stale := strconv.Itoa(os.Getpid()) + "\n" + dir + "/pgdata\n1\n5432\n/nowhere\n\n0 0\nready   \n"
	path := filepath.Join(dir, "pgdata", "postmaster.pid")
	if err := os.WriteFile(path, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if owner, _ := ownerOf(filepath.Join(dir, "pgdata")); owner.drop {
		if err := owner.own(path); err != nil {
			t.Fatal(err)
		}
	}
	c := start(t, Options{DataDir: dir})
	if n := ask[int](t, c.DSN(), `SELECT n FROM kept`); n != 1 {
		t.Errorf("read %d", n)
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	dir := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{DataDir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	start(t, Options{DataDir: dir}) // and nothing is left that would hinder
}
