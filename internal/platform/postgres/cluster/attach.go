package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// attachWait is how long a server that is starting or recovering may take.
const attachWait = 60 * time.Second

// Attach gives an existing cluster to a command that works beside the server:
// one that runs is joined, and left running by Stop; one that rests is started
// for the while. A folder without a cluster is refused and nothing is made.
func Attach(ctx context.Context, o Options) (*Cluster, error) {
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("cluster folder: %w", err)
	}
	home, err := existingHome(dir)
	if err != nil {
		return nil, err
	}
	pgdata := filepath.Join(home, "pgdata")
	if _, err := os.Stat(filepath.Join(pgdata, "PG_VERSION")); err != nil {
		return nil, problem(ErrAbsent,
			fmt.Sprintf("目录 %s 里没有数据库。请用 --data 指定正在使用的数据目录，或用 ONEDOOR_DATABASE_URL 指定数据库服务器。", dir),
			fmt.Sprintf("There is no database in %s. Name the data folder in use with --data, or a server with ONEDOOR_DATABASE_URL.", dir))
	}
	until := time.Now().Add(attachWait)
	for {
		c, err := Start(ctx, o)
		if !errors.Is(err, ErrLocked) {
			return c, err
		}
		if p, ok := readPIDFile(pgdata); ok && p.status == "ready" {
			return joined(ctx, home, p.socket)
		}
		if time.Now().After(until) {
			return nil, err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("wait for the database server: %w", err)
		}
	}
}

// joined is a cluster that another process runs.
func joined(ctx context.Context, home, socket string) (*Cluster, error) {
	c := &Cluster{home: home, socket: socket, guest: true}
	all, err := findBinaries(ctx, nil)
	if err != nil {
		return nil, err
	}
	if c.bin, err = choose(all, c.pgdata()); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, c.DSN())
	if err != nil {
		return nil, fmt.Errorf("connect to the running private cluster: %w", err)
	}
	return c, conn.Close(ctx)
}

// Tool is the path of one of PostgreSQL's client programs (pg_dump), of the
// cluster's own version.
func (c *Cluster) Tool(name string) string { return c.bin.path(name) }

var toolVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// FindTool is the path of a client program that can talk to a server of the major
// version: pg_dump refuses servers that are newer than itself.
func FindTool(ctx context.Context, name string, major int) (string, error) {
	var candidates []string
	if p, err := exec.LookPath(name); err == nil {
		candidates = append(candidates, p)
	}
	for _, dir := range searchDirs(ctx) {
		candidates = append(candidates, filepath.Join(dir, name))
	}
	for _, path := range candidates {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			continue
		}
		m := toolVersion.FindSubmatch(out)
		if m == nil {
			continue
		}
		if v, err := strconv.Atoi(string(m[1])); err == nil && v >= major {
			return path, nil
		}
	}
	return "", problem(ErrNoTool,
		fmt.Sprintf("没有找到 %s（需要 PostgreSQL %d 或更新版本的客户端）。请安装，例如：sudo apt-get install postgresql-client。", name, major),
		fmt.Sprintf("%s of PostgreSQL %d or newer was not found. Install it, for instance: sudo apt-get install postgresql-client.", name, major))
}
