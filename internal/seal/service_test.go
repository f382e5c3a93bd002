package seal

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
	"onedoor/internal/platform/sm"
)

func newService(t *testing.T) (*Service, *clock.Fake, *postgres.DB) {
	t.Helper()
	keys, err := sm.OpenKeyring(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t, postgres.MigrationSet{Module: "seal", FS: Migrations})
	fake := clock.NewFake(today)
	return New(Deps{DB: db, Clock: fake, Log: slog.New(slog.DiscardHandler), Keys: keys, Font: sealFont(t), Name: "随州市"}), fake, db
}

const (
	org  = "0192f0c0-0000-7000-8000-000000000001"
	org2 = "0192f0c0-0000-7000-8000-000000000002"
	uscc = "11421300MB1111111X"
)

func TestSealFromMakingToCancelling(t *testing.T) {
	t.Parallel()
	s, fake, _ := newService(t)
	ctx := context.Background()
	first, err := s.Trust(ctx) // before there is any seal
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignOFD(ctx, org, document(t), Stamp{Page: 1}); !errors.Is(err, errMissing) {
		t.Fatalf("without a seal: %v", err)
	}
	made, err := s.EnsureSeal(ctx, org, "随州市市场监督管理局", uscc)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID != "42130000000001" || made.Status != Active || made.ValidTo.Year() != 2036 {
		t.Errorf("%+v", made)
	}
	again, err := s.EnsureSeal(ctx, org, "随州市市场监督管理局", uscc)
	if err != nil || again.ID != made.ID {
		t.Errorf("second call: %+v, %v", again, err)
	}
	if _, err := s.Make(ctx, org, "随州市市场监督管理局", uscc); !errors.Is(err, errLiving) {
		t.Errorf("a second seal: %v", err)
	}
	if png, err := s.Picture(ctx, org); err != nil || len(png) < 1000 {
		t.Errorf("picture of %d bytes, %v", len(png), err)
	}

	fake.Advance(time.Hour)
	signed, err := s.SignOFD(ctx, org, document(t), Stamp{Page: 1, X: 130, Y: 220})
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		trust, err := s.Trust(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if r := VerifyOFD(signed, trust, fake.Now()); r.State != want {
			t.Errorf("state %s, want %s: %+v", r.State, want, r.Checks)
		}
	}
	check(StateValid)
	if old, err := ParseTrust(first.Export()); err != nil || !VerifyOFD(signed, old, fake.Now()).Valid {
		t.Errorf("a trust file of the first day does not know the roots: %v", err)
	}
	if _, err := s.SignOFD(ctx, org, signed, Stamp{Page: 1}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("sealed twice: %v", err)
	}

	fake.Advance(time.Hour)
	if err := s.Suspend(ctx, org, "公章保管检查"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignOFD(ctx, org, document(t)); !errors.Is(err, errNotActive) {
		t.Errorf("suspended: %v", err)
	}
	if err := s.Suspend(ctx, org, "再停"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("suspended twice: %v", err)
	}
	if err := s.Resume(ctx, org, "检查完毕"); err != nil {
		t.Fatal(err)
	}
	if err := s.Cancel(ctx, org, "机构更名"); err != nil {
		t.Fatal(err)
	}
	check(StateValid) // what was signed before stays valid
	if e, err := s.EnsureSeal(ctx, org, "随州市市场监督管理局", uscc); err != nil || e.Status != Cancelled {
		t.Errorf("EnsureSeal revived a cancelled seal: %+v %v", e, err)
	}
	next, err := s.Make(ctx, org, "随州市市场监督管理局", uscc)
	if err != nil || next.ID == made.ID {
		t.Errorf("new seal after cancelling: %+v, %v", next, err)
	}
	check(StateValid)
	fake.Advance(11 * 365 * 24 * time.Hour)
	if _, err := s.SignOFD(ctx, org, document(t)); !errors.Is(err, errExpired) {
		t.Errorf("expired: %v", err)
	}
	check(StateValid)
}

// TestOneSealUnderARace: many makers at once leave one authority and one seal.
func TestOneSealUnderARace(t *testing.T) {
	t.Parallel()
	s, _, db := newService(t)
	ctx := context.Background()
	ids := make([]string, 12)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			which := []string{org, org2}[i%2]
			made, err := s.EnsureSeal(ctx, which, "随州市民政局", uscc)
			if err != nil {
				t.Error(err)
			}
			ids[i] = made.ID
		})
	}
	wg.Wait()
	for i := 2; i < len(ids); i++ {
		if ids[i] != ids[i%2] {
			t.Errorf("seals %v", ids)
		}
	}
	var seals, parts, operations int
	err := db.Q(ctx).QueryRow(ctx, `SELECT (SELECT count(*) FROM seal.seal), (SELECT count(*) FROM seal.authority), (SELECT count(*) FROM seal.operation)`).
		Scan(&seals, &parts, &operations)
	if err != nil || seals != 2 || parts != 3 || operations != 2 {
		t.Errorf("%d seals, %d parts of the authority, %d operations, %v", seals, parts, operations, err)
	}
}

func TestStoredKeysAndRecords(t *testing.T) {
	t.Parallel()
	s, _, db := newService(t)
	ctx := context.Background()
	for _, o := range []string{org, org2} {
		if _, err := s.EnsureSeal(ctx, o, "随州市民政局", uscc); err != nil {
			t.Fatal(err)
		}
	}
	// A key copied over another seal's row does not open.
	if _, err := db.Q(ctx).Exec(ctx, `UPDATE seal.seal SET sealed_key = (SELECT sealed_key FROM seal.seal WHERE org_id = $2) WHERE org_id = $1`, org, org2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignOFD(ctx, org, document(t)); err == nil {
		t.Error("signed with another seal's key")
	}
	if _, err := db.Q(ctx).Exec(ctx, `DELETE FROM seal.operation`); err == nil {
		t.Error("the log of operations can be deleted")
	}
	// A use in a transaction that fails is no use.
	boom := errors.New("boom")
	err := db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.SignOFD(ctx, org2, document(t), Stamp{Page: 1}); err != nil {
			t.Error(err)
		}
		return boom
	})
	var used int
	if scanErr := db.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM seal.operation WHERE action = 'used'`).Scan(&used); scanErr != nil || used != 0 || !errors.Is(err, boom) {
		t.Errorf("%d uses, %v, %v", used, scanErr, err)
	}
}
