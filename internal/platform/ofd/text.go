package ofd

import (
	"strings"
	"unicode"
)

// Style is how text is set. Fonts are tried in order for each character, so a
// decorative face with few characters can stand before a plain one with many.
type Style struct {
	Fonts []*Font
	// Size is the em in millimetres: 五号 3.70, 小四 4.23, 三号 5.64, 二号 7.76.
	Size  float64
	Color Color
	Bold  bool
	// Spacing is added after each character, in millimetres.
	Spacing float64
}

func (st Style) font(r rune) *Font {
	for _, f := range st.Fonts {
		if f.Has(r) {
			return f
		}
	}
	if len(st.Fonts) == 0 {
		return nil
	}
	return st.Fonts[len(st.Fonts)-1] // shows its missing-glyph box
}

func (st Style) advance(r rune) float64 {
	f := st.font(r)
	if f == nil {
		return 0
	}
	return f.advance(r)*st.Size + st.Spacing
}

// Width is the length of the line in millimetres.
func (st Style) Width(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += st.advance(r)
	}
	if w > 0 {
		w -= st.Spacing
	}
	return w
}

// Characters that may not begin or end a line (GB/T 15834, 避头尾).
const (
	notFirst = "，。、；：？！）》〉」』】〕”’…—～·%℃,.;:?!)]}"
	notLast  = "（《〈「『【〔“‘([{￥$"
)

// Wrap breaks text into lines of at most width: between any two Chinese
// characters, at spaces in Latin text, at every newline.
func (st Style) Wrap(s string, width float64) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		lines = append(lines, st.wrapParagraph([]rune(paragraph), width)...)
	}
	return lines
}

func (st Style) wrapParagraph(text []rune, width float64) []string {
	var lines []string
	for len(text) > 0 {
		n, w := 0, 0.0
		for n < len(text) {
			if w += st.advance(text[n]); w-st.Spacing > width+1e-9 && n > 0 {
				break
			}
			n++
		}
		if n < len(text) {
			if b := lastBreak(text, n); b > 0 {
				n = b
			}
		}
		lines = append(lines, strings.TrimRight(string(text[:n]), " "))
		text = text[n:]
		for len(lines) > 0 && len(text) > 0 && text[0] == ' ' {
			text = text[1:]
		}
	}
	if lines == nil {
		lines = []string{""}
	}
	return lines
}

// lastBreak is the last place at or before n where a line may end, 0 if there is none.
func lastBreak(text []rune, n int) int {
	for i := n; i > 0; i-- {
		before, after := text[i-1], text[i]
		if strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before) {
			continue
		}
		if wordRune(before) && wordRune(after) {
			continue
		}
		return i
	}
	return 0
}

// wordRune says that the character belongs to a Latin word or number.
func wordRune(r rune) bool {
	return r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_')
}
