package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Source is a log to check: the live database or an export.
type Source interface {
	// Rows gives every entry with its number, -1 for one that has none yet.
	Rows(yield func(seq int64, r *Record) error) error
	// Tile gives a tile of the stored tree.
	Tile(k TileKey) ([]byte, error)
	// Notes are all signed checkpoints, the oldest first.
	Notes() ([]string, error)
	// Stamp is the time stamp of the checkpoint of a size, nil when it has none.
	Stamp(size int64) ([]byte, error)
}

// Kind is what is wrong.
type Kind string

// The kinds of problem.
const (
	Altered    Kind = "altered"    // the entry is not what the tree committed to
	Missing    Kind = "missing"    // the tree has a leaf and the log no entry
	Inserted   Kind = "inserted"   // the entry claims a time long before it came into the log
	Repeated   Kind = "repeated"   // one entry stands at two numbers
	Hashes     Kind = "hashes"     // the stored tree was altered, the entries were not
	Inconsist  Kind = "tree"       // the tree is not the one that was signed
	Signature  Kind = "signature"  // a checkpoint is not signed by this log
	BadStamp   Kind = "stamp"      // a time stamp does not fit its checkpoint
	Unfinished Kind = "unfinished" // entries that wait to be numbered for too long
)

// Problem is one finding.
type Problem struct {
	Kind  Kind   `json:"kind"`
	Seq   int64  `json:"seq"` // number of the leaf, -1 when it is about none
	Entry string `json:"entry,omitempty"`
	Text  string `json:"text"`
}

// Report is the outcome of a check.
type Report struct {
	Size        int64     `json:"size"` // leaves under the newest checkpoint
	Root        string    `json:"root"`
	At          time.Time `json:"at"` // of the newest checkpoint
	Checkpoints int       `json:"checkpoints"`
	Stamped     int       `json:"stamped"`
	Waiting     int       `json:"waiting"` // entries not numbered yet
	Erased      int       `json:"erased"`  // entries with fields erased by law
	Problems    []Problem `json:"problems"`
}

// Valid tells whether nothing is wrong.
func (r *Report) Valid() bool { return len(r.Problems) == 0 }

// Options of a check.
type Options struct {
	Keys  Keys
	Older []string    // checkpoints that the checker kept: the log must contain them
	Roots *StampTrust // of the time-stamping authority; nil skips stamps
}

// maxProblems bounds a report.
const maxProblems = 1000

// late is how much later than it says an entry may come into the log: the longest
// transaction, and clocks that differ.
const late = 15 * time.Minute

// ErrEmpty is a log without a checkpoint: nothing was promised yet.
var ErrEmpty = errors.New("the log has no checkpoint yet")

// Check looks through the whole log. An error means that it could not be read; what is
// wrong with it is in the report.
func Check(s Source, o Options) (*Report, error) {
	c := &checker{report: Report{Problems: []Problem{}}, source: s}
	if err := c.notes(o); err != nil {
		return nil, err
	}
	if err := c.rows(); err != nil {
		return nil, err
	}
	c.compare()
	c.roots()
	if err := c.stamps(o); err != nil {
		return nil, err
	}
	return &c.report, nil
}

type checker struct {
	report Report
	source Source
	signed []Checkpoint
	notes_ map[int64]string
	leaves []leaf // by number
	seen   map[string]int64
	truth  []tlog.Hash
}

// leaf is what stands at a number: the entry's own hash, and the one stored.
type leaf struct {
	entry string
	own   tlog.Hash
	there bool
}

