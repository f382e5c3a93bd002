package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/postgres"
)

// open is a keyring that keeps no secret: what is tested here is the log.
type open struct{}

func (open) Seal(plain []byte, _ string) []byte           { return slices.Clone(plain) }
func (open) Open(sealed []byte, _ string) ([]byte, error) { return slices.Clone(sealed), nil }

func withKeys(t *testing.T) *audit.Service {
	t.Helper()
	return audit.New(audit.Deps{DB: setup(t).DB, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, Keys: open{}})
}

func write(t *testing.T, s *audit.Service, n int) []string {
	t.Helper()
	ctx := as(t.Context(), officer())
	for i := range n {
		if err := s.Record(ctx, audit.Entry{
			Action: "intake.view", ObjectKind: "case", ObjectID: fmt.Sprint(i), Ground: "办理", Subject: postgres.NewID(),
			Before: []byte(`{}`), After: []byte(fmt.Sprintf(`{"n":%d}`, i)), Region: "421300000000",
		}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	rows, err := s.DB.Pool.Query(ctx, `SELECT id::text FROM audit.entries ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func check(t *testing.T, s *audit.Service) *ledger.Report {
	t.Helper()
	if err := s.Number(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsWrittenIsNumberedAndWhole(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	write(t, s, 600)
	r := check(t, s)
	if !r.Valid() || r.Size != 600 || r.Waiting != 0 || r.Checkpoints < 1 {
		t.Fatalf("%+v", r)
	}
	write(t, s, 1)
	if r := check(t, s); !r.Valid() || r.Size != 601 || r.Checkpoints < 2 {
		t.Errorf("%+v", r)
	}
}

// A database superuser can switch the trigger off. What he does is found all the same.
func TestSuperuserIsFoundOut(t *testing.T) {
	t.Parallel()
	columns := map[string]string{
		"at": "at + interval '1 second'", "actor_kind": "'system'", "account_id": "gen_random_uuid()", "staff_id": "NULL", "actor_name": "'李四'",
		"post_name": "''", "address": "'10.9.9.9'", "action": "'intake.decide'", "object_kind": "'licence'", "object_id": "'x'", "on_behalf": "'y'",
		"subject": "gen_random_uuid()", "ground": "'无'", "org_path": "'/'", "region": "''", "before": "NULL", "after": "'{}'", "salt": "'\\x00'",
	}
	acts := map[string]struct {
		sql  string
		kind ledger.Kind
		at   []int64
	}{
		"an entry removed": {`DELETE FROM audit.entries WHERE object_id = '3'`, ledger.Missing, []int64{3}},
		"two swapped": {`UPDATE audit.leaves SET entry_id = CASE seq WHEN 2 THEN (SELECT entry_id FROM audit.leaves WHERE seq = 5)
			ELSE (SELECT entry_id FROM audit.leaves WHERE seq = 2) END WHERE seq IN (2, 5)`, ledger.Altered, []int64{2, 5}},
		"one forged in the place of another": {`INSERT INTO audit.entries (id, at, actor_kind, actor_name, post_name, address, action, object_kind, object_id,
			on_behalf, ground, org_path, region) VALUES ('0190a5b0-0000-7000-8000-000000000001', now(), 'staff', '', '', '', 'a.b', '', '', '', '', '', '');
			UPDATE audit.leaves SET entry_id = '0190a5b0-0000-7000-8000-000000000001' WHERE seq = 4`, ledger.Altered, []int64{4}},
		"one slipped into the past": {
			`INSERT INTO audit.entries (id, at, actor_kind, actor_name, post_name, address, action, object_kind, object_id,
			on_behalf, ground, org_path, region) VALUES ('0190a5b0-0000-7000-8000-000000000001', now() - interval '2 days', 'staff', '', '', '', 'a.b', '', '', '', '', '', '')`,
			ledger.Inserted,
			[]int64{8},
		},
		"a number taken away": {`DELETE FROM audit.leaves WHERE seq = 6`, ledger.Missing, []int64{6}},
		"a stored hash":       {`UPDATE audit.tiles SET data = set_byte(data, 32, get_byte(data, 32) # 1) WHERE level = 0`, ledger.Hashes, []int64{1}},
	}
	for column, value := range columns {
		acts["altered "+column] = struct {
			sql  string
			kind ledger.Kind
			at   []int64
		}{`UPDATE audit.entries SET ` + column + ` = ` + value + ` WHERE object_id = '7'`, ledger.Altered, []int64{7}}
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withKeys(t)
			write(t, s, 8)
			if r := check(t, s); !r.Valid() {
				t.Fatalf("before: %+v", r.Problems)
			}
			superuser(t, s, `SET session_replication_role = replica; `+act.sql)
			r := check(t, s)
			var at []int64
			for _, p := range r.Problems {
				if p.Kind == act.kind {
					at = append(at, p.Seq)
				}
			}
			slices.Sort(at)
			if !slices.Equal(at, act.at) {
				t.Errorf("%+v", r.Problems)
			}
		})
	}
}

// superuser does as the owner of the database server.
func superuser(t *testing.T, s *audit.Service, sql string) {
	t.Helper()
	config := s.DB.Pool.Config().ConnConfig.Copy()
	config.User = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), sql)
	if err = errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	// His session must be over before the test's database can be dropped.
	for deadline := time.Now().Add(10 * time.Second); ; {
		var n int
		err := s.DB.Pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'postgres'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the superuser's session does not end")
		}
	}
}

