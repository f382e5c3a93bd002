package identity_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onedoor/data"
	"onedoor/internal/audit"
	"onedoor/internal/directory"
	"onedoor/internal/identity"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
	"onedoor/internal/platform/sm"
)

type bundle struct {
	*identity.Service
	db    *postgres.DB
	clock *clock.Fake
	dir   *directory.Service
	keys  *sm.Keyring
}

func setup(t *testing.T) bundle {
	t.Helper()
	db := pgtest.New(t, postgres.MigrationSet{Module: "audit", FS: audit.Migrations},
		postgres.MigrationSet{Module: "directory", FS: directory.Migrations},
		postgres.MigrationSet{Module: "identity", FS: identity.Migrations})
	keys, err := sm.OpenKeyring(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai))
	log := slog.New(slog.DiscardHandler)
	dir := directory.New(directory.Deps{DB: db, Clock: clk, Log: log, Data: data.FS})
	s := identity.New(identity.Deps{
		DB: db, Clock: clk, Log: log, Keys: keys, Officials: dir,
		Audit: audit.New(audit.Deps{DB: db, Clock: clk, Log: log}),
	})
	s.Quick()
	return bundle{s, db, clk, dir, keys}
}

func withCity(t *testing.T) bundle {
	t.Helper()
	b := setup(t)
	if err := b.dir.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func citizenNumber(t *testing.T, first17 string) string {
	t.Helper()
	c, err := idcode.CitizenCheck(first17)
	if err != nil {
		t.Fatal(err)
	}
	return first17 + string(c)
}

const password = "correct horse 9"

func (b bundle) register(t *testing.T, n int) (login string) {
	t.Helper()
	login = fmt.Sprintf("139000%05d", n)
	_, err := b.Register(t.Context(), identity.Registration{
		Name: "张三", IDNumber: citizenNumber(t, fmt.Sprintf("42130319900101%03d", n)), Phone: login, Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	return login
}

func (b bundle) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := b.db.Pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Code
}

// Values from before they were bound to their row still open; one applicant's do not open
// as another's.
func TestNumbersAreBoundToTheirRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	session, err := b.SignIn(t.Context(), phone, password)
	if err != nil {
		t.Fatal(err)
	}
	id := session.Actor.ApplicantID
	set := func(sealed []byte) {
		t.Helper()
		if _, err := b.DB.Pool.Exec(t.Context(), `UPDATE identity.applicants SET phone = $2 WHERE id = $1`, id, sealed); err != nil {
			t.Fatal(err)
		}
	}
	set(b.Keys.Seal([]byte(phone), "identity.phone"))
	if a, err := b.ApplicantByID(t.Context(), id); err != nil || a.Phone != phone {
		t.Errorf("from before: %+v, %v", a, err)
	}
	set(b.Keys.Seal([]byte("13900000000"), "identity.phone:"+strings.Repeat("0", 36)))
	if a, err := b.ApplicantByID(t.Context(), id); err == nil {
		t.Errorf("another's phone passed: %+v", a)
	}
}

func TestRegisterAndSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	number := citizenNumber(t, "42130319900101001")
	for _, login := range []string{phone, number, " " + strings.ToLower(number) + " "} {
		session, err := b.SignIn(t.Context(), login, password)
		if err != nil {
			t.Fatalf("%q: %v", login, err)
		}
		who, err := b.Actor(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		if who.Kind != actor.Citizen || who.Name != "张三" || who.ApplicantID == "" || len(who.Grants) != 0 {
			t.Errorf("%+v", who)
		}
		a, err := b.ApplicantByID(t.Context(), who.ApplicantID)
		if err != nil {
			t.Fatal(err)
		}
		if a.IDNumber != number || a.Phone != phone || a.IDType != "111" || a.MaskedID() != number[:6]+"********"+number[14:] {
			t.Errorf("%+v", a)
		}
		me, err := b.Me(t.Context(), who)
		if err != nil || strings.Contains(fmt.Sprint(me.Applicant), number) {
			t.Errorf("%+v, %v", me, err)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM audit.entries WHERE action IN ('identity.register', 'identity.sign-in')`); n != 4 {
		t.Errorf("%d entries of evidence", n)
	}
	// Nothing in the database can be read without the keyring.
	for _, table := range []string{"accounts", "applicants", "sessions", "attempts"} {
		rows, err := b.db.Pool.Query(t.Context(), `SELECT t::text FROM identity.`+table+` t`)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{number, phone, password, fmt.Sprintf("%x", number), fmt.Sprintf("%x", phone)} {
				if strings.Contains(text, secret) {
					t.Errorf("identity.%s holds %s", table, secret)
				}
			}
		}
		if rows.Err() != nil {
			t.Fatal(rows.Err())
		}
	}
}

func TestRegisterRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.register(t, 1)
	good := identity.Registration{Name: "李四", IDNumber: citizenNumber(t, "42130319900101002"), Phone: "13900000002", Password: password}
	for _, c := range []struct {
		name, field string
		change      func(*identity.Registration)
	}{
		{"wrong check digit", "/id_number", func(r *identity.Registration) { r.IDNumber = wrongCheck(r.IDNumber) }},
		{"no such day", "/id_number", func(r *identity.Registration) { r.IDNumber = citizenNumberOf("42130319900230002") }},
		{"phone", "/phone", func(r *identity.Registration) { r.Phone = "12345678901" }},
		{"short password", "/password", func(r *identity.Registration) { r.Password = "short 1" }},
		{"plain password", "/password", func(r *identity.Registration) { r.Password = "1234567890123" }},
		{"password is the phone", "/password", func(r *identity.Registration) { r.Password = "a" + r.Phone }},
		{"markup as name", "/name", func(r *identity.Registration) { r.Name = "<script>" }},
	} {
		r := good
		c.change(&r)
		_, err := b.Register(t.Context(), r)
		f := fault.Of(err)
		if err == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != c.field {
			t.Errorf("%s: %v %+v", c.name, err, f.Fields)
		}
	}
	taken := good
	taken.Phone = "13900000001"
	if _, err := b.Register(t.Context(), taken); code(err) != "account.exists" {
		t.Errorf("taken phone: %v", err)
	}
	taken = good
	taken.IDNumber = citizenNumber(t, "42130319900101001")
	if _, err := b.Register(t.Context(), taken); code(err) != "account.exists" {
		t.Errorf("taken number: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM identity.accounts`) + b.count(t, `SELECT count(*) FROM identity.applicants`); n != 2 {
		t.Errorf("a refused registration left rows: %d", n)
	}
}

// wrongCheck changes the check character.
func wrongCheck(number string) string {
	if number[17] == '2' {
		return number[:17] + "1"
	}
	return number[:17] + "2"
}

// citizenNumberOf gives the number with its check character even for an
// impossible date.
func citizenNumberOf(first17 string) string {
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(first17[i]-'0') * w
	}
	return first17 + string("10X98765432"[sum%11])
}

func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	blocked := b.register(t, 2)
	if _, err := b.db.Pool.Exec(t.Context(), `UPDATE identity.accounts SET active = false WHERE phone_blind = $1`,
		b.keys.Blind(blocked, "identity.phone")); err != nil {
		t.Fatal(err)
	}
	for name, login := range map[string]string{
		"wrong password": phone, "unknown phone": "13999999999", "unknown staff": "nobody",
		"blocked": blocked, "empty": "", "long": strings.Repeat("x", 1000),
	} {
		pass := "wrong password 1"
		if name == "blocked" {
			pass = password
		}
		if _, err := b.SignIn(t.Context(), login, pass); code(err) != "session.bad-credentials" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLockOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	for _, login := range []string{phone, "13999999999"} { // whether or not there is an account
		for i := range 5 {
			if _, err := b.SignIn(t.Context(), login, "wrong password 1"); code(err) != "session.bad-credentials" {
				t.Fatalf("attempt %d: %v", i, err)
			}
		}
		if _, err := b.SignIn(t.Context(), login, password); code(err) != "session.locked" {
			t.Errorf("sixth attempt: %v", err)
		}
	}
	b.clock.Advance(61 * time.Second)
	if _, err := b.SignIn(t.Context(), phone, "wrong password 1"); code(err) != "session.bad-credentials" {
		t.Errorf("after the first lock: %v", err)
	}
	b.clock.Advance(61 * time.Second)
	if _, err := b.SignIn(t.Context(), phone, password); code(err) != "session.locked" {
		t.Errorf("the second lock is no longer: %v", err)
	}
	b.clock.Advance(60 * time.Second)
	if _, err := b.SignIn(t.Context(), phone, password); err != nil {
		t.Errorf("the right password after the lock: %v", err)
	}
	if _, err := b.SignIn(t.Context(), phone, "wrong password 1"); code(err) != "session.bad-credentials" {
		t.Errorf("a success did not clear the count: %v", err)
	}
}

func TestParallelGuessesAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	checked := 0
	for range 40 {
		wg.Go(func() {
			if _, err := b.SignIn(context.Background(), phone, "wrong password 1"); code(err) == "session.bad-credentials" {
				mu.Lock()
				checked++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if checked > 5 {
		t.Errorf("%d guesses were checked", checked)
	}
}

func TestSignInDoesNotExhaustTheMachine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	b.FillSlots()
	for range 8 { // more than lock an account
		if _, err := b.SignIn(t.Context(), phone, password); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("with all slots taken: %v", err)
		}
	}
}

func TestSeedDemo(t *testing.T) {
	t.Parallel()
	b := withCity(t)
	before := b.count(t, `SELECT count(*) FROM identity.accounts`)
	if err := b.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := b.count(t, `SELECT count(*) FROM identity.accounts`); after != before || before != len(identity.DemoAccounts()) {
		t.Errorf("%d accounts, then %d", before, after)
	}
	for _, d := range identity.DemoAccounts() {
		if _, err := b.SignIn(t.Context(), d.Login, identity.DemoPassword); err != nil {
			t.Errorf("%s: %v", d.Login, err)
		}
	}
	session, err := b.SignIn(t.Context(), "13800000002", identity.DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.ApplicantByID(t.Context(), session.Actor.ApplicantID)
	if err != nil || a.Kind != identity.Legal || !idcode.ValidUSCC(a.IDNumber) || session.Actor.Kind != actor.Enterprise {
		t.Errorf("%+v %+v %v", a, session.Actor, err)
	}
}