func (c *checker) found(k Kind, seq int64, entry, format string, args ...any) {
	if len(c.report.Problems) < maxProblems {
		c.report.Problems = append(c.report.Problems, Problem{k, seq, entry, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) notes(o Options) error {
	notes, err := c.source.Notes()
	if err != nil {
		return fmt.Errorf("read the checkpoints: %w", err)
	}
	c.notes_ = map[int64]string{}
	for i, n := range append(notes, o.Older...) {
		cp, err := o.Keys.Open(n)
		if err != nil {
			c.found(Signature, -1, "", "checkpoint %d is not signed by this log: %v", i+1, err)
			continue
		}
		c.signed = append(c.signed, cp)
		c.notes_[cp.Size] = n
	}
	slices.SortStableFunc(c.signed, func(a, b Checkpoint) int { return int(a.Size - b.Size) })
	if len(c.signed) == 0 {
		if len(notes) == 0 {
			return ErrEmpty
		}
		return nil
	}
	last := c.signed[len(c.signed)-1]
	c.report.Size, c.report.At, c.report.Checkpoints = last.Size, last.At, len(c.signed)
	return nil
}

func (c *checker) rows() error {
	c.leaves = make([]leaf, c.report.Size)
	c.seen = map[string]int64{}
	var waiting []string
	err := c.source.Rows(func(seq int64, r *Record) error {
		if seq < 0 || seq >= c.report.Size {
			c.report.Waiting++
			if seq < 0 && len(c.signed) > 0 && r.At().Before(c.report.At.Add(-late)) {
				waiting = append(waiting, r.ID())
			}
			return nil
		}
		if before, twice := c.seen[r.ID()]; twice {
			c.found(Repeated, seq, r.ID(), "stands at number %d too", before)
		}
		c.seen[r.ID()] = seq
		c.leaves[seq] = leaf{r.ID(), r.hash(), true}
		if len(r.Erased) > 0 {
			c.report.Erased++
		}
		if cp, ok := c.before(seq); ok && r.At().Before(cp.At.Add(-late)) {
			c.found(Inserted, seq, r.ID(), "says %s and came into the log after %s", r.At().UTC().Format(time.RFC3339), cp.At.UTC().Format(time.RFC3339))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the entries: %w", err)
	}
	for _, id := range waiting {
		c.found(Unfinished, -1, id, "is old and has no number: it was slipped in, or numbering has stopped")
	}
	return nil
}

// before is the newest checkpoint that does not cover a number.
func (c *checker) before(seq int64) (Checkpoint, bool) {
	i, _ := slices.BinarySearchFunc(c.signed, seq+1, func(cp Checkpoint, n int64) int {
		if cp.Size < n {
			return -1
		}
		return 1
	})
	if i == 0 {
		return Checkpoint{}, false
	}
	return c.signed[i-1], true
}

// compare decides block by block whether the entries or the stored hashes are what was
// signed, and says where they differ.
func (c *checker) compare() {
	c.truth = make([]tlog.Hash, c.report.Size)
	for n := int64(0); n*TileWidth < c.report.Size; n++ {
		from := n * TileWidth
		to := min(from+TileWidth, c.report.Size)
		stored := c.stored(n, int(to-from))
		own := make([]tlog.Hash, to-from)
		same := stored != nil
		for i := range own {
			l := c.leaves[from+int64(i)]
			switch {
			case l.there:
				own[i] = l.own
			case stored != nil:
				own[i] = stored[i]
			}
			same = same && l.there && own[i] == stored[i]
		}
		copy(c.truth[from:to], own)
		if same {
			continue
		}
		c.blame(n, from, stored, own)
	}
}

// blame finds out which of the two the parent tile committed to.
func (c *checker) blame(n, from int64, stored, own []tlog.Hash) {
	if stored == nil {
		c.found(Hashes, from, "", "the stored hashes from number %d on are missing", from)
		return
	}
	parent, known := c.parent(n)
	entriesAltered := true
	switch {
	case known && len(own) == TileWidth && root(own) == parent && root(stored) != parent:
		entriesAltered = false
	case !known || len(own) < TileWidth:
		// The last block has no parent: the signed root decides.
		entriesAltered = c.signs(from, stored) || !c.signs(from, own)
	}
	for i := range own {
		seq := from + int64(i)
		l := c.leaves[seq]
		switch {
		case !l.there:
			c.found(Missing, seq, "", "the entry is gone")
		case own[i] == stored[i]:
		case entriesAltered:
			c.found(Altered, seq, l.entry, "is not what it was when it was written")
		default:
			c.found(Hashes, seq, l.entry, "the entry is whole, its stored hash was altered")
		}
	}
	if entriesAltered {
		copy(c.truth[from:], stored)
	}
}

// signs reports whether the newest checkpoint's root comes out with these hashes in the
// place of a block.
func (c *checker) signs(from int64, block []tlog.Hash) bool {
	all := append([]tlog.Hash(nil), c.truth[:from]...)
	all = append(all, block...)
	if int64(len(all)) != c.report.Size {
		return false
	}
	got, err := Root(c.report.Size, build(all).read)
	return err == nil && got == c.signed[len(c.signed)-1].Root
}

func root(hashes []tlog.Hash) tlog.Hash {
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		data = append(data, h[:]...)
	}
	return blockRoot(data)
}

func (c *checker) stored(n int64, width int) []tlog.Hash {
	data, err := c.source.Tile(TileKey{0, n})
	if err != nil || len(data) < width*tlog.HashSize {
		return nil
	}
	out := make([]tlog.Hash, width)
	for i := range out {
		copy(out[i][:], data[i*tlog.HashSize:])
	}
	return out
}

func (c *checker) parent(n int64) (tlog.Hash, bool) {
	var h tlog.Hash
	data, err := c.source.Tile(TileKey{1, n / TileWidth})
	at := int(n%TileWidth) * tlog.HashSize
	if err != nil || len(data) < at+tlog.HashSize {
		return h, false
	}
	copy(h[:], data[at:])
	return h, true
}

// roots compares the tree with every signed root, and the stored tiles with the tree.
func (c *checker) roots() {
	tiles := build(c.truth)
	for k, want := range tiles {
		got, err := c.source.Tile(k)
		if err != nil || len(got) < len(want) || !bytes.Equal(got[:len(want)], want) {
			if k.Level > 0 {
				c.found(Hashes, -1, "", "the stored tile %d/%d of the tree was altered or is missing", k.Level, k.N)
			}
		}
	}
	for _, cp := range c.signed {
		if cp.Size == 0 {
			continue
		}
		got, err := Root(cp.Size, tiles.read)
		if err != nil || got != cp.Root {
			c.found(Inconsist, cp.Size-1, "", "the first %d entries are not those that the checkpoint of %s signed", cp.Size, cp.At.UTC().Format(time.RFC3339))
			continue
		}
		if cp.Size == c.report.Size {
			c.report.Root = got.String()
		}
	}
}

func (c *checker) stamps(o Options) error {
	for _, cp := range c.signed {
		raw, err := c.source.Stamp(cp.Size)
		if err != nil {
			return fmt.Errorf("read the time stamps: %w", err)
		}
		if raw == nil {
			continue
		}
		c.report.Stamped++
		if o.Roots == nil {
			continue
		}
		at, err := o.Roots.Verify(raw, []byte(c.notes_[cp.Size]))
		switch {
		case err != nil:
			c.found(BadStamp, cp.Size-1, "", "the time stamp of the checkpoint at %d: %v", cp.Size, err)
		case at.Before(cp.At.Add(-late)):
			c.found(BadStamp, cp.Size-1, "", "the checkpoint at %d says %s, its time stamp %s", cp.Size, cp.At.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
