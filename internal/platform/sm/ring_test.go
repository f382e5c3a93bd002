package sm

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

func database(t testing.TB) *postgres.DB {
	t.Helper()
	return pgtest.New(t, jobs.Migrations(), postgres.MigrationSet{Module: "keys", FS: Migrations})
}

// opened is a keyring on the database with the key file, as a process has one.
func opened(t testing.TB, db *postgres.DB, path string, more ...KEK) *Keyring {
	t.Helper()
	k, err := Open(t.Context(), Options{DB: db, KEKs: append(more, FileKEK{path}), KeyFile: path})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustOpen(t testing.TB, k *Keyring, sealed []byte, context, want string) {
	t.Helper()
	got, err := k.Open(sealed, context)
	if err != nil || string(got) != want {
		t.Fatalf("open %x…: %q, %v; want %q", sealed[:6], got, err, want)
	}
}

func TestOrganisationsHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	a := opened(t, db, path)
	house, health, market := a.Seal([]byte("x"), "c"), a.SealFor("health", []byte("x"), "c"), a.SealFor("market", []byte("x"), "c")
	if bytes.Equal(health[:headSize], market[:headSize]) || bytes.Equal(house[:headSize], market[:headSize]) {
		t.Error("organisations share a key")
	}
	// A process that was there before the keys were made, and one that comes after.
	late := opened(t, db, path)
	for _, sealed := range [][]byte{house, health, market} {
		mustOpen(t, late, sealed, "c", "x")
	}
	fresh := late.SealFor("rivers", []byte("y"), "c")
	mustOpen(t, a, fresh, "c", "y")
	if !bytes.Equal(a.Blind("13800000001", "p"), late.Blind("13800000001", "p")) {
		t.Error("the blind index differs between processes")
	}
	if _, err := a.Open(append([]byte{versionSM4, 0, 0, 9, 9}, make([]byte, 40)...), "c"); !errors.Is(err, ErrOpen) {
		t.Errorf("noise: %v", err)
	}
}

// Many processes meet a new organisation at once: it gets one key, and all can read.
func TestOneKeyForAnOrganisation(t *testing.T) {
	t.Parallel()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	rings := make([]*Keyring, 4)
	for i := range rings {
		rings[i] = opened(t, db, path)
	}
	out := make([][]byte, len(rings))
	var wg sync.WaitGroup
	for i, k := range rings {
		wg.Go(func() { out[i] = k.SealFor("new", []byte("x"), "c") })
	}
	wg.Wait()
	for _, sealed := range out {
		if !bytes.Equal(sealed[:headSize], out[0][:headSize]) {
			t.Error("two keys of one organisation are in use")
		}
		mustOpen(t, rings[0], sealed, "c", "x")
	}
}

// An installation from before data keys: its values open, people are still found.
func TestOldInstallationsGoOn(t *testing.T) {
	t.Parallel()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	old, err := OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, blind := old.Seal([]byte("42130319920815004X"), "identity.number"), old.Blind("13800000001", "identity.phone")
	k := opened(t, db, path)
	mustOpen(t, k, sealed, "identity.number", "42130319920815004X")
	if !bytes.Equal(k.Blind("13800000001", "identity.phone"), blind) {
		t.Error("the blind index has changed: nobody is found any more")
	}
	if fresh := k.Seal([]byte("x"), "c"); fresh[0] != versionSM4 {
		t.Errorf("still sealed by the master key: %x", fresh[0])
	}
	// Another file is another installation's.
	other := filepath.Join(t.TempDir(), "master.key")
	if _, err := Open(t.Context(), Options{DB: db, KEKs: KEKs{FileKEK{other}}, KeyFile: other}); err == nil {
		t.Error("a strange key file was accepted")
	}
}

