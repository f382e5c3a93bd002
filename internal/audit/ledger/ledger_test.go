package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func record(i int) *Record {
	at := time.Date(2026, 11, 1, 9, 0, i, 0, time.UTC)
	r := &Record{Values: make([][]byte, len(Fields)), Salt: bytes.Repeat([]byte{byte(i)}, SaltSize)}
	for k, name := range Fields {
		r.Values[k] = fmt.Appendf(nil, "%s of %d", name, i)
	}
	r.Values[0] = fmt.Appendf(nil, "0190a5b0-0000-7000-8000-%012d", i)
	r.Values[1] = Instant(at)
	return r
}

func TestEveryFieldCounts(t *testing.T) {
	want := record(1).Leaf()
	if !bytes.Equal(record(1).Leaf(), want) {
		t.Fatal("a leaf is not the same twice")
	}
	for i, name := range Fields {
		r := record(1)
		r.Values[i] = append(slices.Clone(r.Values[i]), 'x')
		if bytes.Equal(r.Leaf(), want) {
			t.Errorf("a change of %s is not seen", name)
		}
		r = record(1)
		r.Values[i] = nil
		if bytes.Equal(r.Leaf(), want) {
			t.Errorf("a removal of %s is not seen", name)
		}
	}
	r := record(1)
	r.Values[13], r.Values[14] = r.Values[14], r.Values[13]
	if bytes.Equal(r.Leaf(), want) {
		t.Error("two fields that change places are not seen")
	}
}

func TestErasedFieldsStayProvable(t *testing.T) {
	want := record(1).Leaf()
	r := record(1)
	if err := r.Erase("actor_name", "after"); err != nil {
		t.Fatal(err)
	}
	if r.Salt != nil || r.Salts["actor_name"] != nil || r.Values[5] != nil || !bytes.Equal(r.Leaf(), want) {
		t.Errorf("after an erasure: %+v", r)
	}
	if err := r.Erase("ground"); err != nil || !bytes.Equal(r.Leaf(), want) {
		t.Errorf("after a second: %v", err)
	}
	r.Values[8] = []byte("another action")
	if bytes.Equal(r.Leaf(), want) {
		t.Error("an erasure hides a change")
	}
	r = record(1)
	for _, name := range []string{"id", "at", "action", "subject"} {
		if err := r.Erase(name); err == nil {
			t.Errorf("%s was erased", name)
		}
	}
	seq, back, err := DecodeLine(mustLine(t, 7, r))
	if err != nil || seq != 7 || !bytes.Equal(back.Leaf(), r.Leaf()) {
		t.Errorf("through a file: %d, %v", seq, err)
	}
}

func mustLine(t *testing.T, seq int64, r *Record) []byte {
	t.Helper()
	raw, err := EncodeLine(seq, r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Our tiles give the roots and proofs of the reference.
func TestTreeIsTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1500).Draw(t, "leaves")
		tiles, tree := memory{}, &Tree{}
		var reference []tlog.Hash
		read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(indexes))
			for i, x := range indexes {
				out[i] = reference[x]
			}
			return out, nil
		})
		for done := 0; done < n; {
			step := min(n-done, rapid.IntRange(1, 700).Draw(t, "step"))
			var batch [][]byte
			for i := range step {
				leaf := fmt.Appendf(nil, "leaf %d", done+i)
				batch = append(batch, leaf)
				hashes, err := tlog.StoredHashes(int64(done+i), leaf, read)
				if err != nil {
					t.Fatal(err)
				}
				reference = append(reference, hashes...)
			}
			for k, data := range tree.Append(batch...) {
				tiles[k] = data
			}
			done += step
			if rapid.Bool().Draw(t, "reopen") {
				var err error
				if tree, err = OpenTree(int64(done), tiles.read); err != nil {
					t.Fatal(err)
				}
			}
		}
		want, err := tlog.TreeHash(int64(n), read)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Root(int64(n), tiles.read)
		if err != nil || got != want {
			t.Fatalf("%d leaves: root %v, want %v, %v", n, got, want, err)
		}
		at := int64(rapid.IntRange(0, n-1).Draw(t, "leaf"))
		proof, err := tlog.ProveRecord(int64(n), at, Reader(tiles.read))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, int64(n), got, at, tlog.RecordHash(fmt.Appendf(nil, "leaf %d", at))); err != nil {
			t.Fatal(err)
		}
	})
}

// log is a log in memory that tests tamper with.
type log struct {
	rows  map[int64]*Record
	extra []*Record // without a number
	tiles memory
	notes []string
	stamp map[int64][]byte
}

