package catalog_test

import (
	"context"
	"strings"
	"testing"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/page"
)

func testSearch(ctx context.Context, t *testing.T, s *catalog.Service) {
	for _, c := range []struct {
		why    string
		q      catalog.Query
		first  string // the first row's name begins so
		org    string
		region string
		match  catalog.Match
	}{
		{"part of a name", catalog.Query{Text: "食品经营"}, "食品经营许可（新办）", "", "", catalog.Exact},
		{"whole name", catalog.Query{Text: "食品经营许可（新办）"}, "食品经营许可（新办）", "", "", catalog.Exact},
		{"two parts", catalog.Query{Text: "食品 新办"}, "食品经营许可（新办）", "", "", catalog.Exact},
		{"in a county", catalog.Query{Text: "食品经营", Region: "421303000000"}, "食品经营许可（新办）", "zd-scjg", "", catalog.Exact},
		{"county in the text", catalog.Query{Text: "曾都区 开饭店"}, "食品经营许可（新办）", "zd-scjg", "421303000000", catalog.Exact},
		{"county glued to it", catalog.Query{Text: "广水开饭店"}, "食品经营许可（新办）", "gs-scjg", "421381000000", catalog.Exact},
		{"city and county", catalog.Query{Text: "随州随县开饭馆"}, "食品经营许可（新办）", "sx-scjg", "421321000000", catalog.Exact},
		{"everyday word", catalog.Query{Text: "营业执照"}, "个体工商户设立登记", "", "", catalog.Exact},
		{"everyday word in a sentence", catalog.Query{Text: "我想开一家理发店需要什么手续？"}, "公共场所卫生许可（新办）", "", "", catalog.Exact},
		{"out of use word", catalog.Query{Text: "准生证"}, "出生医学证明", "", "", catalog.Exact},
		{"around the meaning", catalog.Query{Text: "怎么办理取水许可"}, "取水许可（新申请）", "", "", catalog.Exact},
		{"initials", catalog.Query{Text: "spjyxk"}, "食品经营许可", "", "", catalog.Exact},
		{"initials in capitals", catalog.Query{Text: "CSYXZM"}, "出生医学证明", "", "", catalog.Exact},
		{"pinyin", catalog.Query{Text: "shipinjingying"}, "食品经营许可", "", "", catalog.Exact},
		{"homophone", catalog.Query{Text: "食品经赢许可"}, "食品经营许可", "", "", catalog.Near},
		{"typing mistake", catalog.Query{Text: "劳务派谴经营"}, "劳务派遣经营许可", "", "", catalog.Near},
		{"too many words", catalog.Query{Text: "林木砍伐采伐许可证件"}, "林木采伐许可", "", "", catalog.Near},
		{"another region", catalog.Query{Text: "烟草专卖零售", Region: "421381000000"}, "烟草专卖零售许可证核发", "sz-yczm", "", catalog.Wider},
		{"another department", catalog.Query{Text: "取水许可", OrgCode: "sz-scjg"}, "取水许可", "", "", catalog.Wider},
		{"nothing like it", catalog.Query{Text: "zzzzqqqq"}, "", "", "", catalog.Popular},
		{"nothing like it in Chinese", catalog.Query{Text: "饕餮魑魅魍魉"}, "", "", "", catalog.Popular},
		{"only a region", catalog.Query{Text: "曾都区"}, "", "", "421303000000", catalog.Exact},
		{"theme", catalog.Query{Theme: "natural:005"}, "出生医学证明", "", "", catalog.Exact},
		{"theme and words", catalog.Query{Text: "许可", Theme: "legal:105"}, "取水许可", "", "", catalog.Exact},
		{"persons", catalog.Query{Text: "个体工商户设立", Audience: "person"}, "个体工商户设立登记", "", "", catalog.Exact},
		{"quotes and operators", catalog.Query{Text: `食品' OR "1"=1 -- %_\`}, "", "", "", ""},
		{"full-width letters", catalog.Query{Text: "ＳＰＪＹＸＫ"}, "食品经营许可", "", "", catalog.Exact},
		{"only marks", catalog.Query{Text: "？？！"}, "", "", "", catalog.Exact},
		{"one character", catalog.Query{Text: "烟"}, "烟", "", "", catalog.Exact},
		{"a whole letter", catalog.Query{Text: strings.Repeat("我要办理食品经营许可", 50)}, "", "", "", ""},
	} {
		found, err := s.Search(ctx, c.q)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if len(found.Rows) == 0 {
			t.Errorf("%s: a dead end", c.why)
			continue
		}
		if top := found.Rows[0]; !strings.HasPrefix(top.Name, c.first) || (c.org != "" && top.OrgCode != c.org) {
			t.Errorf("%s: first is %s at %s, want %s %s", c.why, top.Name, top.OrgCode, c.first, c.org)
		}
		if (c.match != "" && found.Match != c.match) || found.Region != c.region {
			t.Errorf("%s: match %s in %q, want %s in %q", c.why, found.Match, found.Region, c.match, c.region)
		}
		if (found.Match == catalog.Near) != (len(found.DidYouMean) > 0) {
			t.Errorf("%s: did you mean %v", c.why, found.DidYouMean)
		}
	}
}

func testPagesAreCompleteAndWithoutDoubles(ctx context.Context, t *testing.T, s *catalog.Service) {
	for _, q := range []catalog.Query{
		{Text: "许可"}, {}, {Region: "421303000000"}, {OrgCode: "sz-sfj"}, {Theme: "natural:135", Audience: "person"},
	} {
		seen := map[string]bool{}
		q.Page.Size = 100
		for {
			found, err := s.Search(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range found.Rows {
				if seen[r.ID] {
					t.Fatalf("%+v: %s twice", q, r.Name)
				}
				seen[r.ID] = true
			}
			if found.Next == "" {
				break
			}
			q.Page.Cursor = found.Next
		}
		var want int
		err := s.DB.Pool.QueryRow(ctx, `SELECT count(*) FROM catalog.item WHERE (regexp_replace(name, '[^[:alnum:]]', '', 'g') LIKE '%' || $1 || '%' OR $1 = '')
			AND (region LIKE $2 || '%') AND (org_code = $3 OR $3 = '') AND ($4 = '' OR $4 = ANY(themes)) AND ($5 = '' OR '1' = ANY(audience))`,
			q.Text, strings.TrimRight(q.Region, "0"), q.OrgCode, q.Theme, q.Audience).Scan(&want)
		if err != nil {
			t.Fatal(err)
		}
		// Everyday names are searched too, so words may find more than names do.
		if len(seen) < want || (q.Text == "" && len(seen) != want) {
			t.Errorf("%+v: %d rows, want %d", q, len(seen), want)
		}
	}
	_, err := s.Search(ctx, catalog.Query{Page: page.Request{Cursor: "nonsense"}})
	wantFault(t, err, "page.bad-cursor")
	_, err = s.Search(ctx, catalog.Query{Page: page.Request{Cursor: page.Encode(map[string]any{"r": 1, "i": "'; DROP", "m": "exact"})}})
	wantFault(t, err, "page.bad-cursor")
}

func testSuggest(ctx context.Context, t *testing.T, s *catalog.Service) {
	for text, want := range map[string]string{"食": "食", "食品经": "食品经营许可", "sp": "食品", "gtgsh": "个体工商户"} {
		rows, err := s.Suggest(ctx, text, "")
		if err != nil || len(rows) == 0 || len(rows) > 8 || !strings.Contains(rows[0].Name, want) {
			t.Errorf("%s: %v %v", text, rows, err)
		}
	}
	if rows, err := s.Suggest(ctx, "魑魅魍魉", ""); err != nil || len(rows) != 0 {
		t.Errorf("nothing to suggest: %v %v", rows, err)
	}
}

func testCounts(ctx context.Context, t *testing.T, s *catalog.Service) {
	themes, err := s.Themes(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, th := range themes {
		kinds[th.Kind]++
		if s.ThemeName(th.Code) != th.Name || th.Name == "" {
			t.Errorf("theme %+v", th)
		}
	}
	if kinds["natural"] != 32 || kinds["legal"] != 35 {
		t.Errorf("themes %v, want the national 32 and 35", kinds)
	}
	regions, err := s.Regions(ctx)
	if err != nil || len(regions) != 5 || regions[0].Name != "随州市" || regions[1].Name != "曾都区" {
		t.Fatalf("regions %+v %v", regions, err)
	}
	departments, err := s.Departments(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, d := range departments {
		sum += d.Count
	}
	if sum != regions[0].Count || len(departments) < 40 || departments[0].Region != "421300000000" {
		t.Errorf("%d items at %d departments, %d in the city", sum, len(departments), regions[0].Count)
	}
	county, err := s.Departments(ctx, "421303000000")
	if err != nil || len(county) == 0 || !strings.HasPrefix(county[0].Code, "zd-") {
		t.Errorf("county departments %v %v", county, err)
	}
}
