package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// pidFile is what a postmaster writes about itself into its data folder.
type pidFile struct {
	pid    int
	socket string
	status string // starting, ready, stopping, standby
}

// readPIDFile reads postmaster.pid; ok is false when there is none, or none that
// makes sense.
func readPIDFile(pgdata string) (p pidFile, ok bool) {
	raw, err := os.ReadFile(filepath.Join(pgdata, "postmaster.pid")) //nolint:gosec // our own folder
	if err != nil {
		return p, false
	}
	// pid, data folder, start time, port, socket folder, listen address, shared memory, status
	lines := strings.Split(string(raw), "\n")
	if p.pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil || p.pid <= 1 {
		return p, false
	}
	if len(lines) > 4 {
		p.socket = strings.TrimSpace(lines[4])
	}
	if len(lines) > 7 {
		p.status = strings.TrimSpace(lines[7])
	}
	return p, true
}

// serves reports whether the process is a live postmaster of pgdata. The number
// alone proves nothing: after a reboot it may be anybody's.
func (p pidFile) serves(pgdata string) bool {
	if !alive(p.pid) {
		return false
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", p.pid))
	if errors.Is(err, fs.ErrPermission) {
		// In a container root may not look; then the name must do, and adoption
		// asks the server itself for its data folder.
		comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.pid))
		return strings.HasPrefix(string(comm), "postgres")
	}
	if err != nil {
		return false
	}
	want, err := filepath.EvalSymlinks(pgdata)
	return err == nil && cwd == want
}

// alive reports whether the process runs; one that has ended and only waits to
// be collected by its parent does not.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && err != syscall.EPERM { //nolint:errorlint // a bare errno
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !os.IsNotExist(err)
	}
	// The state follows the program's name, which is in brackets and may hold anything.
	after := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	f := strings.Fields(after)
	return len(f) == 0 || (f[0] != "Z" && f[0] != "X")
}
