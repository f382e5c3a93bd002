package catalog_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"onedoor/internal/catalog"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/page"
)

func unzipped(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open("../../data/items/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRealSourcesLoseNothing(t *testing.T) {
	t.Parallel()
	s, ctx := empty(t)
	for _, c := range []struct {
		source, file             string
		read, added, quarantined int
		reasons                  map[string]int
	}{
		{"guangdong", "gd-policy.jsonl.gz", 2262, 2046, 216, map[string]int{"uscc-check": 6, "no-department": 210}},
		{"guangan", "guangan-items.csv.gz", 1135, 977, 158, map[string]int{"local-code-shape": 147, "uscc-check": 7, "no-department": 4}},
	} {
		raw := unzipped(t, c.file)
		rep, err := s.Import(ctx, c.source, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if rep.Read != c.read || rep.Added != c.added || rep.Quarantined != c.quarantined || rep.Changed != 0 || rep.Same != 0 {
			t.Errorf("%s first: %+v", c.source, rep)
		}
		before := fingerprint(ctx, t, s)
		rep, err = s.Import(ctx, c.source, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if rep.Read != c.read || rep.Same != c.added || rep.Added != 0 || rep.Changed != 0 || rep.Quarantined != c.quarantined {
			t.Errorf("%s again: %+v", c.source, rep)
		}
		if after := fingerprint(ctx, t, s); after != before {
			t.Errorf("%s: importing again changed what is stored", c.source)
		}
		reasons, err := s.ImportReasons(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reasons {
			if r.Source == c.source && r.Rows != c.reasons[r.Reason] {
				t.Errorf("%s: %d rows for %s (%s), want %d", c.source, r.Rows, r.Reason, r.Message, c.reasons[r.Reason])
			}
		}
		if n := listed(ctx, t, s, c.source); n != c.quarantined {
			t.Errorf("%s: the report lists %d rows, want %d", c.source, n, c.quarantined)
		}
	}
}

func fingerprint(ctx context.Context, t testing.TB, s *catalog.Service) string {
	t.Helper()
	var out string
	err := s.DB.Pool.QueryRow(ctx, `SELECT
		(SELECT md5(string_agg(i::text || d::text, '' ORDER BY i.id)) FROM catalog.item i JOIN catalog.detail d ON d.item_id = i.id) ||
		(SELECT md5(string_agg(q::text, '' ORDER BY q.source, q.source_code)) FROM catalog.quarantine q)`).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func listed(ctx context.Context, t testing.TB, s *catalog.Service, source string) int {
	t.Helper()
	n, seen := 0, map[string]bool{}
	p := page.Request{Size: 50}
	for {
		list, err := s.ImportReport(ctx, source, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list.Rows {
			if q.Message == "" || seen[q.SourceCode] {
				t.Errorf("row %+v is listed twice or without a reason", q)
			}
			seen[q.SourceCode] = true
			n++
		}
		if list.Next == "" {
			return n
		}
		p.Cursor = list.Next
	}
}

func testEveryRowIsKeptAsWritten(ctx context.Context, t *testing.T, s *catalog.Service) {
	n := 0
	for _, line := range bytes.Split(bytes.TrimSpace(unzipped(t, "gd-policy.jsonl.gz")), []byte("\n")) {
		var row struct {
			Code string `json:"TASK_CODE"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		kept, err := s.SourceRow(ctx, catalog.ItemID("guangdong", row.Code))
		if err != nil {
			err = s.DB.Pool.QueryRow(ctx, `SELECT original FROM catalog.quarantine WHERE source = 'guangdong' AND source_code = $1`, row.Code).Scan(&kept)
		}
		if err != nil {
			t.Fatalf("row %s is lost: %v", row.Code, err)
		}
		if n++; n%97 == 0 && !sameJSON(t, kept, line) {
			t.Errorf("row %s is not kept as written", row.Code)
		}
	}
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return bytes.Equal(p, q)
}

func testGuangdongRowIsReadRight(ctx context.Context, t *testing.T, s *catalog.Service) {
	it, err := s.ItemByCode(ctx, "guangdong", "11440000006940116U2440102002003")
	if err != nil {
		t.Fatal(err)
	}
	if it.Name != "中小学地方课程教材初审" || it.OrgCode != "sz-jyj" || it.Region != "421300000000" || it.RegionName != "随州市" ||
		it.TaskType != "01" || it.StatutoryText() != "70个工作日" || it.PromiseText() != "18个工作日" || it.Visits != 0 || !it.Online ||
		len(it.Materials) != 4 || it.Materials[0].Code != "M01" || it.FormID != "general" || !it.ForPersons() || !it.ForLegal() {
		t.Errorf("%+v", it)
	}
	if len(it.LegalBasis) == 0 || it.LegalBasis[0].Law != "中华人民共和国义务教育法" || it.LegalBasis[0].Article != "第三十九条" {
		t.Errorf("legal basis %+v", it.LegalBasis)
	}
	if len(it.Themes) != 2 || it.Themes[0] != "natural:020" || it.Themes[1] != "legal:120" {
		t.Errorf("themes %v", it.Themes)
	}
	if strings.Contains(it.Places[0].Address, "广州") || it.Origin.Place == "" || strings.HasPrefix(it.Phone, "020") {
		t.Errorf("sends people to another province: %+v %s", it.Places, it.Phone)
	}
	variant, err := s.ItemByCode(ctx, "guangdong", "114401000007483180K344010900200105")
	if err == nil {
		t.Errorf("a code that is too long was found: %v", variant)
	}
	// A variant is told apart by its name; an unstated limit falls back on Art 42.
	variant, err = s.ItemByCode(ctx, "guangdong", "11440100007483172Q344010600400001")
	if err != nil || variant.Name != "保安员证核发（初次申领保安员证）" {
		t.Errorf("variant %v %v", variant, err)
	}
}

func TestHostileRows(t *testing.T) {
	t.Parallel()
	s, ctx := empty(t)
	row := func(change map[string]any) string {
		m := map[string]any{
			"TASK_CODE": "11440000006940116U2440102002003", "CATAID": "440102002003", "TASK_TYPE": "01", "matter_name": "某事项", "DEPT_NAME": "广东省教育厅",
			"matter_level": "省级", "visit_number": "0", "handle_time": "20(工作日)", "handle_time_limit": "5(工作日)", "service_object_name": []string{"自然人"}, "theme_category": "无", "material_intro": "无",
		}
		for k, v := range change {
			m[k] = v
		}
		raw, _ := json.Marshal(m)
		return string(raw)
	}
	lines := []string{
		row(nil),
		row(nil), // the same code again
		`{"TASK_CODE":`,
		`[1,2]`,
		row(map[string]any{"TASK_CODE": ""}),
		row(map[string]any{"TASK_CODE": "1144"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U3440102002003"}),
		row(map[string]any{"TASK_CODE": "11440000006940117U2440102002003"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002004"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002005", "CATAID": "440102002005", "handle_time": "二十天"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002006", "CATAID": "440102002006", "handle_time_limit": "21(工作日)"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002007", "CATAID": "440102002007", "TASK_TYPE": "77"}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002008", "CATAID": "440102002008", "service_object_name": []string{"火星人"}}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440102002009", "CATAID": "440102002009", "matter_name": ""}),
		row(map[string]any{"TASK_CODE": "11440000006940116U2440199002010", "CATAID": "440199002010", "DEPT_NAME": "某某协会"}),
	}
	rep, err := s.Import(ctx, "guangdong", strings.NewReader(strings.Join(lines, "\n")+"\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Read != len(lines) || rep.Added != 1 || rep.Quarantined != len(lines)-1 {
		t.Errorf("%+v, want one of %d", rep, len(lines))
	}
	list, err := s.ImportReport(ctx, "", page.Request{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	for _, q := range list.Rows {
		reasons[q.Reason]++
	}
	for reason, n := range map[string]int{
		"duplicate-code": 1, "unreadable": 2, "code-missing": 1, "task-code-shape": 1, "level-digit": 1, "uscc-check": 1, "catalog-code-mismatch": 1,
		"limit-text": 1, "promise-exceeds": 1, "task-type": 1, "audience": 1, "name-missing": 1, "no-department": 1,
	} {
		if reasons[reason] != n {
			t.Errorf("%s: %d rows, want %d (%v)", reason, reasons[reason], n, reasons)
		}
	}
	// A mended row leaves the quarantine and becomes an item; a changed one gets a new version.
	fixed := row(map[string]any{"TASK_CODE": "11440000006940116U2440102002005", "CATAID": "440102002005"}) + "\n" + row(map[string]any{"matter_name": "某事项改名"})
	rep, err = s.Import(ctx, "guangdong", strings.NewReader(fixed))
	if err != nil || rep.Added != 1 || rep.Changed != 1 {
		t.Errorf("mended: %+v %v", rep, err)
	}
	it, err := s.ItemByCode(ctx, "guangdong", "11440000006940116U2440102002003")
	if err != nil || it.Version != 2 || it.Name != "某事项改名" {
		t.Errorf("changed item: %+v %v", it, err)
	}
	if n := listed(ctx, t, s, "guangdong"); n != len(lines)-2 {
		t.Errorf("%d rows set aside, want %d", n, len(lines)-2)
	}
}

func TestImportNeedsTheRight(t *testing.T) {
	t.Parallel()
	s, _ := empty(t)
	_, err := s.Import(context.Background(), "guangdong", strings.NewReader(""))
	wantFault(t, err, "session.required")
	clerk := actor.With(context.Background(), &actor.Actor{Kind: actor.Staff, Grants: []actor.Grant{{Action: "intake.accept", OrgPath: "/sz/", Region: "421300000000"}}})
	_, err = s.Import(clerk, "guangdong", strings.NewReader(""))
	wantFault(t, err, "right.missing")
	_, err = s.ImportReport(clerk, "", page.Request{})
	wantFault(t, err, "right.missing")
	admin := actor.With(context.Background(), &actor.Actor{Kind: actor.System})
	_, err = s.Import(admin, "sichuan", strings.NewReader(""))
	wantFault(t, err, "catalog.unknown-source")
	if _, err = s.Import(admin, "guangan", strings.NewReader("a,b\n1,2\n")); err == nil {
		t.Error("a file with other columns was taken")
	}
}

func testCompleteItems(ctx context.Context, t *testing.T, s *catalog.Service) {
	files, err := os.ReadDir("../../data/items/complete")
	if err != nil {
		t.Fatal(err)
	}
	departments := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile("../../data/items/complete/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		var e struct {
			Slug string
			Orgs []string
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		for _, org := range e.Orgs {
			it, err := s.ItemByCode(ctx, "complete", org+"/"+e.Slug)
			if err != nil {
				t.Errorf("%s at %s: %v", e.Slug, org, err)
				continue
			}
			departments[strings.SplitN(org, "-", 2)[1]] = true
			checkCompleteItem(t, it)
		}
	}
	if len(files) < 12 || len(departments) < 10 {
		t.Errorf("%d items of %d departments", len(files), len(departments))
	}
}

// checkCompleteItem holds what we wrote to the national item checks.
func checkCompleteItem(t *testing.T, it *catalog.Item) {
	t.Helper()
	bad := func(what string) { t.Helper(); t.Errorf("%s (%s): %s", it.Name, it.OrgCode, what) }
	switch {
	case len(it.TaskCode) != 31 || !idcode.ValidUSCC(it.TaskCode[:18]) || it.TaskCode[19:] != it.CatalogCode:
		bad("task code " + it.TaskCode)
	case int(it.TaskCode[18]-'0') != it.UseLevel:
		bad("level digit")
	case it.Statutory().Unit == it.Promise().Unit && it.Promise().Value > it.Statutory().Value:
		bad("promise longer than the law")
	case (it.ProjectType == catalog.Instant) != (it.PromisedLimit.Value == 0):
		bad("instant without a limit of zero, or the reverse")
	case it.Phone == it.ComplaintPhone || !strings.HasPrefix(it.Phone, "0722-") || !strings.HasPrefix(it.ComplaintPhone, "0722-"):
		bad("phones")
	case len(it.FAQ) == 0 || len(it.Conditions) == 0 || len(it.LegalBasis) == 0 || len(it.Materials) == 0 || it.Summary == "" || it.Hours == "":
		bad("a part is missing")
	case it.ProjectType == catalog.Promised && len(it.Steps) < 5:
		bad("steps")
	case len(it.Places) == 0 || it.Places[0].Address == "":
		bad("place")
	case it.FormID == "general" || it.FormVersion < 1:
		bad("form")
	case it.Licence == nil || len(it.Licence.Type) != 21 || !idcode.ValidUSCC(it.Licence.Type[:18]) || it.Licence.Title == "":
		bad("licence type")
	case it.ForPersons() != hasTheme(it, "natural:") || it.ForLegal() != hasTheme(it, "legal:"):
		bad("audience and themes do not agree")
	}
}

func hasTheme(it *catalog.Item, kind string) bool {
	for _, t := range it.Themes {
		if strings.HasPrefix(t, kind) {
			return true
		}
	}
	return false
}
