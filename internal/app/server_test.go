package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is built once for the tests that need a process they can kill.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onedoor-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "onedoor")
	out, err := exec.Command("go", "build", "-o", path, "onedoor/cmd/onedoor").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running server of the reference city.
type process struct {
	t          *testing.T
	data, base string
	args       []string
	cmd        *exec.Cmd
	exited     chan struct{}
}

// freeAddr asks the system for a port; the little race until it is used again is harmless on loopback.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newProcess prepares a server with a data folder of its own; start runs it.
func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	// Not t.TempDir: the private cluster runs as another user and needs folders it may enter.
	data, err := os.MkdirTemp("", "onedoor-app-")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, data: data}
	listen, admin := freeAddr(t), freeAddr(t)
	p.base = "http://" + listen
	p.args = append([]string{"serve", "--data", data, "--listen", listen, "--admin-listen", admin, "--log-level", "warn"}, args...)
	t.Cleanup(func() {
		if p.cmd != nil {
			p.stop()
		}
		_ = os.RemoveAll(data)
	})
	return p
}

func (p *process) start() {
	p.t.Helper()
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(path, p.args...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.exited = make(chan struct{})
	cmd, exited := p.cmd, p.exited
	go func() {
		for s := bufio.NewScanner(stderr); s.Scan(); {
			fmt.Fprintln(os.Stderr, "  server:", s.Text())
		}
		_ = cmd.Wait()
		close(exited)
	}()
	p.await(http.StatusOK, 60*time.Second)
}

// await polls the home page until it answers with status.
func (p *process) await(status int, limit time.Duration) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if res, err := http.Get(p.base + "/"); err == nil {
			res.Body.Close()
			if res.StatusCode == status {
				return
			}
		}
		select {
		case <-p.exited:
			p.t.Fatal("the server exited")
		case <-ctx.Done():
			p.t.Fatalf("the server did not answer %d within %v", status, limit)
		case <-tick.C:
		}
	}
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.exited
}

// stop is what Ctrl-C does.
func (p *process) stop() {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		p.t.Error("the server did not stop within 30 s of SIGTERM")
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}
