package find

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a query, in characters: longer ones are pasted by accident.
const maxText = 60

// unit is one piece of what is looked for.
type unit struct {
	text    string
	runes   []rune
	grams   []string
	targets []target // what an everyday word means
}

// reading is what was understood of a query.
type reading struct {
	region  Place
	org     string // the end of a department's code
	content string // the text without region, department and fillers
	units   []unit
	wants   marks
	means   []string // official words that everyday ones were taken for
}

// read understands a text. has tells whether a term is known to the index.
func (v *Vocabulary) read(text string, has func(term string) bool) reading {
	var r reading
	if runes := []rune(strings.TrimSpace(text)); len(runes) > maxText {
		text = string(runes[:maxText])
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, p := range parts {
		parts[i] = Plain(p)
	}
	v.takeRegion(parts, &r)
	if all := strings.Join(parts, ""); letters(all) {
		// Letters: a word's pinyin or initials, or the index knows what.
		r.content = all
		if word := v.byPinyin[all]; word != "" {
			parts = []string{word}
		} else {
			return r
		}
	}
	v.takeOrg(parts, &r)
	r.wants = marksOf(strings.Join(parts, "|"))
	for _, p := range parts {
		v.cut([]rune(p), has, &r)
	}
	if len(r.units) == 0 { // nothing but fillers: then they are what is meant
		for _, p := range parts {
			if p != "" {
				r.units = append(r.units, plainUnit([]rune(p)))
			}
		}
	}
	if !letters(r.content) {
		for _, u := range r.units {
			r.content += u.text
		}
	}
	return r
}

// takeRegion cuts regions' names out of the parts: 曾都区开饭店 → 开饭店 in 曾都区.
// Regions come from the wide to the narrow, so the narrowest one named stays.
func (v *Vocabulary) takeRegion(parts []string, r *reading) {
	for _, place := range v.regions {
		for i, p := range parts {
			rest, found := cutName(p, Plain(place.Name))
			if !found {
				rest, found = cutName(p, Plain(shortRegion(place.Name)))
			}
			if found {
				r.region, parts[i] = place, rest
				break
			}
		}
	}
}

// takeOrg cuts one department's name out, unless it is all that there is.
func (v *Vocabulary) takeOrg(parts []string, r *reading) {
	for _, place := range v.orgs {
		for i, p := range parts {
			rest, found := cutName(p, place.Name)
			if !found {
				continue
			}
			others := ""
			for k, q := range parts {
				if k != i {
					others += q
				}
			}
			r.org = place.Code
			if rest+others != "" {
				parts[i] = rest
			}
			return
		}
	}
}

func cutName(s, name string) (string, bool) {
	if name == "" || !strings.Contains(s, name) {
		return s, false
	}
	return strings.Replace(s, name, "", 1), true
}

// cut takes a part of the query to pieces: the longest everyday word at each place,
// else a filler, else a character of what stands between.
func (v *Vocabulary) cut(text []rune, has func(string) bool, r *reading) {
	var between []rune
	flush := func() {
		if len(between) > 0 {
			r.units = append(r.units, plainUnit(between))
			between = nil
		}
	}
	for i := 0; i < len(text); {
		if n := v.wordAt(text[i:]); n > 0 {
			flush()
			u := plainUnit(text[i : i+n])
			u.targets = v.synonyms[u.text]
			for _, t := range u.targets {
				r.means = append(r.means, t.text)
				r.wants |= marksOf(t.text) &^ markNew & (markCancel | markReissue | markRenew | markChange | markTransfer)
			}
			r.units = append(r.units, u)
			i += n
			continue
		}
		if n := fillerAt(text[i:]); n > 0 && !(n == 1 && (i+1 < len(text) && has(string(text[i:i+2])) || len(between) > 0 && has(string(text[i-1:i+1])))) {
			flush()
			i += n
			continue
		}
		between = append(between, text[i])
		i++
	}
	flush()
}

func plainUnit(text []rune) unit {
	runes := append([]rune(nil), text...)
	return unit{text: string(runes), runes: runes, grams: grams(runes)}
}

// wordAt is the length of the longest everyday word that the text begins with.
func (v *Vocabulary) wordAt(text []rune) int {
	for n := min(v.longest, len(text)); n > 0; n-- {
		if _, ok := v.synonyms[string(text[:n])]; ok {
			return n
		}
	}
	return 0
}

func fillerAt(text []rune) int {
	s := string(text)
	for _, f := range fillers {
		if strings.HasPrefix(s, f) {
			return utf8.RuneCountInString(f)
		}
	}
	return 0
}
