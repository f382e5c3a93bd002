// Package find is the catalogue's search: an index in memory that understands what
// people type, official or everyday words, pinyin, initials and mistakes.
//
// It is pure: documents go in, ranked ids come out. Each process keeps an index of
// its own, filled from the database and told of changes by NOTIFY (ADR 0014). Two
// hundred thousand items take some 150 MB and a query a few milliseconds.
//
// How a query is read. Its region and department are taken out. What is left is
// cut into units: everyday words with what they officially mean (开饭店 → 食品经营许可),
// words around the meaning, which say nothing (怎么, 需要什么), and the rest, which is
// matched by its pairs of characters. An item's coverage is how much of the units it
// answers, rare pieces counting more than common ones; then what the query wants done
// (办, 变更, 补办, 注销 …), how exactly the name says it, and how useful the item is to
// most people decide the order.
package find

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Doc is one item as the search knows it.
type Doc struct {
	ID      string
	Name    string
	Aliases []string // everyday names, as good as the name
	Words   []string // names of material and results, which say less
	OrgCode string   // "sz-scjg"
	OrgName string
	Region  string // 12 digits
	Themes  []string
	Person  bool
	Legal   bool
	Weight  int // how useful to most people, 0 to about 900
}

// Where a term stands; the smaller counts more.
const (
	inName = iota
	inAlias
	inWords
	fields
)

// worth is what a term counts by where it stands.
var worth = [fields]float32{1, 0.95, 0.5}

// posting is a document and the best field that holds the term.
type posting struct {
	doc   uint32
	field uint8
}

// entry is a document as indexed.
type entry struct {
	Doc
	live     bool
	plain    string // of the name
	runes    int    // of the name, without what only says who decides
	texts    [fields]string
	pinyin   string // of the name
	initials string
	marks    marks
}

// Index finds items. Safe for concurrent use.
type Index struct {
	mu    sync.RWMutex
	docs  []entry
	byID  map[string]uint32
	dead  int
	terms map[string][]posting
	pool  sync.Pool
}

// New makes an empty index.
func New() *Index {
	return &Index{byID: map[string]uint32{}, terms: map[string][]posting{}}
}

// Len is how many documents there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.byID)
}

// Put adds documents or replaces those of the same id.
func (x *Index) Put(docs ...Doc) {
	made := make([]entry, len(docs))
	terms := make([]map[string]uint8, len(docs))
	prepare := func(from, to int) {
		for i := from; i < to; i++ {
			made[i] = newEntry(docs[i])
			terms[i] = termsOf(&made[i])
		}
	}
	// Outside the lock, and by all processors: this is the work.
	var wg sync.WaitGroup
	share := max(500, (len(docs)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for from := 0; from < len(docs); from += share {
		wg.Go(func() { prepare(from, min(from+share, len(docs))) })
	}
	wg.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range made {
		x.bury(made[i].ID)
		n := uint32(len(x.docs)) //nolint:gosec // a catalogue has no four billion items
		x.docs = append(x.docs, made[i])
		x.byID[made[i].ID] = n
		for t, field := range terms[i] {
			x.terms[t] = append(x.terms[t], posting{n, field})
		}
	}
	if x.dead > 1000 && x.dead > len(x.docs)/4 {
		x.compact()
	}
}

// Remove takes documents out.
func (x *Index) Remove(ids ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		x.bury(id)
	}
}

func (x *Index) bury(id string) {
	if n, ok := x.byID[id]; ok {
		x.docs[n].live = false
		delete(x.byID, id)
		x.dead++
	}
}

// compact drops the dead and renumbers the living.
func (x *Index) compact() {
	to := make([]uint32, len(x.docs))
	kept := make([]entry, 0, len(x.byID))
	for i := range x.docs {
		to[i] = math.MaxUint32
		if x.docs[i].live {
			to[i] = uint32(len(kept)) //nolint:gosec // as above
			kept = append(kept, x.docs[i])
		}
	}
	for id, n := range x.byID {
		x.byID[id] = to[n]
	}
	for t, list := range x.terms {
		list = slices.DeleteFunc(list, func(p posting) bool { return to[p.doc] == math.MaxUint32 })
		for i := range list {
			list[i].doc = to[list[i].doc]
		}
		if len(list) == 0 {
			delete(x.terms, t)
			continue
		}
		x.terms[t] = list
	}
	x.docs, x.dead = kept, 0
}

func newEntry(d Doc) entry {
	e := entry{Doc: d, live: true, plain: Plain(d.Name), marks: marksOf(d.Name)}
	e.runes = len([]rune(Plain(withoutLevel(d.Name))))
	e.texts[inName] = e.plain
	e.texts[inAlias] = joined(d.Aliases)
	e.texts[inWords] = joined(d.Words)
	sy := syllables(e.plain)
	e.pinyin, e.initials = strings.Join(sy, ""), initials(sy)
	return e
}

// joined keeps words apart by a mark that no query has.
func joined(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = Plain(w)
	}
	return strings.Join(parts, "|")
}

// withoutLevel drops what only says who decides: （县级行使）.
func withoutLevel(name string) string { return levels.Replace(name) }

var levels = strings.NewReplacer("（县级行使）", "", "（县级行使)", "", "(县级行使）", "", "(县级行使)", "", "（县级）", "", "(县级)", "", "(县级）", "", "（县级)", "",
	"（市级）", "", "(市级)", "", "（市级/县级）", "", "（县级权限）", "", "《", "", "》", "", "中华人民共和国", "")

// termsOf are the terms of a document with the best field of each: characters and
// pairs of them; pairs of syllables (":shi:pin"); pairs of initials ("~sp").
func termsOf(e *entry) map[string]uint8 {
	out := make(map[string]uint8, 4*e.runes+16)
	add := func(t string, field int) {
		if old, ok := out[t]; !ok || uint8(field) < old { //nolint:gosec // three fields
			out[t] = uint8(field) //nolint:gosec // three fields
		}
	}
	for field, text := range e.texts {
		for _, part := range strings.Split(text, "|") {
			runes := []rune(part)
			for i, r := range runes {
				add(string(r), field)
				if i > 0 {
					add(string(runes[i-1:i+1]), field)
				}
			}
			if field == inWords {
				continue
			}
			sy := syllables(part)
			for i := 1; i < len(sy); i++ {
				add(sound(sy[i-1], sy[i]), field)
			}
			ini := initials(sy)
			for i := 1; i < len(ini); i++ {
				add("~"+ini[i-1:i+1], field)
			}
		}
	}
	return out
}

// rarity is how much a term tells items apart.
func (x *Index) rarity(term string) float32 {
	n := len(x.terms[term])
	return float32(math.Log(float64(len(x.docs)+1)/float64(n+1)) + 0.5)
}
