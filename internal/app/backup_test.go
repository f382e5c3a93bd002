package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onedoor/internal/app"
)

const backupPhrase = "ONEDOOR_BACKUP_PASSPHRASE=一座城市的备份口令 2026"

// command runs the binary with the data folder of p and gives what it prints.
func (p *process) command(t *testing.T, data string, env []string, args ...string) (out string, ok bool) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, "--data", data)...)
	cmd.Env = append(append(os.Environ(), p.env...), env...)
	raw, err := cmd.CombinedOutput()
	return string(raw), err == nil
}

// TestBackup destroys an instance under load and brings it back.
func TestBackup(t *testing.T) {
	t.Parallel()
	p := newCityProcess(t, "--no-rate-limit")
	p.start()
	stories := app.DemoStories(p.base)
	for _, s := range stories {
		if err := s.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.Search, err)
		}
	}
	c := newCrowd(t, p)
	var waiting draft
	c.founder.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.item.ID}, &waiting)
	want := bytes.Repeat([]byte("%PDF-1.7 uploaded before the backup\n"), 20_000)
	c.founder.must(t, "POST", "/api/drafts/"+waiting.ID+"/files?material=M01&name=a.pdf", bytes.NewReader(want), nil)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var load sync.WaitGroup
	for _, who := range c.applicants[:4] {
		load.Go(func() { c.apply(ctx, who, false) })
	}
	load.Go(func() { c.found(ctx) })
	c.await("enough load", 90*time.Second, func() bool { return c.acked.Load() >= 50 && c.decided.Load() >= 2 })
	promised := c.promised()
	during := c.acked.Load()

	dir := t.TempDir()
	out, ok := p.command(t, p.data, []string{backupPhrase}, "backup", "--to", dir)
	if !ok {
		t.Fatalf("backup: %s", out)
	}
	if c.acked.Load() == during {
		t.Error("nothing was submitted while the backup ran: the test did not test it")
	}
	cancel()
	load.Wait()
	archives, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(archives) != 1 || !strings.HasSuffix(archives[0], ".odb") {
		t.Fatalf("left in the folder: %v", archives)
	}
	archive := archives[0]
	before := p.database(t)
	c.await("events and jobs before the end", 60*time.Second, func() bool { return quiet(t, before) })
	everyFileIsNamed(t, p)
	leaves := one[int](t, p.database(t), `SELECT count(*) FROM audit.entries`)
	c.founder.must(t, "GET", "/api/drafts/"+waiting.ID, nil, &waiting)

	p.kill()
	settled := p.data + "-lost"
	if err := os.Rename(p.data, settled); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(settled) })

	t.Run("refusals", func(t *testing.T) { restoreRefusals(t, p, archive, settled) })
	if out, ok := p.command(t, p.data, []string{backupPhrase}, "restore", "--from", archive); !ok {
		t.Fatalf("restore: %s", out)
	}
	p.start()
	for _, no := range promised {
		if a := c.whoHas(no).send(t.Context(), "GET", "/api/cases/"+no, nil); !a.ok() {
			t.Errorf("case %s, acknowledged before the backup, is gone: %d %s", no, a.status, a.body)
		}
	}
	if a := c.founder.send(t.Context(), "GET", "/api/files/"+waiting.Files[0].ID, nil); !a.ok() || !bytes.Equal(a.body, want) {
		t.Errorf("the upload is not what it was: %d, %d bytes", a.status, len(a.body))
	}
	again := signedIn(t, p.base, enterpriseLogin)
	var k applied
	again.must(t, "GET", "/api/cases/"+stories[0].CaseNo(), nil, &k)
	for _, d := range k.Documents {
		for _, format := range []string{"pdf", "ofd"} {
			again.must(t, "GET", "/api/cases/"+stories[0].CaseNo()+"/documents/"+d.ID+"?format="+format, nil, nil)
		}
	}
	licencesVerify(t, p, again)
	db := p.database(t)
	if n := one[int](t, db, `SELECT count(*) FROM audit.entries`); n == 0 || n > leaves+100 {
		t.Errorf("%d entries of evidence, %d before", n, leaves)
	}
	c.await("events and jobs go on", 60*time.Second, func() bool { return quiet(t, db) })
	everyFileIsNamed(t, p)
	// And it works on.
	fresh := c.begin(again, map[string]any{"item_id": c.item.ID, "form": c.form, "promise": true})
	if a := c.submit(t.Context(), fresh); !a.ok() {
		t.Errorf("submit after the restore: %d %s", a.status, a.body)
	}
	if slices.Contains(promised, fresh.caseNo) {
		t.Errorf("case number %s was given twice", fresh.caseNo)
	}
}

// promised are the case numbers that were acknowledged so far.
func (c *crowd) promised() (out []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.attempts {
		if a.caseNo != "" {
			out = append(out, a.caseNo)
		}
	}
	return out
}

func (c *crowd) whoHas(no string) *caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.attempts {
		if a.caseNo == no {
			return a.who
		}
	}
	return c.founder
}

