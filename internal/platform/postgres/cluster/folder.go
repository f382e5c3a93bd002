package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// homeLink is a link inside DataDir to the folder that really holds the cluster,
// when the server's account cannot reach DataDir itself.
const homeLink = "home"

// sharedHomes is where such folders are made: PostgreSQL's account may enter it.
var sharedHomes = "/var/lib/onedoor"

// existingHome tells where the cluster of dataDir is or would be, touching nothing.
func existingHome(dataDir string) (string, error) {
	target, err := os.Readlink(filepath.Join(dataDir, homeLink))
	switch {
	case err == nil:
		return target, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EINVAL):
		return dataDir, nil
	case errors.Is(err, syscall.ENOTDIR):
		return "", fmt.Errorf("cluster folder %s is a file: %w", dataDir, err)
	}
	return "", fmt.Errorf("cluster folder: %w", err)
}

// recognise refuses a data folder that holds something else.
func recognise(pgdata string) error {
	entries, err := os.ReadDir(pgdata)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cluster folder: %w", err)
	}
	if len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "PG_VERSION" }) {
		return nil
	}
	return problem(ErrForeign,
		fmt.Sprintf("目录 %s 不是空的，也不是 PostgreSQL 数据目录。内容未作任何改动，请用 --data 指定另一个目录。", pgdata),
		fmt.Sprintf("The folder %s is neither empty nor a PostgreSQL data folder. Nothing was touched; name another folder with --data.", pgdata))
}

// makeHome makes the folder. A root user's home is closed to everybody else, so
// a checkout in /root would fail: the cluster then moves to sharedHomes, linked.
func makeHome(dataDir string, a account, log *slog.Logger) (string, error) {
	if err := os.MkdirAll(dataDir, 0o711); err != nil { //nolint:gosec // the server's account must pass, not list
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	home, err := existingHome(dataDir)
	if err != nil || home != dataDir {
		return home, err
	}
	barrier, err := firstClosed(dataDir, a)
	if err != nil || barrier == "" {
		return dataDir, err
	}
	if err := os.MkdirAll(sharedHomes, 0o711); err != nil { //nolint:gosec // as above
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	home, err = os.MkdirTemp(sharedHomes, "cluster-")
	if err != nil {
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	if err := os.Chmod(home, 0o711); err != nil { //nolint:gosec // as above
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	if err := os.Symlink(home, filepath.Join(dataDir, homeLink)); err != nil {
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	log.Warn("the database's account cannot enter the data folder; the cluster is kept elsewhere and linked",
		"closed", barrier, "account", a.name, "cluster", home, "link", filepath.Join(dataDir, homeLink))
	return home, nil
}

// firstClosed names the first folder on the way to path that a may not enter.
func firstClosed(path string, a account) (string, error) {
	dir := "/"
	for _, part := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		dir = filepath.Join(dir, part)
		info, err := os.Stat(dir)
		if err != nil {
			return "", fmt.Errorf("cluster folder: %w", err)
		}
		if !a.mayEnter(info) {
			return dir, nil
		}
	}
	return "", nil
}

// lockFolder makes sure that one onedoor at a time uses the folder. The kernel
// drops the lock with its holder, so a crash leaves nothing to clean up.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return nil, fmt.Errorf("lock the cluster folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path) //nolint:gosec // best effort, for the message
		_ = f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the cluster folder: %w", err)
		}
		pid := strings.TrimSpace(string(holder))
		return nil, problem(ErrLocked,
			fmt.Sprintf("数据目录 %s 正被另一个 onedoor 进程（%s）使用。请先停止它，或用 --data 指定另一个目录。", filepath.Dir(path), pid),
			fmt.Sprintf("The data folder %s is in use by another onedoor (process %s). Stop it first, or name another folder with --data.", filepath.Dir(path), pid))
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("lock the cluster folder: %w", err)
		}
	}
	return f, nil
}

// maxSocketPath is sun_path less its final zero byte, on Linux.
const maxSocketPath = 107

const (
	socketName   = "/.s.PGSQL.5432"
	shortSockets = "onedoor-pg-"
)

// socketDir makes the folder of the socket: run in the cluster's own, or a short
// one with an unguessable name when that path does not fit into a socket address.
// postmaster.pid remembers it, which is how an orphan is found again.
func socketDir(home string, a account) (string, error) {
	dir := filepath.Join(home, "run")
	if len(dir)+len(socketName) > maxSocketPath {
		base := os.TempDir()
		if len(base) > 40 {
			base = "/tmp"
		}
		var err error
		if dir, err = os.MkdirTemp(base, shortSockets); err != nil {
			return "", fmt.Errorf("socket folder: %w", err)
		}
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("socket folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder, owner only
		return "", fmt.Errorf("socket folder: %w", err)
	}
	if err := a.own(dir); err != nil {
		return "", fmt.Errorf("socket folder: %w", err)
	}
	return dir, nil
}

// dropShortSocket removes a short socket folder that is no longer used.
func dropShortSocket(dir string) {
	if strings.HasPrefix(filepath.Base(dir), shortSockets) {
		_ = os.RemoveAll(dir)
	}
}
