package find

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var words = NewVocabulary([]Synonym{
	{"饭店", "食品经营许可", 3}, {"饭店", "个体工商户设立登记", 1}, {"营业执照", "个体工商户设立登记", 3}, {"丢了", "补办", 3}, {"丢了", "遗失", 3},
}, []Place{{"随州市", "421300000000"}, {"曾都区", "421303000000"}, {"随县", "421321000000"}}, []Place{{"市场监管局", "scjg"}, {"公安局", "gaj"}})

func small() *Index {
	x := New()
	for i, name := range []string{
		"食品经营许可（新办）", "食品经营许可变更", "食品经营许可注销", "食品经营许可补办", "个体工商户设立登记", "个体工商户注销登记", "户口登记", "户口注销",
		"林木采伐许可证核发（县级）", "取水许可证延续审批", "居民身份证办理（包括临时）", "居民身份证办理进度查询", "公共场所卫生许可（新办）",
	} {
		for _, at := range []struct{ region, org string }{{"421300000000", "sz-"}, {"421303000000", "zd-"}} {
			org := at.org + "scjg"
			if strings.Contains(name, "户口") || strings.Contains(name, "身份证") {
				org = at.org + "gaj"
			}
			x.Put(Doc{ID: fmt.Sprintf("%s%02d", at.org, i), Name: name, Region: at.region, OrgCode: org, Person: true})
		}
	}
	return x
}

func (x *Index) names(f Found) []string {
	var out []string
	for _, h := range f.Hits {
		if n := x.docs[x.byID[h.ID]].Name; !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func TestWhatPeopleType(t *testing.T) {
	x := small()
	for _, c := range []struct {
		text, first string
		match       Match
		region      string
	}{
		{"食品经营许可", "食品经营许可（新办）", Exact, ""},
		{"食品经营许可变更", "食品经营许可变更", Exact, ""},
		{"变更食品经营许可", "食品经营许可变更", Exact, ""},
		{"我想开一家饭店需要什么手续？", "食品经营许可（新办）", Exact, ""},
		{"饭店的证丢了怎么办", "食品经营许可补办", Exact, ""},
		{"营业执照", "个体工商户设立登记", Exact, ""},
		{"yingyezhizhao", "个体工商户设立登记", Exact, ""},
		{"曾都区开饭店", "食品经营许可（新办）", Exact, "421303000000"},
		{"随县 饭店", "", None, "421321000000"},
		{"公安局 登记", "户口登记", Exact, ""},
		{"户口", "户口登记", Exact, ""},
		{"hukou", "户口登记", Exact, ""},
		{"hukuo", "", None, ""},
		{"gtgsh", "个体工商户设立登记", Exact, ""},
		{"shipinjingyiing", "食品经营许可（新办）", Near, ""},
		{"身分证", "居民身份证办理（包括临时）", Near, ""},
		{"食品经营许克正", "食品经营许可（新办）", Near, ""},
		{"林木采筏许可", "林木采伐许可证核发（县级）", Near, ""},
		{"身份证进度", "居民身份证办理进度查询", Exact, ""},
		{"饕餮魑魅", "", None, ""},
		{"zzzqqq", "", None, ""},
	} {
		f := x.Search(Query{Text: c.text}, words)
		first := ""
		if names := x.names(f); len(names) > 0 {
			first = names[0]
		}
		if first != c.first || f.Match != c.match || f.Region.Code != c.region {
			t.Errorf("%s: %q (match %d, region %q), want %q (%d, %q)", c.text, first, f.Match, f.Region.Code, c.first, c.match, c.region)
		}
	}
	if f := x.Search(Query{Text: "曾都区"}, words); f.Content || f.Region.Name != "曾都区" {
		t.Errorf("only a place: %+v", f)
	}
	if f := x.Search(Query{Text: "？！ "}, words); f.Content || len(f.Hits) > 0 {
		t.Errorf("only marks: %+v", f)
	}
}

func TestFiltersNarrow(t *testing.T) {
	x := small()
	for name, q := range map[string]Query{
		"region": {Text: "许可", Region: "421303"}, "org": {Text: "许可", OrgCode: "zd-scjg"}, "audience": {Text: "许可", Audience: "person"},
	} {
		hits := x.Search(q, words).Hits
		if len(hits) == 0 {
			t.Errorf("%s: nothing", name)
		}
		for _, h := range hits {
			if name != "audience" && !strings.HasPrefix(h.ID, "zd-") {
				t.Errorf("%s: %s", name, h.ID)
			}
		}
	}
	if hits := x.Search(Query{Text: "许可", Audience: "legal"}, words).Hits; len(hits) > 0 {
		t.Errorf("for legal persons: %v", hits)
	}
	if hits := x.Search(Query{Text: "许可", Theme: "natural:001"}, words).Hits; len(hits) > 0 {
		t.Errorf("of a theme: %v", hits)
	}
}

// An index that items come into, change in and leave, finds what one made afresh finds.
func TestChangesLeaveNoTrace(t *testing.T) {
	names := []string{"食品经营许可", "户口登记", "取水许可证延续", "居民身份证办理", "个体工商户设立登记"}
	rapid.Check(t, func(t *rapid.T) {
		x, now := New(), map[string]Doc{}
		for range rapid.IntRange(1, 60).Draw(t, "changes") {
			id := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "id"))
			if rapid.Bool().Draw(t, "remove") {
				x.Remove(id)
				delete(now, id)
				continue
			}
			d := Doc{ID: id, Name: rapid.SampledFrom(names).Draw(t, "name"), Region: "421300000000", Weight: rapid.IntRange(0, 900).Draw(t, "weight")}
			x.Put(d)
			now[id] = d
		}
		if rapid.Bool().Draw(t, "compact") {
			x.compact()
		}
		fresh := New()
		for _, d := range now {
			fresh.Put(d)
		}
		for _, text := range []string{"许可", "户口", "spjyxk", "shenfen", "个体工商户", "身分证"} {
			got, want := ids(x.Search(Query{Text: text}, words)), ids(fresh.Search(Query{Text: text}, words))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || x.Len() != len(now) {
				t.Fatalf("%s: %v, afresh %v", text, got, want)
			}
		}
	})
}

func ids(f Found) []string {
	out := []string{}
	for _, h := range f.Hits {
		out = append(out, h.ID)
	}
	return out
}

func FuzzSearch(f *testing.F) {
	x := small()
	for _, text := range []string{"我要开饭店", "spjyxk", "曾都区 市场监管局 食品", "\xff\xfe", "shipin jingying", strings.Repeat("许可", 100), "\u202e食品"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := x.Search(Query{Text: text}, words)
		for i := 1; i < len(found.Hits); i++ {
			if a, b := found.Hits[i-1], found.Hits[i]; !b.After(a.Score, a.ID) {
				t.Fatalf("hits out of order at %d", i)
			}
		}
		if (found.Match == None) != (len(found.Hits) == 0) {
			t.Fatalf("match %d with %d hits", found.Match, len(found.Hits))
		}
	})
}
