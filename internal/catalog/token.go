package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"onedoor/internal/kernel/actor"
)

// Tokens are what the inverted index knows of an item. Words of the name are
// kept as they are; the others carry a mark, so that they never meet a word:
//
//	食品  食       two characters and one of the name and its everyday names
//	~sp           two neighbouring initials of the pinyin
//	:shi          one syllable
//	@r421303      the region and each above it, by significant digits
//	@t…  @a…      theme, audience
func tokensOf(it *Item) []string {
	set := make(map[string]struct{}, 64)
	add := func(t string) { set[t] = struct{}{} }
	for _, text := range append([]string{it.Name}, it.Aliases...) {
		runes := []rune(plain(text))
		for i, r := range runes {
			add(string(r))
			if i > 0 {
				add(string(runes[i-1 : i+1]))
			}
		}
		sy := syllables(string(runes))
		for _, s := range sy {
			add(":" + s)
		}
		for _, t := range initialTokens(initials(sy)) {
			add(t)
		}
	}
	for p := actor.RegionPrefix(it.Region); len(p) >= 2; p = shorter(p) {
		add("@r" + p)
	}
	for _, t := range it.Themes {
		add("@t" + t)
	}
	if it.ForPersons() {
		add("@aperson")
	}
	if it.ForLegal() {
		add("@alegal")
	}
	out := make([]string, 0, len(set))
	for t := range set {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// shorter cuts the last level off a region's significant digits.
func shorter(prefix string) string {
	switch {
	case len(prefix) > 9:
		return prefix[:9]
	case len(prefix) > 6:
		return prefix[:6]
	case len(prefix) > 4:
		return prefix[:4]
	case len(prefix) > 2:
		return prefix[:2]
	}
	return ""
}

// plain is how names are compared: full-width forms made narrow, letters lower
// case, everything that is neither letter nor digit dropped.
func plain(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r >= '！' && r <= '～' { // full-width ASCII
			r -= '！' - '!'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// grams are the tokens that a text containing word must have.
func grams(word string) []string {
	runes := []rune(word)
	if len(runes) == 1 {
		return []string{word}
	}
	out := make([]string, 0, len(runes))
	for i := 1; i < len(runes); i++ {
		out = append(out, string(runes[i-1:i+1]))
	}
	return out
}

var pinyinArgs = pinyin.NewArgs()

// syllables is the pinyin of a plain text, one syllable a character; letters
// and digits stand for themselves.
func syllables(plainText string) []string {
	out := make([]string, 0, len(plainText)/3)
	for _, r := range plainText {
		if r < 0x80 {
			out = append(out, string(r))
			continue
		}
		if py := pinyin.SinglePinyin(r, pinyinArgs); len(py) > 0 {
			out = append(out, py[0])
		}
	}
	return out
}

func initials(syllables []string) string {
	b := make([]byte, 0, len(syllables))
	for _, s := range syllables {
		b = append(b, s[0])
	}
	return string(b)
}

func initialTokens(initials string) []string {
	out := make([]string, 0, len(initials))
	for i := 1; i < len(initials); i++ {
		out = append(out, "~"+initials[i-1:i+1])
	}
	return out
}

// knownSyllables are all that pinyin has, toneless.
var knownSyllables = func() map[string]bool {
	known := make(map[string]bool, 450)
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		if py := pinyin.SinglePinyin(r, pinyinArgs); len(py) > 0 {
			known[py[0]] = true
		}
	}
	return known
}

// split reads typed pinyin as syllables, the longest first ("shipin" → shi, pin);
// nil when it is no pinyin.
func split(typed string, known map[string]bool) []string {
	if typed == "" {
		return []string{}
	}
	for n := min(6, len(typed)); n > 0; n-- {
		if !known[typed[:n]] {
			continue
		}
		if rest := split(typed[n:], known); rest != nil {
			return append([]string{typed[:n]}, rest...)
		}
	}
	return nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return s != ""
}