func TestEnvelopes(t *testing.T) {
	for _, alg := range []Algorithm{SM4, AES} {
		secret := random()
		key, err := newDataKey(7, alg, secret)
		if err != nil {
			t.Fatal(err)
		}
		k := &Keyring{}
		k.now.Store(&ring{keys: map[uint32]*dataKey{7: key}, active: map[string]*dataKey{House: key}, blind: random()})
		rapid.Check(t, func(t *rapid.T) {
			plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
			ct := k.Seal(plain, "a.b:1")
			if len(ct) != headSize+nonceSize+len(plain)+tagSize {
				t.Fatalf("%d bytes", len(ct))
			}
			if got, err := k.Open(ct, "a.b:1"); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("open: %x, %v", got, err)
			}
			if _, err := k.Open(ct, "a.b:2"); !errors.Is(err, ErrOpen) {
				t.Fatal("opened in another row")
			}
			i := rapid.IntRange(0, len(ct)-1).Draw(t, "byte")
			ct[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if _, err := k.Open(ct, "a.b:1"); !errors.Is(err, ErrOpen) {
				t.Fatalf("%s: a changed byte %d was not noticed", alg, i)
			}
			if _, err := k.Open(ct[:rapid.IntRange(0, len(ct)-1).Draw(t, "cut")], "a.b:1"); !errors.Is(err, ErrOpen) {
				t.Fatal("a cut value opened")
			}
		})
	}
}

// A new line in the key file is a new KEK: after a rewrap the old one is not needed.
func TestRewrapUnderANewMasterKey(t *testing.T) {
	t.Parallel()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	k := opened(t, db, path)
	sealed := k.SealFor("health", []byte("x"), "c")
	if err := AddMaster(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	rewrap(t, db, k)
	var under int
	if err := db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM keys.data_keys WHERE kek <> 'file:2'`).Scan(&under); err != nil || under != 0 {
		t.Errorf("%d keys under the old master key, %v", under, err)
	}
	mustOpen(t, opened(t, db, path), sealed, "c", "x")
}

func rewrap(t testing.TB, db *postgres.DB, k *Keyring) {
	t.Helper()
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		n, err := k.store.rewrap(ctx)
		if err == nil && n == 0 {
			err = errors.New("no keys")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// move takes an installation from the key file to another key service and takes the
// file away: everything opens, and the database alone says nothing.
func move(t *testing.T, to KEK) {
	t.Helper()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	sealed := opened(t, db, path).SealFor("health", []byte("x"), "c")
	k := opened(t, db, path, to)
	mustOpen(t, k, sealed, "c", "x")
	rewrap(t, db, k)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	k, err := Open(t.Context(), Options{DB: db, KEKs: KEKs{to}, KeyFile: path})
	if err != nil {
		t.Fatal(err)
	}
	mustOpen(t, k, sealed, "c", "x")
	mustOpen(t, k, k.SealFor("rivers", []byte("y"), "c"), "c", "y")
	if _, err := os.Stat(path); err == nil {
		t.Error("a key file was made that nobody asked for")
	}
	if _, err := Open(t.Context(), Options{DB: db, KEKs: KEKs{FileKEK{path}}, KeyFile: path}); err == nil {
		t.Error("opened without the key service")
	}
}

// What is wrapped for one organisation cannot be taken for another's.
func swapped(t *testing.T, k KEK) {
	t.Helper()
	w, err := KEKs{k}.Wrap(t.Context(), []Plain{{random(), bound(purposeData, "a")}, {random(), bound(purposeData, "b")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (KEKs{k}).Unwrap(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	w[0].Bytes, w[1].Bytes = w[1].Bytes, w[0].Bytes
	if _, err := (KEKs{k}).Unwrap(t.Context(), w); err == nil {
		t.Error("keys of two organisations changed places unnoticed")
	}
}

func TestFileKEK(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := ensureMasters(path); err != nil {
		t.Fatal(err)
	}
	swapped(t, FileKEK{path})
}

func TestUnknownProvider(t *testing.T) {
	_, err := KEKs{FileKEK{"x"}}.Unwrap(t.Context(), []Wrapped{{Key: "vault:transit/onedoor:v1"}})
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("vault")) {
		t.Errorf("got %v", err)
	}
	if _, err := (KEKs{}).Wrap(t.Context(), nil); err == nil {
		t.Error("nobody wraps")
	}
}

func BenchmarkSeal(b *testing.B) {
	form := bytes.Repeat([]byte("许可"), 200)
	for _, alg := range []Algorithm{SM4, AES} {
		b.Run(string(alg), func(b *testing.B) {
			key, err := newDataKey(7, alg, random())
			if err != nil {
				b.Fatal(err)
			}
			k := &Keyring{}
			k.now.Store(&ring{keys: map[uint32]*dataKey{7: key}, active: map[string]*dataKey{House: key}})
			b.SetBytes(int64(len(form)))
			for b.Loop() {
				k.Seal(form, "intake.form:42130020261122000001")
			}
		})
	}
}
