package find

import (
	"cmp"
	"slices"
	"strings"
)

// Match says how the hits answer the query.
type Match int

// Exact hits hold what was typed; Near ones resemble it in sound or in most of its
// characters; None is no hit at all.
const (
	None Match = iota
	Near
	Exact
)

// Query is a text and where to look; empty fields do not narrow.
type Query struct {
	Text     string
	Region   string // significant digits of a region: its subtree
	OrgCode  string
	Theme    string
	Audience string // "person" or "legal"
}

// Hit is one found item; a higher score stands first.
type Hit struct {
	ID    string
	Score int
}

// Found are all hits, the best first, and what was understood.
type Found struct {
	Hits   []Hit
	Match  Match
	Region Place    // read out of the text, zero when none was
	Means  []string // official words that everyday ones were taken for
	// Content is false when the text named a place and nothing else.
	Content bool
}

// Thresholds of coverage, of 1: what an answer must hold, and what resembles.
const (
	enough  = 0.5
	alike   = 0.34
	ranked  = 3000 // hits that are ordered finely; the rest keep the order of coverage
	homonym = 0.8  // what a pair counts that only sounds the same
)

// Search finds and orders.
func (x *Index) Search(q Query, v *Vocabulary) Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r := v.read(q.Text, func(t string) bool { return len(x.terms[t]) > 0 })
	f := Found{Region: r.region, Means: r.means, Content: r.content != "" || len(r.units) > 0}
	if !f.Content {
		return f
	}
	if q.Region == "" && r.region.Code != "" {
		q.Region = significant(r.region.Code)
	}
	if len(r.units) == 0 {
		return x.byLetters(r, q, f)
	}
	b := x.borrow()
	defer x.giveBack(b)
	x.cover(b, r.units, false)
	best := x.best(b, q)
	f.Match = Exact
	if best < 0.8 && x.unknown(r.units) {
		b.clear()
		x.cover(b, r.units, true)
		if heard := x.best(b, q); heard < alike {
			f.Match = None
			return f
		}
		f.Match = Near
		best = x.best(b, q)
	}
	floor := max(0.25, best*0.45)
	if f.Match == Exact && best < enough {
		f.Match = Near
	}
	if best < alike {
		f.Match = None
		return f
	}
	f.Hits = x.order(b, r, q, float32(floor))
	return f
}

// unknown reports whether some piece of the text stands in no item: a mistake, or a
// word that nobody has explained yet.
func (x *Index) unknown(units []unit) bool {
	for _, u := range units {
		if len(u.targets) > 0 {
			continue
		}
		for i, g := range u.grams {
			if len(x.terms[g]) == 0 && !x.seam(u, i) {
				return true
			}
		}
	}
	return false
}

// seam reports whether an unknown pair only joins two known words that no name has side
// by side (身份证|进度): a mistake would spoil the pair before or after it too.
func (x *Index) seam(u unit, i int) bool {
	return i > 0 && i+1 < len(u.grams) && len(x.terms[u.grams[i-1]]) > 0 && len(x.terms[u.grams[i+1]]) > 0
}

// board holds the coverage of documents during one query.
type board struct {
	total, part []float32
	touched     []uint32 // documents with a total
	partial     []uint32
}

func (x *Index) borrow() *board {
	b, _ := x.pool.Get().(*board)
	if b == nil {
		b = &board{}
	}
	if len(b.total) < len(x.docs) {
		b.total, b.part = make([]float32, len(x.docs)+1024), make([]float32, len(x.docs)+1024)
	}
	return b
}

func (x *Index) giveBack(b *board) {
	b.clear()
	x.pool.Put(b)
}

func (b *board) clear() {
	for _, d := range b.touched {
		b.total[d] = 0
	}
	b.touched = b.touched[:0]
}

// cover adds up, for every document, how much of the units it holds, of 1. sounding
// lets pairs count that are written otherwise and sound the same.
func (x *Index) cover(b *board, units []unit, sounding bool) {
	weights := make([]float32, len(units))
	var all float32
	for i, u := range units {
		weights[i] = x.weigh(u)
		all += weights[i]
	}
	for i, u := range units {
		x.coverUnit(b, u, sounding)
		share := weights[i] / all
		for _, d := range b.partial {
			if b.part[d] == 0 {
				continue
			}
			if b.total[d] == 0 {
				b.touched = append(b.touched, d)
			}
			b.total[d] += share * b.part[d]
			b.part[d] = 0
		}
		b.partial = b.partial[:0]
	}
}

// weigh is what a unit counts among others: long and rare ones more.
func (x *Index) weigh(u unit) float32 {
	if len(u.targets) > 0 {
		var most float32
		for _, t := range u.targets {
			var sum float32
			for _, g := range t.grams {
				sum += x.rarity(g)
			}
			most = max(most, sum/float32(len(t.grams)))
		}
		return most * float32(max(2, len(u.runes)))
	}
	var sum float32
	for i := range u.grams {
		sum += x.piece(u, i)
	}
	return sum/float32(len(u.grams))*float32(len(u.runes)) + 0.01
}

// piece is the weight of a pair within its unit; an unknown one counts like one of
// middling rarity and not like the rarest of all, for it may be a mistake, and a seam
// next to nothing.
func (x *Index) piece(u unit, i int) float32 {
	switch {
	case len(x.terms[u.grams[i]]) > 0:
		return x.rarity(u.grams[i])
	case x.seam(u, i):
		return 0.5
	}
	return 4
}

