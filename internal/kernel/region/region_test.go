package region_test

import (
	"encoding/csv"
	"testing"

	"pgregory.net/rapid"

	"onedoor/data"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/region"
)

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		code   region.Code
		level  int
		parent region.Code
		prefix string
	}{
		{"420000000000", region.Province, "", "42"},
		{"421300000000", region.City, "420000000000", "4213"},
		{"421303000000", region.County, "421300000000", "421303"},
		{"421303001000", region.Town, "421303000000", "421303001"},
		{"421303001001", region.Village, "421303001000", "421303001001"},
		{"421381400000", region.Town, "421381000000", "421381400"},
		{"000000000000", 0, "", ""},
		{"4213", 0, "", ""},
		{"42130300100x", 0, "", ""},
		{"", 0, "", ""},
	} {
		if got := c.code.Level(); got != c.level {
			t.Errorf("%q: level %d, want %d", c.code, got, c.level)
		}
		if got := c.code.Parent(); got != c.parent {
			t.Errorf("%q: parent %q, want %q", c.code, got, c.parent)
		}
		if got := c.code.Prefix(); got != c.prefix {
			t.Errorf("%q: prefix %q, want %q", c.code, got, c.prefix)
		}
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]region.Code{
		"42": "420000000000", "4213": "421300000000", "421303": "421303000000",
		"421303001": "421303001000", " 421303001001 ": "421303001001",
	} {
		if got, err := region.Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "4", "42130", "0213", "42a3", "4213030010011", "四二一三"} {
		if _, err := region.Parse(in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Parse(%q): %v, want an invalid fault", in, err)
		}
	}
}

func TestShippedDivisionsFormOneTree(t *testing.T) {
	f, err := data.FS.Open(data.Divisions)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows)-1 != 1064 {
		t.Fatalf("%d divisions, want 1064", len(rows)-1)
	}
	want := map[string]int{"市": region.City, "县": region.County, "乡": region.Town, "村": region.Village}
	for _, row := range rows[1:] {
		code := region.Code(row[0])
		if code.Level() != want[row[2]] || string(code.Parent()) != row[4] || !code.Parent().Contains(code) {
			t.Errorf("%v: level %d, parent %s", row, code.Level(), code.Parent())
		}
	}
}

func TestContainsIsTheGrantsRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[1-9][0-9](00|[0-9]{2})(00|[0-9]{2})(000|[0-9]{3})(000|[0-9]{3})`)
		a, b := code.Draw(t, "a"), code.Draw(t, "b")
		if got, want := region.Code(a).Contains(region.Code(b)), actor.InRegion(b, a); got != want {
			t.Fatalf("%s contains %s: %v, the rights engine says %v", a, b, got, want)
		}
	})
}
