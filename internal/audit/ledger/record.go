// Package ledger is the evidence log as anybody can check it: what a leaf commits to,
// the Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog), signed checkpoints, RFC 3161
// time stamps, and the search for what was altered, removed or slipped in. It is pure:
// the database and an exported file are checked by the same code.
package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Fields are the columns of an entry that its leaf commits to, in their order. New ones
// go to the end and under a new version of the leaf.
var Fields = []string{
	"id", "at", "actor_kind", "account_id", "staff_id", "actor_name", "post_name", "address", "action", "object_kind",
	"object_id", "on_behalf", "subject", "ground", "org_path", "region", "before", "after",
}

// SaltSize is the length of a row's salt, in bytes.
const SaltSize = 16

// Record is an entry of the log, as bytes by field.
type Record struct {
	Values [][]byte // by Fields
	Salt   []byte   // nil once something was erased
	// After an erasure: the salts of the fields that are left, the digests of those that
	// are not. Nobody can guess at an erased value without its salt.
	Salts  map[string][]byte
	Erased map[string][]byte
}

// Instant is a time as a field: microseconds, as the database keeps it.
func Instant(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())) //nolint:gosec // two's complement is meant
}

// ID is the entry's key.
func (r *Record) ID() string { return string(r.Values[0]) }

// At is when the act was done.
func (r *Record) At() time.Time {
	if len(r.Values[1]) != 8 {
		return time.Time{}
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(r.Values[1]))) //nolint:gosec // two's complement is meant
}

const leafVersion = "onedoor leaf v1\n"

// Leaf is what the tree holds of the entry. A field that is there counts by its value,
// an erased one by its digest.
func (r *Record) Leaf() []byte {
	buf := make([]byte, 0, len(leafVersion)+len(Fields)*sha256.Size)
	buf = append(buf, leafVersion...)
	var scratch []byte
	for i, name := range Fields {
		if d, ok := r.Erased[name]; ok && len(r.Values[i]) == 0 {
			buf = append(buf, d...)
			continue
		}
		var d [sha256.Size]byte
		d, scratch = digest(scratch, r.saltOf(name), name, r.Values[i])
		buf = append(buf, d[:]...)
	}
	sum := sha256.Sum256(buf)
	return sum[:]
}

func (r *Record) saltOf(name string) []byte {
	if r.Salt == nil {
		return r.Salts[name]
	}
	return fieldSalt(r.Salt, name)
}

func fieldSalt(salt []byte, name string) []byte {
	var in [64]byte
	n := copy(in[:], salt)
	n += copy(in[n:], name)
	sum := sha256.Sum256(in[:n])
	return sum[:SaltSize]
}

func digest(scratch, salt []byte, name string, value []byte) ([sha256.Size]byte, []byte) {
	scratch = append(scratch[:0], salt...)
	scratch = append(scratch, name...)
	scratch = append(scratch, 0)
	scratch = append(scratch, value...)
	return sha256.Sum256(scratch), scratch
}

// Erase takes fields out of the record and keeps it provable: their digests stay, their
// salts go. The key, the time and the action cannot be erased: without them it would be
// no evidence of anything.
func (r *Record) Erase(names ...string) error {
	gone := map[string]bool{}
	for _, n := range names {
		switch n {
		case "actor_name", "post_name", "address", "object_id", "ground", "before", "after":
			gone[n] = true
		default:
			return fmt.Errorf("the field %s of an entry cannot be erased", n)
		}
	}
	salts, erased := map[string][]byte{}, maps.Clone(r.Erased)
	if erased == nil {
		erased = map[string][]byte{}
	}
	for i, name := range Fields {
		if _, before := r.Erased[name]; before {
			continue
		}
		if gone[name] {
			d, _ := digest(nil, r.saltOf(name), name, r.Values[i])
			erased[name] = d[:]
			r.Values[i] = nil
			continue
		}
		salts[name] = r.saltOf(name)
	}
	r.Salt, r.Salts, r.Erased = nil, salts, erased
	return nil
}

// hash is the leaf's hash in the tree.
func (r *Record) hash() tlog.Hash { return tlog.RecordHash(r.Leaf()) }

// line is a record in an exported file.
type line struct {
	Seq    int64             `json:"seq"` // -1: not numbered yet
	Values map[string]string `json:"values"`
	Salt   string            `json:"salt,omitempty"`
	Salts  map[string]string `json:"salts,omitempty"`
	Erased map[string]string `json:"erased,omitempty"`
}

// EncodeLine writes a record as one line of an export; bytes that are not text are hex.
func EncodeLine(seq int64, r *Record) ([]byte, error) {
	l := line{Seq: seq, Values: map[string]string{}, Salt: hex.EncodeToString(r.Salt), Salts: hexes(r.Salts), Erased: hexes(r.Erased)}
	for i, name := range Fields {
		if raw := r.Values[i]; len(raw) > 0 {
			l.Values[name] = encodeValue(name, raw)
		}
	}
	return json.Marshal(l)
}

// DecodeLine reads what EncodeLine wrote.
func DecodeLine(raw []byte) (int64, *Record, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return 0, nil, fmt.Errorf("entry: %w", err)
	}
	r := &Record{Values: make([][]byte, len(Fields))}
	for i, name := range Fields {
		v, ok := l.Values[name]
		if !ok {
			continue
		}
		var err error
		if r.Values[i], err = decodeValue(name, v); err != nil {
			return 0, nil, fmt.Errorf("entry %d, %s: %w", l.Seq, name, err)
		}
	}
	var err error
	if l.Salt != "" {
		if r.Salt, err = hex.DecodeString(l.Salt); err != nil {
			return 0, nil, fmt.Errorf("entry %d, salt: %w", l.Seq, err)
		}
	}
	if r.Salts, err = unhex(l.Salts); err != nil {
		return 0, nil, fmt.Errorf("entry %d, salts: %w", l.Seq, err)
	}
	if r.Erased, err = unhex(l.Erased); err != nil {
		return 0, nil, fmt.Errorf("entry %d, erased: %w", l.Seq, err)
	}
	return l.Seq, r, nil
}

func encodeValue(name string, raw []byte) string {
	switch name {
	case "at", "before", "after":
		return hex.EncodeToString(raw)
	}
	return string(raw)
}

func decodeValue(name, text string) ([]byte, error) {
	switch name {
	case "at", "before", "after":
		return hex.DecodeString(text)
	}
	return []byte(text), nil
}

func hexes(m map[string][]byte) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = hex.EncodeToString(v)
	}
	return out
}

func unhex(m map[string]string) (map[string][]byte, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := make(map[string][]byte, len(m))
	for k, v := range m {
		raw, err := hex.DecodeString(v)
		if err != nil {
			return nil, err
		}
		out[k] = raw
	}
	return out, nil
}