func (l *log) Rows(yield func(int64, *Record) error) error {
	for seq, r := range l.rows {
		if err := yield(seq, r); err != nil {
			return err
		}
	}
	for _, r := range l.extra {
		if err := yield(-1, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *log) Tile(k TileKey) ([]byte, error) {
	data, ok := l.tiles[k]
	if !ok {
		return nil, errors.New("missing")
	}
	return data, nil
}
func (l *log) Notes() ([]string, error)         { return l.notes, nil }
func (l *log) Stamp(size int64) ([]byte, error) { return l.stamp[size], nil }
func (l *log) sign(t *testing.T, s Signers, n int64, at time.Time) {
	t.Helper()
	root, err := Root(n, l.tiles.read)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Sign(Checkpoint{n, root, at})
	if err != nil {
		t.Fatal(err)
	}
	l.notes = append(l.notes, text)
}

func made(t *testing.T, n int) (*log, Keys) {
	t.Helper()
	keys, ed, sm, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	signers, err := OpenSigners(ed, sm)
	if err != nil {
		t.Fatal(err)
	}
	l := &log{rows: map[int64]*Record{}, tiles: memory{}, stamp: map[int64][]byte{}}
	tree := &Tree{}
	for i := range n {
		r := record(i)
		l.rows[int64(i)] = r
		for k, data := range tree.Append(r.Leaf()) {
			l.tiles[k] = bytes.Clone(data)
		}
		if i == n/2 || i == n-1 {
			l.sign(t, signers, int64(i+1), r.At().Add(time.Second))
		}
	}
	return l, keys
}

func TestTamperingIsFoundAndLocated(t *testing.T) {
	const n = 700
	for name, c := range map[string]struct {
		tamper func(l *log)
		kind   Kind
		seqs   []int64
	}{
		"nothing":                   {func(*log) {}, "", nil},
		"a word":                    {func(l *log) { l.rows[300].Values[13] = []byte("other ground") }, Altered, []int64{300}},
		"a word in the last block":  {func(l *log) { l.rows[699].Values[8] = []byte("other action") }, Altered, []int64{699}},
		"the time":                  {func(l *log) { l.rows[5].Values[1] = Instant(l.rows[5].At().Add(time.Second)) }, Altered, []int64{5}},
		"the salt":                  {func(l *log) { l.rows[5].Salt = make([]byte, SaltSize) }, Altered, []int64{5}},
		"an entry gone":             {func(l *log) { delete(l.rows, 511) }, Missing, []int64{511}},
		"the last entry gone":       {func(l *log) { delete(l.rows, 699) }, Missing, []int64{699}},
		"two swapped":               {func(l *log) { l.rows[1], l.rows[400] = l.rows[400], l.rows[1] }, Altered, []int64{1, 400}},
		"a forged one in its place": {func(l *log) { l.rows[7] = record(5000) }, Altered, []int64{7}},
		"one twice":                 {func(l *log) { l.rows[8] = l.rows[7] }, Altered, []int64{8}},
		"a stored hash":             {func(l *log) { l.tiles[TileKey{0, 1}][40*32] ^= 1 }, Hashes, []int64{296}},
		"a stored hash of the edge": {func(l *log) { l.tiles[TileKey{0, 2}][40*32] ^= 1 }, Hashes, []int64{552}},
		"a tile above":              {func(l *log) { l.tiles[TileKey{1, 0}][0] ^= 1 }, Hashes, []int64{-1}},
		"a tile gone":               {func(l *log) { delete(l.tiles, TileKey{0, 1}) }, Hashes, []int64{256}},
		"entry and hash":            {func(l *log) { forge(l, 20) }, Inconsist, []int64{350, 699}},
		"a signature":               {func(l *log) { l.notes[0] = l.notes[0][:len(l.notes[0])-8] + "AAAAAA==\n" }, Signature, []int64{-1}},
		"an old one slipped in":     {func(l *log) { l.extra = []*Record{early()} }, Unfinished, []int64{-1}},
	} {
		t.Run(name, func(t *testing.T) {
			l, keys := made(t, n)
			c.tamper(l)
			r, err := Check(l, Options{Keys: keys})
			if err != nil {
				t.Fatal(err)
			}
			var seqs []int64
			for _, p := range r.Problems {
				if p.Kind == c.kind {
					seqs = append(seqs, p.Seq)
				}
			}
			slices.Sort(seqs)
			if !slices.Equal(seqs, c.seqs) || r.Valid() != (c.kind == "") {
				t.Errorf("%+v", r.Problems)
			}
		})
	}
}

func early() *Record {
	r := record(9999)
	r.Values[1] = Instant(time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC))
	return r
}

// forge alters an entry and puts everything that is stored right; only who signed is not asked.
func forge(l *log, seq int64) {
	l.rows[seq].Values[13] = []byte("other ground")
	var hashes []tlog.Hash
	for i := range int64(len(l.rows)) {
		hashes = append(hashes, l.rows[i].hash())
	}
	l.tiles = build(hashes)
}

// A checkpoint that an outsider kept convicts a log that was signed anew.
func TestAKeptCheckpointConvicts(t *testing.T) {
	l, keys := made(t, 300)
	kept := l.notes[0]
	if r, err := Check(l, Options{Keys: keys, Older: []string{kept}}); err != nil || !r.Valid() {
		t.Fatalf("%+v, %v", r, err)
	}
	other, otherKeys := made(t, 300)
	if r, err := Check(other, Options{Keys: otherKeys, Older: []string{kept}}); err != nil || r.Valid() {
		t.Errorf("another log contains the checkpoint: %+v, %v", r, err)
	}
}

func TestNotesNeedBothSignatures(t *testing.T) {
	l, keys := made(t, 10)
	lines := bytes.SplitAfter([]byte(l.notes[0]), []byte("\n"))
	for _, drop := range []int{len(lines) - 2, len(lines) - 3} {
		one := bytes.Join(slices.Delete(slices.Clone(lines), drop, drop+1), nil)
		if _, err := keys.Open(string(one)); err == nil {
			t.Errorf("a note without line %d was taken", drop)
		}
	}
	file := []byte(l.notes[0] + "\n" + l.notes[1])
	if got := SplitNotes(file); !slices.Equal(got, l.notes) {
		t.Errorf("%q", got)
	}
}

func FuzzDecodeLine(f *testing.F) {
	raw, err := EncodeLine(1, record(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"seq":-1,"values":{"at":"00"},"salt":"zz"}`))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if _, r, err := DecodeLine(raw); err == nil {
			r.Leaf()
			r.At()
			_ = r.Erase("ground")
		}
	})
}

func FuzzStamp(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x02})
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _, _ = parseStamp(raw) })
}

func BenchmarkLeaf(b *testing.B) {
	r := record(1)
	for b.Loop() {
		r.Leaf()
	}
}
