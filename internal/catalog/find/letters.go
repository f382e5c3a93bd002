package find

import (
	"slices"
	"strings"
)

// byLetters reads Latin letters as pinyin or as initials of a name, and as pinyin with
// one letter too many when nothing else fits.
func (x *Index) byLetters(r reading, q Query, f Found) Found {
	typed := r.content
	for _, try := range append([]string{typed}, shortened(typed)...) {
		hits := x.spelled(try, r, q)
		if len(hits) == 0 {
			continue
		}
		f.Hits, f.Match = hits, Exact
		if try != typed {
			f.Match = Near
		}
		return f
	}
	return f
}

// shortened are the text with one letter left out, where that is whole pinyin.
func shortened(typed string) []string {
	if len(typed) < 5 {
		return nil
	}
	var out []string
	for i := range len(typed) {
		if s := typed[:i] + typed[i+1:]; !slices.Contains(out, s) && len(split(s)) > 1 {
			out = append(out, s)
		}
	}
	return out
}

// spelled are the documents whose name has the letters in a row, as syllables or as
// initials.
func (x *Index) spelled(typed string, r reading, q Query) []Hit {
	var hits []Hit
	seen := map[uint32]bool{}
	take := func(terms []string, in func(*entry) string, points float32) {
		if len(terms) == 0 {
			return
		}
		rare := terms[0]
		for _, t := range terms {
			if len(x.terms[t]) < len(x.terms[rare]) {
				rare = t
			}
		}
		for _, p := range x.terms[rare] {
			e := &x.docs[p.doc]
			at := strings.Index(in(e), typed)
			if at < 0 || seen[p.doc] || !x.wanted(e, q) {
				continue
			}
			seen[p.doc] = true
			s := points + x.points(e, reading{wants: r.wants})
			if at == 0 {
				s += 10
			}
			if len(in(e)) == len(typed) {
				s += 15
			}
			hits = append(hits, hit(e.ID, s))
		}
	}
	if sy := split(typed); len(sy) > 1 && len(sy) < len(typed) {
		var terms []string
		for i := 1; i < len(sy); i++ {
			terms = append(terms, sound(sy[i-1], sy[i]))
		}
		take(terms, func(e *entry) string { return e.pinyin }, 100)
	}
	if len(typed) >= 2 {
		var terms []string
		for i := 1; i < len(typed); i++ {
			terms = append(terms, "~"+typed[i-1:i+1])
		}
		take(terms, func(e *entry) string { return e.initials }, 90)
	}
	sortHits(hits)
	return hits
}