func (x *Index) coverUnit(b *board, u unit, sounding bool) {
	var all float32
	for i := range u.grams {
		all += x.piece(u, i)
	}
	for i, g := range u.grams {
		w := x.piece(u, i) / all
		list := x.terms[g]
		for _, p := range list {
			b.add(p.doc, w*worth[p.field])
		}
		if sounding && len(u.runes) > 1 {
			x.addSounding(b, u.runes[i:i+2], g, w*homonym)
		}
	}
	for _, t := range u.targets {
		x.coverTarget(b, t)
	}
}

// addSounding credits documents that hold the pair's sound but not the pair.
func (x *Index) addSounding(b *board, pair []rune, written string, w float32) {
	sy := syllables(string(pair))
	if len(sy) != 2 {
		return
	}
	exact := x.terms[written]
	k := 0
	for _, p := range x.terms[sound(sy[0], sy[1])] {
		for k < len(exact) && exact[k].doc < p.doc {
			k++
		}
		if k < len(exact) && exact[k].doc == p.doc {
			continue
		}
		b.add(p.doc, w*worth[p.field])
	}
}

func (b *board) add(doc uint32, v float32) {
	if b.part[doc] == 0 {
		b.partial = append(b.partial, doc)
	}
	b.part[doc] += v
}

// coverTarget gives a unit's whole weight to documents that hold what it means, as one
// phrase.
func (x *Index) coverTarget(b *board, t target) {
	rare := t.grams[0]
	for _, g := range t.grams {
		if len(x.terms[g]) < len(x.terms[rare]) {
			rare = g
		}
	}
	for _, p := range x.terms[rare] {
		e := &x.docs[p.doc]
		for field := range fields {
			if strings.Contains(e.texts[field], t.text) {
				if v := t.weight * worth[field]; v > b.part[p.doc] {
					b.add(p.doc, v-b.part[p.doc])
				}
				break
			}
		}
	}
}

// best is the greatest coverage among the documents that the query asks for.
func (x *Index) best(b *board, q Query) float64 {
	var most float32
	for _, d := range b.touched {
		if b.total[d] > most && x.wanted(&x.docs[d], q) {
			most = b.total[d]
		}
	}
	return float64(most)
}

func (x *Index) wanted(e *entry, q Query) bool {
	return e.live && (q.Region == "" || strings.HasPrefix(e.Region, q.Region)) && (q.OrgCode == "" || e.OrgCode == q.OrgCode) &&
		(q.Audience == "" || q.Audience == "person" && e.Person || q.Audience == "legal" && e.Legal || q.Audience != "person" && q.Audience != "legal") &&
		(q.Theme == "" || slices.Contains(e.Themes, q.Theme))
}

// order ranks what covers at least floor of the query.
func (x *Index) order(b *board, r reading, q Query, floor float32) []Hit {
	list := make([]uint32, 0, min(len(b.touched), 4096))
	for _, d := range b.touched {
		if b.total[d] >= floor && x.wanted(&x.docs[d], q) {
			list = append(list, d)
		}
	}
	if len(list) > ranked {
		slices.SortFunc(list, func(m, n uint32) int { return cmp.Compare(b.total[n], b.total[m]) })
	}
	hits := make([]Hit, len(list))
	for i, d := range list {
		score := 100 * b.total[d]
		if i < ranked {
			score += x.points(&x.docs[d], r)
		} else {
			score -= 100 // below all that were looked at closely
		}
		hits[i] = hit(x.docs[d].ID, score)
	}
	sortHits(hits)
	return hits
}

// hit rounds a score, so that equal ones are equal wherever they are compared.
func hit(id string, score float32) Hit { return Hit{id, int(score * 100)} }

// After tells whether h stands behind a place in the order of hits, for keyset pages.
func (h Hit) After(score int, id string) bool {
	return h.Score < score || h.Score == score && h.ID < id
}

func sortHits(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
}

// points are what decides among items that cover the query alike.
func (x *Index) points(e *entry, r reading) float32 {
	p := r.wants.fit(e.marks)
	p += phrase(e, r.content)
	for _, u := range r.units {
		for _, t := range u.targets {
			if strings.HasPrefix(e.plain, t.text) {
				p += 6 * t.weight
				break
			}
		}
	}
	p -= min(9, 0.35*float32(max(0, e.runes-max(6, len([]rune(r.content))))))
	p += min(10, float32(e.Weight)/90)
	if r.org != "" {
		if strings.HasSuffix(e.OrgCode, "-"+r.org) {
			p += 18
		} else {
			p -= 12
		}
	}
	return p
}

// phrase rewards a name that says the query as it was typed.
func phrase(e *entry, content string) float32 {
	switch {
	case content == "":
		return 0
	case e.plain == content:
		return 25
	case strings.HasPrefix(e.plain, content):
		return 12
	case strings.Contains(e.plain, content):
		return 8
	case strings.Contains(e.texts[inAlias], content):
		return 6
	}
	return 0
}

// significant cuts the zeros off that only fill a code up.
func significant(code string) string {
	for _, n := range []int{2, 4, 6, 9} {
		if len(code) >= n && strings.Trim(code[n:], "0") == "" {
			return code[:n]
		}
	}
	return code
}
