package find

import (
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// Plain is how texts are compared: full-width forms made narrow, letters lower
// case, everything that is neither letter nor digit dropped.
func Plain(s string) string {
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

// grams are the pairs of characters of a text; of a single one, itself.
func grams(runes []rune) []string {
	if len(runes) == 1 {
		return []string{string(runes)}
	}
	out := make([]string, 0, len(runes))
	for i := 1; i < len(runes); i++ {
		out = append(out, string(runes[i-1:i+1]))
	}
	return out
}

// han is the range of characters with a pinyin worth knowing.
const (
	hanFirst = 0x4e00
	hanLast  = 0x9fa5
)

// readings is the pinyin of every character, looked up once: the library's answer for a
// single one costs more than all the rest of indexing it.
var readings = sync.OnceValue(func() []string {
	args := pinyin.NewArgs()
	out := make([]string, hanLast-hanFirst+1)
	for i := range out {
		if py := pinyin.SinglePinyin(rune(hanFirst+i), args); len(py) > 0 { //nolint:gosec // within the range
			out[i] = py[0]
		}
	}
	return out
})

// syllables is the pinyin of a plain text, one syllable a character; letters
// and digits stand for themselves.
func syllables(plainText string) []string {
	table := readings()
	out := make([]string, 0, len(plainText)/3)
	for _, r := range plainText {
		switch {
		case r < 0x80:
			out = append(out, string(r))
		case r >= hanFirst && r <= hanLast && table[r-hanFirst] != "":
			out = append(out, table[r-hanFirst])
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

// sound is the term of two syllables in a row, without the differences that most of the
// South does not hear: zh z, ch c, sh s, -ng -n.
func sound(first, second string) string { return ":" + heard(first) + ":" + heard(second) }

func heard(syllable string) string {
	if len(syllable) > 2 && syllable[1] == 'h' {
		syllable = syllable[:1] + syllable[2:]
	}
	return strings.TrimSuffix(syllable, "g")
}

// knownSyllables are all that pinyin has, toneless.
var knownSyllables = sync.OnceValue(func() map[string]bool {
	known := make(map[string]bool, 450)
	for _, sy := range readings() {
		if sy != "" {
			known[sy] = true
		}
	}
	return known
})

// split reads typed pinyin as syllables, the longest first ("shipin" → shi, pin);
// nil when it is no pinyin.
func split(typed string) []string {
	if typed == "" {
		return []string{}
	}
	known := knownSyllables()
	for n := min(6, len(typed)); n > 0; n-- {
		if !known[typed[:n]] {
			continue
		}
		if rest := split(typed[n:]); rest != nil {
			return append([]string{typed[:n]}, rest...)
		}
	}
	return nil
}

// letters reports whether a plain text is typed in the Latin alphabet alone.
func letters(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return s != ""
}
