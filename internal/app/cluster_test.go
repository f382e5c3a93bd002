package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres/pgtest"
)

// With an address the binary uses that server and touches no cluster of its own.
func TestGivenDatabase(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDSN(t)
	p := newProcess(t)
	p.env = []string{"ONEDOOR_DATABASE_URL=" + dsn}
	p.start()
	if got := p.status(p.admin + "/readyz"); got != 200 {
		t.Errorf("/readyz answers %d", got)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if n := one[int](t, conn, `SELECT count(*) FROM form.definition`); n == 0 {
		t.Error("the forms are not in the database that was given")
	}
	if n := one[int](t, conn, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'onedoor'`); n == 0 {
		t.Error("nobody is connected to the database that was given")
	}
	for _, name := range []string{"db", "postgres"} {
		if _, err := os.Stat(filepath.Join(p.data, name)); !os.IsNotExist(err) {
			t.Errorf("there is a cluster of its own: %v", err)
		}
	}
	p.stop()
	if _, err := conn.Exec(t.Context(), `SELECT 1`); err != nil {
		t.Errorf("the server that was given did not survive the stop: %v", err)
	}
}

// A folder of another version is refused in words and stays as it is.
func TestOtherVersionRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "var")
	pgdata := filepath.Join(dir, "db", "pgdata")
	if err := os.MkdirAll(filepath.Join(pgdata, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"PG_VERSION": "9.6\n", "base/1": "rows of a citizen"} {
		if err := os.WriteFile(filepath.Join(pgdata, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	out, err := command(t, nil, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "")
	if err == nil {
		t.Fatalf("it started:\n%s", out)
	}
	for _, want := range []string{"9.6", "数据未作任何改动", "Nothing was touched", dir} {
		if !strings.Contains(out, want) {
			t.Errorf("the refusal does not say %s:\n%s", want, out)
		}
	}
	if strings.Contains(out, "goroutine") {
		t.Errorf("it crashed:\n%s", out)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("the folder was touched:\n%s\n%s", before, after)
	}
}

// A second process on the same folder is told who has it, and harms nothing.
func TestFolderInUse(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	p.start()
	out, err := command(t, nil, "serve", "--data", p.data, "--listen", "127.0.0.1:0", "--admin-listen", "")
	if err == nil || !strings.Contains(out, "正被另一个 onedoor 进程") {
		t.Errorf("a second process on the folder: %v\n%s", err, out)
	}
	if got := p.status(p.admin + "/readyz"); got != 200 {
		t.Errorf("the first one's /readyz answers %d", got)
	}
}

func TestConfigMasksSecrets(t *testing.T) {
	t.Parallel()
	out, err := command(t, []string{
		"ONEDOOR_DATABASE_URL=postgres://city:hunter2@db.example/onedoor?sslpassword=hunter3",
		"ONEDOOR_BLOB_URL=s3://files?secret=hunter4",
	}, "config", "--listen", "127.0.0.1:9999")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(out, "hunter") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	for _, want := range []string{"127.0.0.1:9999", "db.example", "s3://files", "ONEDOOR_DATABASE_URL"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not shown:\n%s", want, out)
		}
	}
}

// command runs the binary to its end and gives what it wrote.
func command(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}

// tree is every name, mode, time and content below dir.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String())
		if info.Mode().IsRegular() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.Write(raw)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
