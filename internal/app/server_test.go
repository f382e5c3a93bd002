package app_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// scratch are the folders of all tests together; TestMain removes them.
var scratch []string

// binary is built once for the tests that need a process they can kill.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onedoor-bin-")
	if err != nil {
		return "", err
	}
	scratch = append(scratch, dir)
	path := filepath.Join(dir, "onedoor")
	out, err := exec.Command("go", "build", "-o", path, "onedoor/cmd/onedoor").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range scratch {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// process is a running server.
type process struct {
	t                 *testing.T
	data, base, admin string
	args              []string
	env               []string
	cmd               *exec.Cmd
	exited            chan struct{}
	said              lines
}

// lines keeps the first and the last of what a server wrote, for a test that fails.
type lines struct {
	mu          sync.Mutex
	first, last []string
	dropped     int
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const keep = 40
	if len(l.first) < keep {
		l.first = append(l.first, s)
		return
	}
	if l.last = append(l.last, s); len(l.last) > keep {
		l.last = l.last[1:]
		l.dropped++
	}
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%s\n… %d lines …\n%s", strings.Join(l.first, "\n"), l.dropped, strings.Join(l.last, "\n"))
}

// taken are the ports that some test of this process has been given.
var taken sync.Map

// freeAddr finds a port below those that the system gives to outgoing connections, so
// that a server that was killed gets it again.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		if _, other := taken.LoadOrStore(addr, true); other {
			continue
		}
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// folder is one that the private cluster may enter, which runs as another user: t.TempDir
// lets nobody in.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "onedoor-app-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// newProcess prepares a server with a data folder of its own; start runs it.
func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	data, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, data: data}
	listen, admin := freeAddr(t), freeAddr(t)
	p.base, p.admin = "http://"+listen, "http://"+admin
	p.args = append([]string{"serve", "--data", data, "--listen", listen, "--admin-listen", admin, "--log-level", "warn"}, args...)
	t.Cleanup(func() {
		if p.cmd != nil {
			p.stop()
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", &p.said)
		}
		_ = os.RemoveAll(data)
	})
	return p
}

// cityAt is a data folder with the reference city in it, left by a server that was stopped.
var (
	cityMade sync.Mutex
	cityAt   string
)

// newCityProcess prepares a server of the reference city. Loading the city takes most of a
// first start, so it is done once and copied.
func newCityProcess(t *testing.T, args ...string) *process {
	t.Helper()
	cityMade.Lock()
	defer cityMade.Unlock()
	if cityAt == "" {
		first := newProcess(t, "--demo-city")
		first.start()
		first.stop()
		cityAt = first.data + "-city"
		if err := os.Rename(first.data, cityAt); err != nil {
			t.Fatal(err)
		}
		scratch = append(scratch, cityAt)
	}
	p := newProcess(t, append(args, "--demo-city")...)
	// cp keeps the owner of the cluster's files, which is not us.
	if out, err := exec.Command("cp", "-a", cityAt+"/.", p.data).CombinedOutput(); err != nil {
		t.Fatalf("copy the city: %v\n%s", err, out)
	}
	return p
}

// start returns once the home page is there and how long that took.
func (p *process) start() time.Duration {
	p.t.Helper()
	began := time.Now()
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(path, p.args...)
	p.cmd.Env = append(os.Environ(), p.env...)
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
			p.said.add(s.Text())
		}
		_ = cmd.Wait()
		close(exited)
	}()
	p.await("the home page", 60*time.Second, func() bool { return p.status(p.base+"/") == http.StatusOK })
	return time.Since(began)
}

// status is what a GET of url answers, 0 when nobody does.
func (p *process) status(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// await polls until done, and fails when the server ends or limit is over.
func (p *process) await(what string, limit time.Duration, done func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-p.exited:
			p.t.Fatalf("%s: the server exited", what)
		case <-ctx.Done():
			p.t.Fatalf("%s: not within %v", what, limit)
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
