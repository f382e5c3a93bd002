package catalog

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a query, in characters: longer ones are pasted by accident.
const maxText = 60

// asked is what was understood of a query's text.
type asked struct {
	region     string // read out of the text, 12 digits
	regionName string
	plain      string // the text without the region, as names are compared
	// ways are the readings, any of which an item may answer.
	ways     []way
	synonyms []string
}

// way is one reading of the text: an item answers it when it holds all tokens.
type way struct {
	tokens []string
	// column and text name what must hold together, since tokens alone have no order.
	column string
	words  []string
	rank   int // how good a match of this reading is
}

var syllableTable = sync.OnceValue(knownSyllables)

// fillers are what people write around what they mean.
var fillers = []string{
	"我想要", "我要", "我想", "请问", "怎么样", "怎么", "怎样", "如何", "在哪里", "在哪儿", "哪里", "需要什么", "要什么", "什么",
	"材料", "手续", "流程", "条件", "多久", "多少钱", "可以", "能不能", "能否", "一下", "申请", "办理", "办个", "办一个", "办", "开一家", "开一个", "开个", "开办", "吗", "呢", "的",
}

// understand reads a query. regions are the names that may stand in it.
func understand(text string, regions []RegionCount, words []synonym) asked {
	var a asked
	if r := []rune(strings.TrimSpace(text)); len(r) > maxText {
		text = string(r[:maxText])
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, p := range parts {
		parts[i] = plain(p)
	}
	a.takeRegion(parts, regions)
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	a.plain = strings.Join(parts, "")
	if a.plain == "" {
		return a
	}
	a.read(parts, 2000)
	if short := trimFillers(parts); len(short) > 0 && !slices.Equal(short, parts) {
		a.read(short, 1500)
	}
	a.readSynonyms(words)
	if ascii(a.plain) {
		a.readPinyin(a.plain)
	}
	return a
}

// takeRegion cuts regions' names out of the parts: 曾都区开饭店 → 开饭店 in 曾都区.
// Regions come from the wide to the narrow, so the narrowest one named stays.
func (a *asked) takeRegion(parts []string, regions []RegionCount) {
	for _, r := range regions {
		for i, p := range parts {
			rest, found := cut(p, r.Name)
			if !found {
				rest, found = cut(p, shortRegion(r.Name))
			}
			if found {
				a.region, a.regionName = r.Code, r.Name
				parts[i] = rest
				break
			}
		}
	}
}

func cut(s, name string) (string, bool) {
	if name == "" || !strings.Contains(s, name) {
		return s, false
	}
	return strings.Replace(s, name, "", 1), true
}

// shortRegion is how people say it: 曾都区 → 曾都; 随县 stays.
func shortRegion(name string) string {
	short := strings.TrimRight(name, "市区县")
	if utf8.RuneCountInString(short) < 2 {
		return ""
	}
	return short
}

func (a *asked) read(words []string, rank int) {
	w := way{column: "plain_name", words: words, rank: rank}
	for _, word := range words {
		w.tokens = append(w.tokens, grams(word)...)
	}
	a.ways = append(a.ways, w)
}

func trimFillers(parts []string) []string {
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		for _, f := range fillers {
			if rest := strings.ReplaceAll(p, f, ""); utf8.RuneCountInString(rest) >= 2 || rest == "" {
				p = rest
			}
		}
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// readSynonyms adds what everyday words officially mean, the longest word first.
func (a *asked) readSynonyms(words []synonym) {
	rest := a.plain
	for _, s := range words { // longest first
		if !strings.Contains(rest, s.word) {
			continue
		}
		rest = strings.Replace(rest, s.word, "\x00", 1) // a shorter word inside is not meant
		for _, target := range s.targets {
			a.synonyms = append(a.synonyms, target)
			t := plain(target)
			a.ways = append(a.ways, way{tokens: grams(t), column: "plain_name", words: []string{t}, rank: 1900})
		}
		if len(a.ways) > 10 {
			return
		}
	}
}

// readPinyin reads letters as initials (xsecs) or as whole syllables (shipin).
func (a *asked) readPinyin(letters string) {
	if len(letters) < 2 {
		return
	}
	if sy := split(letters, syllableTable()); sy != nil && len(sy) < len(letters) {
		w := way{column: "pinyin", words: []string{letters}, rank: 1300}
		for _, s := range sy {
			w.tokens = append(w.tokens, ":"+s)
		}
		a.ways = append(a.ways, w)
	}
	a.ways = append(a.ways, way{tokens: initialTokens(letters), column: "initials", words: []string{letters}, rank: 1200})
}