// What commits late is numbered late, and not passed over.
func TestEntriesThatCommitOutOfOrder(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	ctx := as(t.Context(), officer())
	entry := audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: "late"}
	err := s.DB.InTx(ctx, func(tx context.Context) error {
		if err := s.Record(tx, entry); err != nil {
			return err
		}
		write(t, s, 5) // others come and go meanwhile
		if err := s.NumberFor(ctx, 0); err != nil {
			return err
		}
		var n int
		if err := s.DB.Pool.QueryRow(ctx, `SELECT count(*) FROM audit.leaves`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d numbered before an older transaction has ended, %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := check(t, s); !r.Valid() || r.Size != 6 || r.Waiting != 0 {
		t.Errorf("%+v", r)
	}
}

// Two processes number while many write: each entry gets one number, and a leader that
// goes is followed by the next.
func TestOneLeaderAfterAnother(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	var writers sync.WaitGroup
	first, stop := context.WithCancel(t.Context())
	s.Start(first)
	second := audit.New(s.Deps)
	second.Start(t.Context())
	for range 4 {
		writers.Go(func() {
			ctx := as(t.Context(), officer())
			for i := range 100 {
				if err := s.Record(ctx, audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	stop()
	write(t, s, 50)
	deadline := time.Now().Add(30 * time.Second)
	for {
		var size, signed int64
		if err := s.DB.Pool.QueryRow(t.Context(), `SELECT size, coalesce((SELECT max(c.size) FROM audit.checkpoints c), 0) FROM audit.ledger`).Scan(&size, &signed); err != nil {
			t.Fatal(err)
		}
		if size == 450 && signed == 450 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d numbered, %d signed", size, signed)
		}
		time.Sleep(20 * time.Millisecond) // polls until the deadline
	}
	r, err := s.Check(t.Context())
	if err != nil || !r.Valid() || r.Size != 450 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnExportIsCheckedOffline(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	write(t, s, 300)
	check(t, s)
	kept, err := s.NewestCheckpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, 30)
	path := filepath.Join(t.TempDir(), "log.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Export(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := ledger.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := ledger.Check(file, ledger.Options{Keys: file.Keys, Older: []string{kept}})
	if err != nil || !r.Valid() || r.Size != 330 || r.Checkpoints < 3 {
		t.Errorf("%+v, %v", r, err)
	}
	want, err := s.PublicKeys(t.Context())
	if err != nil || file.Keys != want {
		t.Errorf("keys %+v, %v", file.Keys, err)
	}
}

func TestProofs(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	ids := write(t, s, 300)
	check(t, s)
	p, err := s.Inclusion(t.Context(), ids[123])
	if err != nil || p.Leaf == "" || len(p.Hashes) == 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := s.Inclusion(t.Context(), postgres.NewID()); err == nil {
		t.Error("an entry that is not there was proved")
	}
	if hashes, err := s.Consistency(t.Context(), 100, 300); err != nil || len(hashes) == 0 {
		t.Errorf("%v, %v", hashes, err)
	}
	for _, c := range [][2]int64{{0, 10}, {200, 100}, {1, 301}} {
		if _, err := s.Consistency(t.Context(), c[0], c[1]); err == nil {
			t.Errorf("%v", c)
		}
	}
}

func TestErasureLeavesTheLogWhole(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	ids := write(t, s, 5)
	check(t, s)
	ctx := as(t.Context(), &actor.Actor{Kind: actor.System, Name: "系统"})
	if err := s.Erase(ctx, ids[2], "个人信息保护法第四十七条", "actor_name", "after", "address"); err != nil {
		t.Fatal(err)
	}
	if r := check(t, s); !r.Valid() || r.Size != 6 || r.Erased != 1 {
		t.Errorf("%+v", r)
	}
	var name string
	if err := s.DB.Pool.QueryRow(ctx, `SELECT actor_name FROM audit.entries WHERE id = $1`, ids[2]).Scan(&name); err != nil || name != "" {
		t.Errorf("%q, %v", name, err)
	}
	if err := s.Erase(ctx, ids[2], "x", "action"); err == nil {
		t.Error("the action was erased")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	ctx := as(t.Context(), &actor.Actor{Kind: actor.System, Name: "系统"})
	list := make([]audit.Entry, 700)
	for i := range list {
		list[i] = audit.Entry{Action: "exchange.answer", ObjectKind: "record", ObjectID: fmt.Sprint(i), Ground: "核验", After: []byte(`{}`)}
		if i%2 == 0 {
			list[i].Subject = postgres.NewID()
		}
	}
	if err := s.RecordAll(ctx, list); err != nil {
		t.Fatal(err)
	}
	if r := check(t, s); !r.Valid() || r.Size != 700 {
		t.Errorf("%+v", r)
	}
	if err := s.RecordAll(ctx, []audit.Entry{{Action: "a.b", Subject: "no id"}}); err == nil {
		t.Error("a subject that is no id was taken")
	}
}

func TestWhoSawMyData(t *testing.T) {
	t.Parallel()
	s := withKeys(t)
	s.Names(map[string]string{"intake.view": "查看办件"})
	me := postgres.NewID()
	for i := range 25 {
		e := audit.Entry{Action: "intake.view", ObjectKind: "case", ObjectID: fmt.Sprint(i), Ground: "办理", Subject: me}
		if i%5 == 0 {
			e.Subject = postgres.NewID()
		}
		if err := s.Record(as(t.Context(), officer()), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Record(as(t.Context(), &actor.Actor{Kind: actor.Citizen, ApplicantID: me, Name: "林晓梅"}), audit.Entry{Action: "intake.submit", OnBehalf: me}); err != nil {
		t.Fatal(err)
	}
	seen, req := 0, page.Request{Size: 8}
	for {
		p, err := s.AboutSubject(t.Context(), me, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Rows {
			if a.Own != (seen == 0) || !a.Own && (a.Who != "审查岗　王某" || a.ActionName != "查看办件" || a.Ground != "办理") {
				t.Errorf("%+v", a)
			}
			seen++
		}
		if req.Cursor = p.Next; req.Cursor == "" {
			break
		}
	}
	if seen != 21 {
		t.Errorf("%d of 21", seen)
	}
}