// everyFileIsNamed finds files of a module whose list is missing in the backup: what lies in
// the store and is known by its key, but is named by nobody.
func everyFileIsNamed(t *testing.T, p *process) {
	t.Helper()
	db := p.database(t)
	named := list[string](t, db, `SELECT key FROM (`+strings.Join(app.FileKeys(), " UNION ")+`) n`)
	root := filepath.Join(p.data, "files")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".attrs") {
			return err
		}
		key, _ := filepath.Rel(root, path)
		// Copies of licences are drawn again.
		if !slices.Contains(named, key) && !strings.HasSuffix(key, "-valid.pdf") {
			t.Errorf("in the store and named by no module: %s", key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range named {
		if _, err := os.Stat(filepath.Join(root, key)); err != nil {
			t.Errorf("named and not in the store: %s", key)
		}
	}
}

// licencesVerify downloads the licences of an account and has them checked.
func licencesVerify(t *testing.T, p *process, who *caller) {
	t.Helper()
	var mine struct {
		Rows []struct {
			ID string `json:"id"`
		} `json:"rows"`
	}
	who.must(t, "GET", "/api/licences", nil, &mine)
	if len(mine.Rows) == 0 {
		t.Fatal("the licence of the story is gone")
	}
	for _, l := range mine.Rows {
		a := who.send(t.Context(), "GET", "/api/licences/"+url.PathEscape(l.ID)+"/file", nil)
		if !a.ok() {
			t.Errorf("licence %s: %d %s", l.ID, a.status, a.body)
			continue
		}
		var report struct {
			Verdict string `json:"verdict"`
		}
		v := newCaller(p.base).send(t.Context(), "POST", "/api/verify", bytes.NewReader(a.body), "Content-Type", "application/octet-stream")
		if err := json.Unmarshal(v.body, &report); err != nil || report.Verdict != "valid" {
			t.Errorf("licence %s: %d %.300s", l.ID, v.status, v.body)
		}
	}
}

// restoreRefusals: each refusal says what to do and leaves nothing behind.
func restoreRefusals(t *testing.T, p *process, archive, used string) {
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	damagedAt := func(name string, change func([]byte) []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, change(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := damagedAt("flipped.odb", func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	short := damagedAt("short.odb", func(b []byte) []byte { return b[:len(b)-1] })
	for name, c := range map[string]struct {
		args []string
		env  string
		data string
		says string
	}{
		"a changed bit":            {[]string{"restore", "--from", flipped}, backupPhrase, p.data, "已损坏或被改动过"},
		"cut off":                  {[]string{"restore", "--from", short}, backupPhrase, p.data, "已损坏或被改动过"},
		"a wrong passphrase":       {[]string{"restore", "--from", archive}, backupPhrase + "x", p.data, "打不开这份备份"},
		"no passphrase":            {[]string{"restore", "--from", archive}, "", p.data, "需要口令或私钥"},
		"no such file":             {[]string{"restore", "--from", archive + "x"}, backupPhrase, p.data, "没有找到备份文件"},
		"a folder in use":          {[]string{"restore", "--from", archive}, backupPhrase, used, "目标不是空的"},
		"verify of a changed file": {[]string{"backup", "verify", flipped}, backupPhrase, p.data, "已损坏或被改动过"},
		"backup of nothing":        {[]string{"backup", "--to", dir}, backupPhrase, p.data, "没有数据库"},
		"backup without a lock":    {[]string{"backup", "--to", dir}, "", used, "备份必须加密"},
		"backup over a file":       {[]string{"backup", "--to", archive}, backupPhrase, used, "不会覆盖"},
	} {
		t.Run(name, func(t *testing.T) {
			out, ok := p.command(t, c.data, []string{c.env}, c.args...)
			if ok || !strings.Contains(out, c.says) {
				t.Errorf("ok %v, said: %s", ok, out)
			}
			if _, err := os.Stat(p.data); err == nil {
				entries, _ := os.ReadDir(p.data)
				t.Errorf("left behind: %v", entries)
			}
		})
	}
	if out, ok := p.command(t, p.data, []string{backupPhrase}, "backup", "verify", archive); !ok || !strings.Contains(out, "备份完好") {
		t.Errorf("verify: %s", out)
	}
	// A restore that was interrupted must not be served.
	half, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(half) })
	if err := os.Mkdir(filepath.Join(half, ".restoring"), 0o711); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--listen", freeAddr(t), "--admin-listen", freeAddr(t)}, {"restore", "--from", archive}} {
		if out, ok := p.command(t, half, []string{backupPhrase}, args...); ok || !strings.Contains(out, "上一次恢复没有完成") {
			t.Errorf("%s: ok %v, said %s", args[0], ok, out)
		}
	}
}

// TestPointInTimeRecovery runs what docs/operations.md tells the operator of an external server.
func TestPointInTimeRecovery(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("../../tools/pitr.sh").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "1500 rows of 1500") {
		t.Errorf("%v\n%s", err, out)
	}
}
