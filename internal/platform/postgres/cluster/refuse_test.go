package cluster

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderOfAnotherVersionIsRefusedAndNotTouched(t *testing.T) {
	t.Parallel()
	dir := fresh(t)
	if err := os.WriteFile(filepath.Join(dir, "pgdata", "PG_VERSION"), []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := inventory(t, dir)
	_, err := Start(t.Context(), Options{DataDir: dir})
	refused(t, err, ErrVersion)
	if after := inventory(t, dir); after != before {
		t.Errorf("the folder was touched:\n%s\n%s", before, after)
	}
}

func TestFolderOfSomebodyElseIsRefusedAndNotTouched(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "pgdata"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pgdata", "thesis.txt"), []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := inventory(t, dir)
	_, err := Start(t.Context(), Options{DataDir: dir})
	refused(t, err, ErrForeign)
	if after := inventory(t, dir); after != before {
		t.Errorf("the folder was touched:\n%s\n%s", before, after)
	}
}

func TestSecondOnedoorOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := fresh(t)
	c := start(t, Options{DataDir: dir})
	_, err := Start(t.Context(), Options{DataDir: dir})
	refused(t, err, ErrLocked)
	if !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("%q does not name the process that has it", err)
	}
	if n := ask[int](t, c.DSN(), `SELECT n FROM kept`); n != 1 {
		t.Errorf("the first one was disturbed: read %d", n)
	}
}

func TestMachineWithoutPostgres(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "postgres")
	_, err := Start(t.Context(), Options{DataDir: dir, BinDirs: []string{"/nowhere"}})
	refused(t, err, ErrNoPostgres)
	_, err = Start(t.Context(), Options{DataDir: dir, BinDirs: []string{fakeServer(t, "13.22")}})
	refused(t, err, ErrTooOld)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestServerOfTheFoldersVersionIsChosen(t *testing.T) {
	t.Parallel()
	newest, folders := fakeServer(t, "99.1"), fakeServer(t, "16.4 (Debian 16.4-1)")
	found, err := findBinaries(t.Context(), []string{fakeServer(t, "9.6"), newest, folders})
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t)
	if b, err := choose(found, dir); err != nil || b.dir != newest {
		t.Errorf("for a new folder: %+v, %v", b, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("16\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := choose(found, dir); err != nil || b.major != 16 || b.dir != folders {
		t.Errorf("for a folder of version 16: %+v, %v", b, err)
	}
}

// fakeServer is a bin folder that claims a version.
func fakeServer(t *testing.T, version string) string {
	t.Helper()
	dir := folder(t)
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPathTooLongForASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("很长", 10), strings.Repeat("long", 20), "postgres")
	c := start(t, Options{DataDir: dir})
	if n := len(c.socket) + len(socketName); n > maxSocketPath {
		t.Fatalf("socket path of %d bytes", n)
	}
	exec1(t, c, `CREATE TABLE kept AS SELECT 1 AS n`)
	stop(t, c)
	if _, err := os.Stat(c.socket); !os.IsNotExist(err) {
		t.Errorf("the socket folder %s is left: %v", c.socket, err)
	}
	pid := orphan(t, dir)
	again := start(t, Options{DataDir: dir})
	if again.PID() != pid {
		t.Errorf("the orphan was not found through its short socket")
	}
}

func TestFolderThatTheServerCannotReach(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("an ordinary user's server is the user: nothing is out of its reach")
		return
	}
	usual := sharedHomes
	sharedHomes = folder(t)
	t.Cleanup(func() { sharedHomes = usual })
	closed := t.TempDir() // root's alone, like /root
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "var", "postgres")
	c := start(t, Options{DataDir: dir})
	exec1(t, c, `CREATE TABLE kept AS SELECT 7 AS n`)
	stop(t, c)
	c = start(t, Options{DataDir: dir})
	if n := ask[int](t, c.DSN(), `SELECT n FROM kept`); n != 7 {
		t.Errorf("read %d", n)
	}
	if _, err := os.Stat(filepath.Join(dir, homeLink, "pgdata", "PG_VERSION")); err != nil {
		t.Errorf("the data folder does not lead to the cluster: %v", err)
	}
}

func refused(t *testing.T, err error, want *Problem) {
	t.Helper()
	var p *Problem
	if !errors.Is(err, want) || !errors.As(err, &p) {
		t.Fatalf("error %v, want %s", err, want.Code)
	}
	if p.Message == "" || p.English == "" {
		t.Errorf("%s does not speak both languages", p.Code)
	}
}

// inventory is everything about a folder that could have been changed.
func inventory(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %d %v", path, info.Mode(), info.Size(), info.ModTime())
		if info.Mode().IsRegular() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", sha256.Sum256(raw))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
