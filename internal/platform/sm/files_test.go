package sm

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"onedoor/internal/platform/blob"
)

func sealAll(t interface{ Fatal(...any) }, plain []byte, secret []byte, alg Algorithm) []byte {
	r, err := newSealReader(iotest.OneByteReader(bytes.NewReader(plain)), secret, alg, "c")
	if len(plain) > 4096 {
		r, err = newSealReader(bytes.NewReader(plain), secret, alg, "c")
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func openAll(sealed, secret []byte) ([]byte, error) {
	if len(sealed) < fileHead {
		return nil, errFileCut
	}
	r, err := newOpenReader(io.NopCloser(bytes.NewReader(sealed[fileHead:])), secret, sealed[:fileHead], "c")
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestStream(t *testing.T) {
	secret := random()
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, 3*chunkSize + 7} {
		plain := bytes.Repeat([]byte{0x42}, size)
		for _, alg := range []Algorithm{SM4, AES} {
			sealed := sealAll(t, plain, secret, alg)
			if got := plainSize(int64(len(sealed))); got != int64(size) {
				t.Errorf("%d bytes: size %d", size, got)
			}
			if got, err := openAll(sealed, secret); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes: %d back, %v", size, len(got), err)
			}
			for _, cut := range []int{1, tagSize, chunkSize + tagSize} {
				if len(sealed)-cut < fileHead {
					continue
				}
				if _, err := openAll(sealed[:len(sealed)-cut], secret); !errors.Is(err, errFileCut) {
					t.Errorf("%d bytes, cut by %d: %v", size, cut, err)
				}
			}
		}
	}
	// Two chunks that changed places.
	sealed := sealAll(t, append(bytes.Repeat([]byte{1}, chunkSize), bytes.Repeat([]byte{2}, 2*chunkSize)...), secret, SM4)
	one, two := sealed[fileHead:fileHead+chunkSize+tagSize], sealed[fileHead+chunkSize+tagSize:fileHead+2*(chunkSize+tagSize)]
	tmp := bytes.Clone(one)
	copy(one, two)
	copy(two, tmp)
	if _, err := openAll(sealed, secret); !errors.Is(err, errFileCut) {
		t.Errorf("changed places: %v", err)
	}
}

func TestStreamNoticesEveryChange(t *testing.T) {
	secret := random()
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plain")
		sealed := sealAll(t, plain, secret, SM4)
		i := rapid.IntRange(len(magic), len(sealed)-1).Draw(t, "byte")
		sealed[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got, err := openAll(sealed, secret); err == nil || len(got) > 0 {
			t.Fatalf("byte %d: %d bytes came out", i, len(got))
		}
	})
}

func TestFilesAreNoiseInTheStore(t *testing.T) {
	t.Parallel()
	db, dir := database(t), t.TempDir()
	k := opened(t, db, filepath.Join(dir, "master.key"))
	blobs, err := blob.Open(t.Context(), "file://"+filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	f := NewFiles(db, k, blobs)
	plain := []byte("身份证 42130319920815004X")
	size, digest, err := f.PutFor(t.Context(), "health", "a/b.txt", bytes.NewReader(plain), "text/plain")
	if err != nil || size != int64(len(plain)) || len(digest) != 32 {
		t.Fatal(size, digest, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "files", "a", "b.txt"))
	if err != nil || bytes.Contains(raw, plain[:6]) || bytes.Contains(raw, []byte("4213")) {
		t.Errorf("the file lies in plain: %v", err)
	}
	if got, err := f.Read(t.Context(), "a/b.txt"); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%q, %v", got, err)
	}
	r, attr, err := f.Open(t.Context(), "a/b.txt")
	if err != nil || attr.Size != size {
		t.Errorf("%+v, %v", attr, err)
	}
	_ = r.Close()
	// Somebody puts another file in its place: neither a plain one nor another sealed one passes.
	if _, _, err := blobs.Put(t.Context(), "a/b.txt", bytes.NewReader([]byte("forged")), "text/plain"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(t.Context(), "a/b.txt"); !errors.Is(err, errFileCut) {
		t.Errorf("a plain file passed: %v", err)
	}
	if _, _, err := f.Put(t.Context(), "a/c.txt", bytes.NewReader(plain), "text/plain"); err != nil {
		t.Fatal(err)
	}
	other, _ := os.ReadFile(filepath.Join(dir, "files", "a", "c.txt"))
	if _, _, err := blobs.Put(t.Context(), "a/b.txt", bytes.NewReader(other), "text/plain"); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Read(t.Context(), "a/b.txt"); err == nil {
		t.Errorf("another's file passed: %q", got)
	}
	if err := f.Delete(t.Context(), "a/c.txt"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(t.Context(), "a/c.txt"); err == nil {
		t.Error("deleted and still there")
	}
}

// A body that was cut off ends in an error of its sender and not in a shorter file.
func TestSealingHandsOnTheSourcesError(t *testing.T) {
	for _, cut := range []error{io.ErrUnexpectedEOF, errors.New("too slow")} {
		for _, size := range []int{0, 10, chunkSize, chunkSize + 10} {
			r, err := newSealReader(io.MultiReader(bytes.NewReader(make([]byte, size)), iotest.ErrReader(cut)), random(), SM4, "c")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(r); !errors.Is(err, cut) {
				t.Errorf("%d bytes and %v: got %v", size, cut, err)
			}
		}
	}
}

func BenchmarkSealFile(b *testing.B) {
	plain, secret := make([]byte, 20<<20), random()
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		r, err := newSealReader(bytes.NewReader(plain), secret, SM4, "c")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
