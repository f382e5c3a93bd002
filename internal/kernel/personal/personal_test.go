package personal

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		in, want string
	}{
		{ID, "42130319900307002X", "421303********002X"},
		{ID, "91421300MA4900XK1B", "914213********XK1B"},
		{ID, "123", "***"},
		{ID, "", ""},
		{Phone, "13800000001", "138****0001"},
		{Account, "6222021714000123456", "***************3456"},
		{Name, "林晓梅", "林**"},
		{Name, "王磊", "王*"},
		{Name, "欧阳修", "欧阳*"},
		{Name, "王", "*"},
		{Address, "随州市曾都区烈山大道88号2单元301", "随州市曾都区烈山大道****"},
		{Address, "湖北省随州市随县厉山镇星炬村三组12号", "湖北省随州市随县厉山镇星炬村****"},
		{Address, "幸福家园三单元", "幸福****"},
		{Address, "", ""},
		{Other, "abcdefgh", "ab****gh"},
		{None, "食品经营", "食品经营"},
	} {
		if got := c.kind.Mask(c.in); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.kind, c.in, got, c.want)
		}
	}
}

func TestTextWithNumbersInIt(t *testing.T) {
	for in, want := range map[string]string{
		"请联系 13800000001 或 0722-3310000": "请联系 138****0001 或 0722-3310000",
		"身份证42130319920815004X有误":        "身份证421303********004X有误",
		"办件 4213002026112200000017K":     "办件 4213002026112200000017K",
		"订单 138000000011":                "订单 138000000011",
		"没有号码":                           "没有号码",
	} {
		if got := MaskText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

const filled = `{"name":"曾都区晓梅小吃店","uscc":"92421303MA4F00002K","id_number":"42130319920815004X","phone":"13800000001",
	"address_region":"421303","address":"随州市曾都区烈山大道88号","residence":"随州市曾都区沿河路5号","birth":{"mother_address":"随州市随县解放路9号"},
	"shareholders":[{"name":"王磊","id_number":"42130319850312003X"},{"name":"随州某公司"}],"matter":"请打13800000002","bank_account":"6222021714000123456","tags":["x","13800000003"],"secret":"甲乙丙丁戊己庚辛"}`

func form(t interface{ Fatal(...any) }) map[string]any {
	var m map[string]any
	if err := json.Unmarshal([]byte(filled), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestForm(t *testing.T) {
	m := form(t)
	got := Form(m, []string{"secret"}, nil)
	raw, _ := json.Marshal(m)
	for _, whole := range []string{"42130319920815004X", "42130319850312003X", "13800000001", "13800000002", "13800000003", "6222021714000123456", "沿河路5号", "解放路9号", "甲乙丙丁戊己庚辛"} {
		if strings.Contains(string(raw), whole) {
			t.Errorf("%s is shown: %s", whole, raw)
		}
	}
	for _, open := range []string{"92421303MA4F00002K", "烈山大道88号", "曾都区晓梅小吃店", "王磊", "421303********004X"} {
		if !strings.Contains(string(raw), open) {
			t.Errorf("%s is hidden", open)
		}
	}
	want := "bank_account birth/mother_address id_number matter phone residence secret shareholders/0/id_number tags/1"
	var paths []string
	for _, f := range got {
		paths = append(paths, f.Path)
	}
	if strings.Join(paths, " ") != want {
		t.Errorf("masked %v", paths)
	}
	m = form(t)
	Form(m, nil, func(p string) bool { return p == "phone" })
	if m["phone"] != "13800000001" || m["id_number"] == "42130319920815004X" {
		t.Errorf("one field was asked for: %v", m)
	}
}

// However a number is wrapped, it does not come out whole.
func TestNoNumberEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phone := "1" + rapid.StringMatching(`[3-9][0-9]{9}`).Draw(t, "phone")
		before := rapid.StringMatching(`[^0-9]{0,10}`).Draw(t, "before")
		after := rapid.StringMatching(`[^0-9]{0,10}`).Draw(t, "after")
		if got := MaskText(before + phone + after); strings.Contains(got, phone) {
			t.Fatalf("%q", got)
		}
	})
}
