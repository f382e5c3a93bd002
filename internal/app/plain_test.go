package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"onedoor/data"
	"onedoor/internal/app"
	"onedoor/internal/story"
)

// Personal data by its form: ID numbers, mobiles, credit codes of traders (individuals).
var personalShapes = []*regexp.Regexp{
	regexp.MustCompile(`\b[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]\b`), regexp.MustCompile(`\b1[3-9][0-9]{9}\b`), regexp.MustCompile(`\b92[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}\b`),
}

// homes are fields of the forms that say where a person lives or is reached, and accounts.
var homes = regexp.MustCompile(`"(?:residence|mother_address|home_address|contact_address|bank_account|agent_name)":\s*"([^"]{4,})"`)

// usedNumbers are what the seeds and the story put in: every number in a form's example,
// and those of the made-up people.
func usedNumbers(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{
		"42130319920815004": true, "42130319850312003": true, "13800000001": true, "13800000002": true,
		"421303199606012": true, "13700004321": true, "13600005678": true, "六十甲子路七号": true,
	}
	names, err := fs.Glob(data.FS, "forms/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(data.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Schema struct {
				Examples json.RawMessage `json:"examples"`
			} `json:"schema"`
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		for _, shape := range personalShapes {
			for _, n := range shape.FindAllString(string(d.Schema.Examples), -1) {
				out[n] = true
			}
		}
		for _, m := range homes.FindAllStringSubmatch(string(d.Schema.Examples), -1) {
			if !regexp.MustCompile(`^[ -~]*$`).MatchString(m[1]) { // no code of a list
				out[m[1]] = true
			}
		}
	}
	return out
}

// faces are the ways in which a text can stand in a dump or a file.
func faces(text string) map[string][]byte {
	raw := []byte(text)
	var wide []byte
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u>>8), byte(u))
	}
	out := map[string][]byte{"plain": raw, "hex": []byte(hex.EncodeToString(raw)), "UTF-16": wide, "UTF-16 in hex": []byte(hex.EncodeToString(wide))}
	quoted, _ := json.Marshal(text)
	out["JSON"] = bytes.Trim(quoted, `"`)
	for shift := range 3 { // Base64 looks different at each of three places
		padded := append(bytes.Repeat([]byte{0}, shift), raw...)
		coded := base64.StdEncoding.EncodeToString(padded)
		from, to := (shift*8+5)/6, (shift+len(raw))*8/6
		out["Base64 "+string(rune('0'+shift))] = []byte(coded[from:to])
	}
	return out
}

func TestFacesAreFound(t *testing.T) {
	for _, shift := range []int{0, 1, 2, 3, 7} {
		hidden := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + "13800000001" + "yy"))
		found := false
		for _, f := range faces("13800000001") {
			found = found || bytes.Contains([]byte(hidden), f)
		}
		if !found {
			t.Errorf("not found in Base64 behind %d bytes", shift)
		}
	}
}

// The whole story is played; then neither a dump of the database nor the file store holds
// a single number of anybody, however it is written.
func TestNothingPersonalLiesInPlain(t *testing.T) {
	t.Parallel()
	p := newCityProcess(t, "--no-rate-limit")
	p.start()
	db := p.database(t)
	for _, s := range app.DemoStories(p.base) {
		if err := s.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.Search, err)
		}
	}
	// What people write where nobody expects it: in an opinion, a note, a file's name, a file.
	citizen, clerk, reviewer := signedIn(t, p.base, citizenLogin), signedIn(t, p.base, "chuangkou"), signedIn(t, p.base, "shenhe1")
	newCaller(p.base).must(t, "POST", "/api/accounts", map[string]string{"name": "吴小雨", "id_number": "42130319960601201" + check("42130319960601201"), "phone": "13700004321", "password": "Onedoor@2026-x"}, nil)
	item := generalItems(t, citizen, 1)[0]
	var filled map[string]any
	if err := json.Unmarshal(example(t, citizen, "general"), &filled); err != nil {
		t.Fatal(err)
	}
	filled["address"], filled["matter"] = "随州市曾都区六十甲子路七号", "请打 13600005678，六十甲子路七号，身份证 42130319960601201"
	var d draft
	citizen.must(t, "POST", "/api/drafts", map[string]string{"item_id": item.ID}, &d)
	citizen.must(t, "PUT", "/api/drafts/"+d.ID, map[string]any{"form": filled, "version": d.Version}, &d)
	citizen.must(t, "POST", "/api/drafts/"+d.ID+"/files?material=M01&name=13600005678.png", picture(), nil)
	var kase applied
	citizen.must(t, "POST", "/api/cases", map[string]any{"item_id": item.ID, "form": filled, "promise": true}, &kase, "Idempotency-Key", story.Key())
	path := "/api/desk/cases/" + kase.CaseNo
	clerk.must(t, "POST", path+"/request-supplement", map[string]any{
		"version": kase.Version, "note": "已电话 13600005678 告知", "items": []any{map[string]string{"material": "form", "what": "身份证 42130319960601201 有误，地址六十甲子路七号不全"}},
	}, &kase)
	citizen.must(t, "POST", "/api/cases/"+kase.CaseNo+"/supplement", map[string]any{"version": kase.Version, "note": "我的电话是 13600005678"}, &kase)
	reviewer.must(t, "POST", path+"/unmask", map[string]any{"purpose": "contact", "words": "核实联系地址", "fields": []string{"address"}}, nil)
	p.await("events and jobs", 60*time.Second, func() bool { return quiet(t, db) })

	_, socket := p.postmaster()
	dump, err := exec.Command(pgDump(t), "--no-owner", "-h", socket, "-U", "onedoor", "onedoor").Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(dump, []byte(kase.CaseNo)); n == 0 {
		t.Fatal("the dump does not even hold the case")
	}
	where := map[string][]byte{"the dump": dump}
	files := 0
	err = filepath.WalkDir(filepath.Join(p.data, "files"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		where[path] = raw
		if filepath.Ext(path) != ".attrs" {
			files++
			if !bytes.HasPrefix(raw, []byte("ODF\x01")) {
				t.Errorf("%s is not sealed", path)
			}
		}
		return err
	})
	if err != nil || files < 10 {
		t.Fatalf("%d files, %v", files, err)
	}
	used := usedNumbers(t)
	for _, number := range slices.Sorted(maps.Keys(used)) {
		for face, f := range faces(number) {
			for place, text := range where {
				if at := bytes.Index(text, f); at >= 0 {
					t.Errorf("%s as %s in %s: …%q", number, face, place, around(dump, text, at))
				}
			}
		}
	}
	t.Logf("looked for %d numbers and addresses in a dump of %d kB and %d files", len(used), len(dump)/1024, files)
}

// around shows where a find stands, with the table when it is in the dump.
func around(dump, text []byte, at int) string {
	table := ""
	if len(dump) == len(text) {
		if i := bytes.LastIndex(text[:at], []byte("\nCOPY ")); i >= 0 {
			table, _, _ = strings.Cut(string(text[i+1:min(i+90, len(text))]), "(")
		}
	}
	return table + ": " + string(text[max(0, at-60):min(at+60, len(text))])
}

func pgDump(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("pg_dump"); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if len(found) == 0 {
		t.Fatal("pg_dump is missing: tools/setup.sh test")
	}
	return found[len(found)-1]
}

// check is the check character of a citizen's number.
func check(first17 string) string {
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(first17[i]-'0') * w
	}
	return string("10X98765432"[sum%11])
}
