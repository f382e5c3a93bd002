package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/platform/postgres/pgtest"
)

// notSealed are the columns of bytes that hold no sealed value, with what they hold.
var notSealed = map[string]string{
	"audit.entries.before": "masked JSON", "audit.entries.after": "masked JSON",
	"audit.entries.leaf": "digest", "audit.entries.salt": "random", "audit.tiles.data": "digests", "audit.checkpoints.stamp": "public",
	"catalog.item.content_hash": "digest", "catalog.seed.hash": "digest", "directory.loaded.digest": "digest",
	"identity.accounts.number_blind": "blind index", "identity.accounts.phone_blind": "blind index", "identity.applicants.number_blind": "blind index",
	"identity.attempts.login_blind": "blind index", "identity.sessions.token_hash": "digest",
	"intake.files.sm3": "digest", "intake.uploads.sm3": "digest", "intake.idempotency.body_hash": "digest",
	"keys.data_keys.wrapped": "wrapped by the KEK", "keys.files.sealed": "the rotator's own",
	"licence.licences.holder_blind": "blind index", "licence.licences.file_sm3": "digest", "licence.presentations.code_sm3": "digest",
	"seal.authority.certificate": "public", "seal.seal.esl": "public", "seal.seal.picture": "public", "seal.seal.certificate": "public",
}

// Whoever adds a column of bytes says here or in his module's SealedColumns what it is:
// a sealed column that rotation does not know would be lost with the old key.
func TestEverySealedColumnIsRotated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, app.MigrationSets()...)
	rows, err := db.Pool.Query(t.Context(), `SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE data_type = 'bytea' AND table_schema NOT IN ('river', 'pg_catalog', 'information_schema') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := map[string]bool{}
	for _, c := range app.SealedColumns() {
		known[c.Target()] = true
	}
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if known[column] == (notSealed[column] != "") {
			t.Errorf("%s: is it sealed? Put it into SealedColumns of its module, or here with what it holds", column)
		}
		delete(known, column)
	}
	for column := range known {
		t.Errorf("%s is registered and is not there", column)
	}
}

// A rotation of the whole city by the command line, beside a server that goes on working:
// every value of every module opens and lies under a new key.
func TestRotationOfTheCity(t *testing.T) {
	t.Parallel()
	p := newCityProcess(t, "--no-rate-limit")
	p.start()
	db := p.database(t)
	play := func() {
		t.Helper()
		for _, s := range app.DemoStories(p.base) {
			if err := s.Run(t.Context()); err != nil {
				t.Fatalf("%s: %v", s.Search, err)
			}
		}
	}
	play()
	p.await("events and jobs", 60*time.Second, func() bool { return quiet(t, db) })
	before := list[int](t, db, `SELECT id FROM keys.data_keys WHERE purpose = 'data' AND state = 'active'`)
	if len(before) < 3 {
		t.Errorf("%d keys: the house's and one of each of two departments were to be", len(before))
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	rotate := exec.Command(path, "keys", "rotate", "--data", p.data, "--reason", "演练", "--log-level", "warn")
	rotate.Env = append(os.Environ(), p.env...)
	done := make(chan error, 1)
	var said strings.Builder
	rotate.Stdout, rotate.Stderr = &said, &said
	go func() { done <- rotate.Run() }()
	play() // while the keys change
	if err := <-done; err != nil || !strings.Contains(said.String(), "旧密钥已停用") {
		t.Fatalf("onedoor keys rotate: %v\n%s", err, &said)
	}
	play()
	active := list[int](t, db, `SELECT id FROM keys.data_keys WHERE purpose = 'data' AND state = 'active'`)
	for _, id := range before {
		if slices.Contains(active, id) {
			t.Errorf("key %d is still in force", id)
		}
	}
	for _, c := range app.SealedColumns() {
		n := one[int](t, db, `SELECT count(*) FROM `+c.Table+` WHERE `+c.Column+` IS NOT NULL AND substring(`+c.Column+` FROM 2 FOR 4) NOT IN
			(SELECT int4send(id) FROM keys.data_keys WHERE state = 'active')`)
		if n != 0 {
			t.Errorf("%s: %d values under an old key", c.Target(), n)
		}
	}
	status, err := exec.Command(path, "keys", "status", "--data", p.data, "--log-level", "error").CombinedOutput()
	if err != nil || !strings.Contains(string(status), "已停用") || !strings.Contains(string(status), "使用中") {
		t.Errorf("onedoor keys status: %v\n%s", err, status)
	}
}

// The reference city moves from the key file into an HSM (SoftHSM) by the commands of the
// operations guide; then the file is taken away and the server serves.
func TestMoveIntoAnHSM(t *testing.T) {
	t.Parallel()
	p := newCityProcess(t, "--no-rate-limit")
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	helper := filepath.Join(p.data, "onedoor-pkcs11")
	if out, err := exec.Command("go", "build", "-o", helper, "onedoor/cmd/onedoor-pkcs11").CombinedOutput(); err != nil {
		t.Fatalf("build the helper: %v\n%s", err, out)
	}
	dir := t.TempDir()
	conf, pin, tokens := filepath.Join(dir, "softhsm2.conf"), filepath.Join(dir, "pin"), filepath.Join(dir, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{conf: "directories.tokendir = " + tokens + "\n", pin: "24681357"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.env = []string{
		"SOFTHSM2_CONF=" + conf, "ONEDOOR_KEK=pkcs11", "ONEDOOR_PKCS11_MODULE=/usr/lib/softhsm/libsofthsm2.so", "ONEDOOR_PKCS11_TOKEN=city",
		"ONEDOOR_PKCS11_PIN_FILE=" + pin, "ONEDOOR_PKCS11_HELPER=" + helper, "ONEDOOR_DATA=" + p.data, "ONEDOOR_LOG_LEVEL=warn",
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), p.env...)
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "24681357") {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	run("softhsm2-util", "--init-token", "--free", "--label", "city", "--so-pin", "13572468", "--pin", "24681357")
	run(path, "keys", "create-kek")
	run(path, "keys", "rewrap")
	if out := run(path, "keys", "status"); strings.Contains(out, "file:") || !strings.Contains(out, "pkcs11:city/onedoor") {
		t.Errorf("still under the key file:\n%s", out)
	}
	run(path, "config")
	if err := os.Remove(filepath.Join(p.data, "keys", "master.key")); err != nil {
		t.Fatal(err)
	}
	p.start()
	for _, s := range app.DemoStories(p.base) { // people sign in, departments get new keys and seals
		if err := s.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.Search, err)
		}
	}
}
