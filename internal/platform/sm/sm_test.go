package sm

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func keyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := newKeyring([][]byte{bytes.Repeat([]byte{7}, masterSize)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhatIsSealedOpensInItsContextOnly(t *testing.T) {
	k := keyring(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		ct := k.Seal(plain, "identity.phone")
		if got, err := k.Open(ct, "identity.phone"); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("open: %x, %v", got, err)
		}
		if _, err := k.Open(ct, "identity.number"); !errors.Is(err, ErrOpen) {
			t.Fatal("opened in another context")
		}
		i := rapid.IntRange(0, len(ct)-1).Draw(t, "byte")
		ct[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := k.Open(ct, "identity.phone"); !errors.Is(err, ErrOpen) {
			t.Fatalf("a changed byte %d was not noticed", i)
		}
	})
}

func TestEqualValuesLookDifferentButAreFound(t *testing.T) {
	k := keyring(t)
	if bytes.Equal(k.Seal([]byte("13800000001"), "p"), k.Seal([]byte("13800000001"), "p")) {
		t.Error("two ciphertexts of one value are equal")
	}
	if !bytes.Equal(k.Blind("13800000001", "p"), k.Blind("13800000001", "p")) {
		t.Error("a value is not found again")
	}
	if bytes.Equal(k.Blind("13800000001", "p"), k.Blind("13800000001", "q")) {
		t.Error("contexts share an index")
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	other, err := newKeyring([][]byte{bytes.Repeat([]byte{8}, masterSize)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(keyring(t).Seal([]byte("x"), "p"), "p"); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v", err)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	var wg sync.WaitGroup
	rings := make([]*Keyring, 8)
	for i := range rings {
		wg.Go(func() {
			k, err := OpenKeyring(path)
			if err != nil {
				t.Error(err)
			}
			rings[i] = k
		})
	}
	wg.Wait()
	ct := rings[0].Seal([]byte("x"), "p")
	for i, k := range rings {
		if _, err := k.Open(ct, "p"); err != nil {
			t.Errorf("process %d has another key", i)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyring(path); err == nil {
		t.Error("a key that others may read was accepted")
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyring(path); err == nil {
		t.Error("half a key was accepted")
	}
}

// Whatever lies in a column, Open answers and never panics.
func FuzzOpen(f *testing.F) {
	k := keyring(f)
	f.Add(k.Seal([]byte("13800000001"), "p"))
	f.Add([]byte{versionSM4, 0, 0, 0, 1})
	f.Add(append([]byte{versionAES, 0, 0, 0, 1}, make([]byte, 40)...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := k.Open(sealed, "p"); err == nil && string(plain) != "13800000001" {
			t.Errorf("opened %x", plain)
		}
	})
}

// Whatever lies in the store, a reader ends, and gives nothing that was not sealed.
func FuzzOpenFile(f *testing.F) {
	secret := bytes.Repeat([]byte{9}, keySize)
	f.Add(sealAll(f, []byte("身份证"), secret, SM4))
	f.Add(sealAll(f, make([]byte, chunkSize+1), secret, AES))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := openAll(sealed, secret); err == nil && string(plain) != "身份证" && !bytes.Equal(plain, make([]byte, chunkSize+1)) {
			t.Errorf("opened %d bytes", len(plain))
		}
	})
}

func BenchmarkSealForm(b *testing.B) {
	k := keyring(b)
	form := bytes.Repeat([]byte("许可"), 200)
	for b.Loop() {
		k.Seal(form, "intake.form")
	}
}
