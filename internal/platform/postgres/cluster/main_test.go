package cluster

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// onedoorFolder is set in the test binary when it plays another onedoor process:
// it starts a cluster there, says its process and address, and stops it when told.
const onedoorFolder = "ONEDOOR_TEST_CLUSTER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(onedoorFolder); dir != "" {
		beOnedoor(dir)
		return
	}
	os.Exit(m.Run())
}

func beOnedoor(dir string) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	c, err := Start(context.Background(), Options{DataDir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println(c.PID(), c.DSN())
	<-told
	if err := c.Stop(context.Background()); err != nil {
		fmt.Println("error:", err)
	}
}

// other is a second onedoor process.
type other struct {
	cmd *exec.Cmd
	out *bufio.Reader
	pid int // of its postmaster
	dsn string
}

func startOther(t *testing.T, dir string, attr *syscall.SysProcAttr) *other {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testBinary(t))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), onedoorFolder+"="+dir)
	cmd.SysProcAttr = attr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &other{cmd: cmd, out: bufio.NewReader(pipe)}
	line, err := o.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the other onedoor ended: %q %v", line, err)
	}
	if _, err := fmt.Sscan(line, &o.pid, &o.dsn); err != nil {
		t.Fatalf("the other onedoor said %q", line)
	}
	return o
}

func (o *other) end(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := o.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(o.out); len(rest) > 0 {
		t.Errorf("the other onedoor said %q", rest)
	}
	_ = o.cmd.Wait() // "signal: killed", when it was
}

// testBinary is this program where every account can run it.
func testBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(folder(t), "onedoor.test")
	raw, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// folder is a temporary one that the server's account may enter, unlike t.TempDir's.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// fresh is a folder with a cluster that was made, used and stopped.
func fresh(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(folder(t), "postgres")
	c := start(t, Options{DataDir: dir})
	exec1(t, c, `CREATE TABLE kept (n int)`)
	exec1(t, c, `INSERT INTO kept VALUES (1)`)
	stop(t, c)
	return dir
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	if o.Settings == nil {
		// What a killed process has written the system still has: only a power cut
		// needs fsync, and the disk is what these tests would wait for.
		o.Settings = map[string]string{"fsync": "off"}
	}
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec1(t *testing.T, c *Cluster, sql string) {
	t.Helper()
	if _, err := connect(t, c.DSN()).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, dsn, sql string) (v T) {
	t.Helper()
	if err := connect(t, dsn).QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within 30 s", what)
		case <-tick.C:
		}
	}
}
