package find

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Synonym is an everyday word and one thing that it officially means. Weight is how
// surely, 1 to 3.
type Synonym struct {
	Word, Target string
	Weight       int
}

// Place is a region's or department's name and its code.
type Place struct{ Name, Code string }

// Vocabulary is what the search knows of words, beside the items themselves.
type Vocabulary struct {
	synonyms map[string][]target
	longest  int // of a synonym's word, in characters
	byPinyin map[string]string
	regions  []Place // from the wide to the narrow
	orgs     []Place // name → the end of an organisation's code ("scjg"), the longest first
}

type target struct {
	text   string
	grams  []string
	weight float32
}

// fillers are what people write around what they mean, the longest first.
var fillers = []string{
	"需要什么材料", "需要什么手续", "需要哪些材料", "要什么手续", "要办什么证", "需要什么证", "要什么证", "要办什么", "在哪里办", "在哪儿办", "去哪里办", "怎么办理", "如何办理", "怎么申请", "如何申请",
	"我想要", "我想", "我要", "想要", "请问", "怎么样", "怎么", "怎样", "如何", "在哪里", "在哪儿", "哪里", "需要", "什么", "哪些", "材料", "手续", "流程", "条件", "多久", "多少钱", "多少", "要多长时间",
	"可以", "能不能", "能否", "一下", "申请", "办理", "办一个", "办个", "开一家", "开一个", "开个", "一家", "一个", "一张", "自己", "自家", "家里", "有没有", "是否", "帮我", "给我", "我的", "我", "想", "要", "办", "开", "领", "做", "搞", "弄", "吗", "呢", "的", "了", "啊", "去", "在",
}

// NewVocabulary makes a vocabulary. orgs are everyday names of departments with the end
// of their code.
func NewVocabulary(synonyms []Synonym, regions, orgs []Place) *Vocabulary {
	v := &Vocabulary{synonyms: map[string][]target{}, byPinyin: map[string]string{}, regions: slices.Clone(regions), orgs: slices.Clone(orgs)}
	for _, s := range synonyms {
		word, text := Plain(s.Word), Plain(s.Target)
		if word == "" || text == "" {
			continue
		}
		weight := [4]float32{0.55, 0.55, 0.8, 1}[min(max(s.Weight, 0), 3)]
		v.synonyms[word] = append(v.synonyms[word], target{text, grams([]rune(text)), weight})
		v.longest = max(v.longest, utf8.RuneCountInString(word))
		sy := syllables(word)
		for _, key := range []string{strings.Join(sy, ""), initials(sy)} {
			// Two initials may be anything.
			if len(key) >= 3 && v.byPinyin[key] == "" {
				v.byPinyin[key] = word
			}
		}
	}
	slices.SortStableFunc(v.regions, func(a, b Place) int { return strings.Compare(a.Code, b.Code) })
	slices.SortStableFunc(v.orgs, func(a, b Place) int { return len(b.Name) - len(a.Name) })
	return v
}

// shortRegion is how people say it: 曾都区 → 曾都; 随县 stays.
func shortRegion(name string) string {
	short := strings.TrimRight(name, "市区县")
	if utf8.RuneCountInString(short) < 2 {
		return ""
	}
	return short
}
