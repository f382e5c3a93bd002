package postgres

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"
)

// libpqParams are what PostgreSQL's own programs understand of an address; pgx
// takes more (pool_max_conns, timezone), on which they would stop.
var libpqParams = map[string]bool{
	"host": true, "hostaddr": true, "port": true, "dbname": true, "user": true, "connect_timeout": true, "options": true,
	"application_name": true, "sslmode": true, "sslcert": true, "sslkey": true, "sslrootcert": true, "sslcrl": true,
	"target_session_attrs": true, "gssencmode": true, "channel_binding": true, "service": true, "passfile": true, "keepalives": true,
}

// ToolAddress is dsn for PostgreSQL's own programs: the password apart, since
// the list of processes shows arguments to everybody on the machine.
func ToolAddress(dsn string) (address, password string, err error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return "", "", fmt.Errorf("database address: %w", err)
	}
	q := url.Values{}
	switch u, err := url.Parse(dsn); {
	case err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql"):
		q = u.Query()
	default:
		for _, word := range strings.Fields(dsn) {
			if k, v, ok := strings.Cut(word, "="); ok {
				q.Set(k, strings.Trim(v, "'"))
			}
		}
	}
	for k := range q {
		if !libpqParams[k] {
			q.Del(k)
		}
	}
	q.Set("host", cfg.Host)
	q.Set("port", fmt.Sprint(cfg.Port))
	q.Set("user", cfg.User)
	q.Set("dbname", cfg.Database)
	return "postgresql://?" + strings.ReplaceAll(q.Encode(), "+", "%20"), cfg.Password, nil
}

// RunTool runs pg_dump, pg_restore or the like against dsn. Its complaints are
// part of the error.
func RunTool(ctx context.Context, path, dsn string, in io.Reader, out io.Writer, args ...string) error {
	address, password, err := ToolAddress(dsn)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"--dbname=" + address}, args...)...)
	for _, kv := range os.Environ() {
		// Our own settings hold secrets, and PGDATABASE and the like would redirect.
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "ONEDOOR_") && (!strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "PGSSL")) {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	complaints := &tail{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, complaints
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", path, err, bytes.TrimSpace(complaints.b))
	}
	return nil
}

// tail keeps the first kilobytes of what a program says.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	if room := 4096 - len(t.b); room > 0 {
		t.b = append(t.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}
