package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// oldest is the first major version with everything we use.
const oldest = 15

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// versionedDirs is where Debian, Ubuntu and the PGDG packages keep servers,
// which are not in PATH there.
var versionedDirs = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"}

// findBinaries lists the usable servers: PATH first, then the versioned folders,
// newest first.
func findBinaries(ctx context.Context, dirs []string) ([]binaries, error) {
	if dirs == nil {
		dirs = searchDirs(ctx)
	}
	var found []binaries
	var old []string
	for _, d := range dirs {
		major, ok := majorOf(ctx, d)
		switch {
		case !ok:
		case major < oldest:
			old = append(old, fmt.Sprintf("%s (%d)", d, major))
		default:
			found = append(found, binaries{dir: d, major: major})
		}
	}
	switch {
	case ctx.Err() != nil: // then nothing answered, which proves nothing
		return nil, ctx.Err()
	case len(found) > 0:
		return found, nil
	case len(old) > 0:
		return nil, problem(ErrTooOld,
			fmt.Sprintf("这台机器上的 PostgreSQL 版本太旧：%s。需要 %d 或更新版本；也可以用 ONEDOOR_DATABASE_URL 指定现有的数据库服务器。", strings.Join(old, "、"), oldest),
			fmt.Sprintf("PostgreSQL here is too old: %s. Version %d or newer is needed, or set ONEDOOR_DATABASE_URL to a server.", strings.Join(old, ", "), oldest))
	}
	return nil, problem(ErrNoPostgres,
		fmt.Sprintf("没有找到 PostgreSQL（需要 %d 或更新版本）。请安装，例如：sudo apt-get install postgresql；或者用 ONEDOOR_DATABASE_URL 指定现有的数据库服务器。", oldest),
		fmt.Sprintf("No PostgreSQL found (%d or newer is needed). Install it, for instance: sudo apt-get install postgresql; or set ONEDOOR_DATABASE_URL to a server.", oldest))
}

// Installed is the major version of the server that a new cluster would get.
func Installed(ctx context.Context) (int, error) {
	found, err := findBinaries(ctx, nil)
	if err != nil {
		return 0, err
	}
	return found[0].major, nil
}

func searchDirs(ctx context.Context) []string {
	var dirs []string
	if p, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			p = real
		}
		dirs = append(dirs, filepath.Dir(p))
	}
	// On Debian pg_config may be of the client only; majorOf drops such a folder.
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	var versioned []string
	for _, pattern := range versionedDirs {
		m, _ := filepath.Glob(pattern) // the only error is a bad pattern
		versioned = append(versioned, m...)
	}
	sort.SliceStable(versioned, func(i, j int) bool { return numberIn(versioned[i]) > numberIn(versioned[j]) })
	seen := map[string]bool{}
	var unique []string
	for _, d := range append(dirs, versioned...) {
		if !seen[d] {
			seen[d] = true
			unique = append(unique, d)
		}
	}
	return unique
}

var digits = regexp.MustCompile(`\d+`)

func numberIn(path string) int {
	n, _ := strconv.Atoi(digits.FindString(path))
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf asks the server program itself; a folder lacking one of the programs
// that we run is no server.
func majorOf(ctx context.Context, dir string) (int, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, false
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output() //nolint:gosec // our own search
	if err != nil {
		return 0, false
	}
	m := versionLine.FindStringSubmatch(string(out))
	if m == nil {
		return 0, false
	}
	major, err := strconv.Atoi(m[1])
	return major, err == nil
}

// choose takes the first server, or the one of the data folder's version. A
// folder of a version that is not installed is refused: starting another one
// on it, or upgrading it unasked, could destroy it.
func choose(all []binaries, pgdata string) (binaries, error) {
	raw, err := os.ReadFile(filepath.Join(pgdata, "PG_VERSION")) //nolint:gosec // our own folder
	if os.IsNotExist(err) {
		return all[0], nil
	}
	if err != nil {
		return binaries{}, fmt.Errorf("read the data folder's version: %w", err)
	}
	version := strings.TrimSpace(string(raw))
	var have []string
	for _, b := range all {
		if strconv.Itoa(b.major) == version {
			return b, nil
		}
		have = append(have, strconv.Itoa(b.major))
	}
	return binaries{}, problem(ErrVersion,
		fmt.Sprintf("数据目录 %s 由 PostgreSQL %s 创建，而这台机器上只有 %s。数据未作任何改动。请安装 PostgreSQL %s，或用 pg_upgrade 升级该目录，或用 --data 指定另一个目录。", pgdata, version, strings.Join(have, "、"), version),
		fmt.Sprintf("The data folder %s was made by PostgreSQL %s; this machine has %s. Nothing was touched. Install PostgreSQL %s, upgrade the folder with pg_upgrade, or name another folder with --data.", pgdata, version, strings.Join(have, ", "), version))
}
