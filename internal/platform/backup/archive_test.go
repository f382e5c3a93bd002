package backup

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const phrase = "一个足够长的备份口令 2026"

// sample writes an archive with every kind of part; the stream spans segments.
func sample(t *testing.T, suite string, locks Locks) (path string, stream []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.odb")
	w, err := Create(path, suite, locks, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stream = make([]byte, segmentSize+12345)
	rand.Read(stream)
	for _, step := range []func() error{
		func() error { return w.Add("keys/master.key", 6, "", strings.NewReader("secret")) },
		func() error { return w.AddStream(bytes.NewReader(stream)) },
		func() error { return w.Add("files/intake/a", 5, "image/png", strings.NewReader("hello")) },
		func() error { return w.Add("files/intake/empty", 0, "", strings.NewReader("")) },
		func() error { return w.Elsewhere("files/intake/old") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	about, err := w.Close(About{City: "随州市", Postgres: 15})
	if err != nil {
		t.Fatal(err)
	}
	if about.Parts != 5 || about.Absent != 1 {
		t.Errorf("%+v", about)
	}
	if err := w.ReadBack(); err != nil {
		t.Errorf("read back: %v", err)
	}
	return path, stream
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		suite string
		locks Locks
		keys  Keys
	}{
		"passphrase":        {AES, Locks{Passphrase: phrase}, Keys{Passphrase: phrase}},
		"recipient":         {AES, Locks{Recipients: []string{id.Recipient}}, Keys{Identities: []string{"# a comment\n" + id.Secret + "\n"}}},
		"national cipher":   {SM4, Locks{Recipients: []string{id.Recipient}}, Keys{Identities: []string{id.Secret}}},
		"either of the two": {AES, Locks{Passphrase: phrase, Recipients: []string{id.Recipient}}, Keys{Identities: []string{id.Secret}}},
	} {
		t.Run(name, func(t *testing.T) {
			path, want := sample(t, c.suite, c.locks)
			parts := map[string]string{}
			var stream []byte
			var elsewhere []string
			about, err := Read(path, c.keys, Visitor{
				Part: func(name, kind string, size int64, r io.Reader) error {
					raw, err := io.ReadAll(r)
					parts[name] = kind + "|" + string(raw)
					return err
				},
				Stream:    func(r io.Reader) (err error) { stream, err = io.ReadAll(r); return err },
				Elsewhere: func(name string) { elsewhere = append(elsewhere, name) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if about.City != "随州市" || parts["keys/master.key"] != "|secret" || parts["files/intake/a"] != "image/png|hello" || len(parts) != 3 {
				t.Errorf("read %+v %v", about, parts)
			}
			if !bytes.Equal(stream, want) {
				t.Errorf("the stream has %d bytes, want %d", len(stream), len(want))
			}
			if len(elsewhere) != 1 || elsewhere[0] != "files/intake/old" {
				t.Errorf("elsewhere %v", elsewhere)
			}
			raw, _ := os.ReadFile(path)
			if bytes.Contains(raw, []byte("secret")) || bytes.Contains(raw, []byte("master.key")) {
				t.Error("the archive shows what is in it")
			}
		})
	}
}

// No bit can be changed, and no end be cut off, anywhere.
func TestEveryChangeIsFound(t *testing.T) {
	id, _ := NewIdentity()
	path, _ := sample(t, AES, Locks{Recipients: []string{id.Recipient}})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	keys := Keys{Identities: []string{id.Secret}}
	read := func(b []byte) error {
		_, err := walk(bytes.NewReader(b), keys, nil, Visitor{})
		return err
	}
	if err := read(whole); err != nil {
		t.Fatal(err)
	}
	// All of the head, the ends of the first chunk, and places throughout.
	places := []int{len(whole) - 1, len(whole) - tagSize, len(whole) - tagSize - 1}
	for i := range 700 {
		places = append(places, i)
	}
	for i := 700; i < len(whole); i += 50_000 {
		places = append(places, i)
	}
	for _, i := range places {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		if read(changed) == nil {
			t.Errorf("a changed bit at %d of %d was not noticed", i, len(whole))
		}
	}
	_, head, err := readHeader(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	first := len(magic) + 4 + len(head)
	for _, n := range []int{0, 5, first, first + chunkSize + tagSize, len(whole) - 1} {
		if read(whole[:n]) == nil {
			t.Errorf("cut off after %d bytes was not noticed", n)
		}
	}
	if err := read(append(bytes.Clone(whole), 0)); err == nil {
		t.Error("an added byte was not noticed")
	}
	// Two chunks in each other's place.
	size := chunkSize + tagSize
	swapped := bytes.Clone(whole)
	copy(swapped[first:], whole[first+size:first+2*size])
	copy(swapped[first+size:], whole[first:first+size])
	if err := read(swapped); !errors.Is(err, ErrDamaged) {
		t.Errorf("two chunks in each other's place: %v", err)
	}
}

func TestWrongKeysAreRefused(t *testing.T) {
	mine, _ := NewIdentity()
	other, _ := NewIdentity()
	path, _ := sample(t, AES, Locks{Passphrase: phrase, Recipients: []string{mine.Recipient}})
	for name, c := range map[string]struct {
		keys Keys
		want error
	}{
		"nothing":             {Keys{}, ErrNoKey},
		"another passphrase":  {Keys{Passphrase: phrase + " "}, ErrWrongKey},
		"another's key":       {Keys{Identities: []string{other.Secret}}, ErrWrongKey},
		"a file without keys": {Keys{Identities: []string{"hello"}}, ErrIdentity},
	} {
		if _, err := Read(path, c.keys, Visitor{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		locks Locks
		want  error
	}{
		"no lock":            {Locks{}, ErrNoLock},
		"a short passphrase": {Locks{Passphrase: "短口令"}, ErrShort},
		"no public key":      {Locks{Recipients: []string{mine.Secret}}, ErrRecipient},
	} {
		if _, err := Create(filepath.Join(t.TempDir(), "a"), AES, c.locks, time.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A backup that fails leaves nothing that could be taken for one.
func TestAbandonedLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "a.odb"), AES, Locks{Passphrase: phrase}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add("files/a", 10, "", strings.NewReader("short")); err == nil {
		t.Error("a file that is shorter than it was must be an error")
	}
	w.Abandon()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// A restorer's own failure is not blamed on the archive, and ends the reading.
func TestVisitorsErrors(t *testing.T) {
	id, _ := NewIdentity()
	path, _ := sample(t, AES, Locks{Recipients: []string{id.Recipient}})
	full := errors.New("disk full")
	keys := Keys{Identities: []string{id.Secret}}
	if _, err := Read(path, keys, Visitor{Stream: func(r io.Reader) error { _, _ = io.ReadFull(r, make([]byte, 10)); return full }}); !errors.Is(err, full) {
		t.Errorf("stream: %v", err)
	}
	if _, err := Read(path, keys, Visitor{Part: func(string, string, int64, io.Reader) error { return full }}); !errors.Is(err, full) {
		t.Errorf("part: %v", err)
	}
	// Who has seen enough is no failure.
	if _, err := Read(path, keys, Visitor{Stream: func(r io.Reader) error { _, _ = io.ReadFull(r, make([]byte, 10)); return nil }}); err != nil {
		t.Errorf("an early end: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	id := Identity{}
	id.Secret = privatePrefix + keyText.EncodeToString(bytes.Repeat([]byte{7}, 32))
	f.Add([]byte(magic))
	f.Add([]byte(magic + "\x00\x00\x00\x02{}"))
	f.Add([]byte(magic + "\x00\x00\x00\x50" + `{"suite":"AES-256-GCM","locks":[{"kind":"x25519","share":"AAAA","key":"AAAA"}]} `))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := walk(bytes.NewReader(b), Keys{Identities: []string{id.Secret}}, nil, Visitor{}); err == nil {
			t.Error("noise was taken for an archive")
		}
	})
}

// What stands behind the cipher must not break the reader either: whoever holds the key may
// have written nonsense.
func FuzzWalk(f *testing.F) {
	f.Add([]byte("nothing"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		key := bytes.Repeat([]byte{1}, dataKeySize)
		var out bytes.Buffer
		s, err := newSealer(&out, header{Suite: AES}, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_, _ = walk(&out, Keys{}, key, Visitor{Stream: func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }})
	})
}
