package idcode_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onedoor/internal/kernel/idcode"
)

// vectors reads a file of data/ids without its heading.
func vectors(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "data", "ids", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows[1:]
}

func TestCitizenVectors(t *testing.T) {
	for _, v := range vectors(t, "citizen-id-vectors.csv") {
		if got := idcode.ValidCitizen(v[0]); got != (v[1] == "1") {
			t.Errorf("%s (%s): valid %v", v[0], v[2], got)
		}
	}
}

func TestCitizenForms(t *testing.T) {
	for _, in := range []string{"11010519491231002X", "11010519491231002x", "110105491231002", " 11010519491231002x "} {
		if got, ok := idcode.NormalCitizen(in); !ok || got != "11010519491231002X" {
			t.Errorf("NormalCitizen(%q) = %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "1101051949123100", "11010519491231002Y", "000000000000000000", "１１０１０５19491231002X"} {
		if idcode.ValidCitizen(in) {
			t.Errorf("%q must not be valid", in)
		}
	}
}

func TestCitizenBirth(t *testing.T) {
	y, m, d, male, ok := idcode.CitizenBirth("421303200002290015")
	if !ok || y != 2000 || m != 2 || d != 29 || !male {
		t.Errorf("got %d-%d-%d male %v ok %v", y, m, d, male, ok)
	}
	if _, _, _, _, ok := idcode.CitizenBirth("421303200102290011"); ok {
		t.Error("29 February 2001 did not exist")
	}
}

func TestUSCCVectors(t *testing.T) {
	for _, v := range vectors(t, "uscc-vectors.csv") {
		if got := idcode.ValidUSCC(v[0]); got != (v[1] == "1") {
			t.Errorf("%s (%s): valid %v", v[0], v[2], got)
		}
	}
}

// Three identifiers seen on licences in circulation. Only the first obeys the
// standard; the others show why a wrong check character is flagged and not
// refused: the second writes the right value 13 as the 13th letter (M for D),
// the third (X for 2) follows no routine we know.
func TestLicenceIDVectors(t *testing.T) {
	right := map[string]byte{"S": 'S', "M": 'D', "X": '2'}
	for _, v := range vectors(t, "ecert-id-vectors.csv") {
		id, ok, err := idcode.ParseLicenceID(v[0])
		if err != nil {
			t.Errorf("%s: %v", v[0], err)
			continue
		}
		check, err := id.Check()
		if err != nil || check != right[v[1]] || ok != (v[1][0] == check) {
			t.Errorf("%s: check %c, accepted %v, %v", v[0], check, ok, err)
		}
		if ok && id.String() != v[0] {
			t.Errorf("%s came back as %s", v[0], id)
		}
	}
}

func TestLicenceIDsInCirculation(t *testing.T) {
	for id, want := range map[string]bool{
		"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U": true,
		"1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0":  true,
		"1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F":     true,
		"1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9":               true,  // a region as issuer
		"1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.8":               false, // wrong check: flagged, still read
	} {
		if _, ok, err := idcode.ParseLicenceID(id); err != nil || ok != want {
			t.Errorf("%s: ok %v, %v", id, ok, err)
		}
	}
	for _, id := range []string{
		"", "1.2.156.3005.2", "1.2.156.3005.3.11100000MB03271699022.340100.000000016.001.9",
		"1.2.156.3005.2.short.340100.000000016.001.9", "1.2.156.3005.2.11100000MB03271699022.340100..001.9",
		"1.2.156.3005.2.11100000MB03271699022.340100.00a.001.9", "1.2.156.3005.2.11100000MB03271699022.340100.1.001.99",
	} {
		if _, _, err := idcode.ParseLicenceID(id); err == nil {
			t.Errorf("%q must not parse", id)
		}
	}
}

func TestLicenceIDValidateIsStrict(t *testing.T) {
	good := idcode.LicenceID{Type: "11100000000013338W011", Issuer: "11430000006122244L", Serial: "20230000403", Version: "002"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*idcode.LicenceID){
		"issuer is a region": func(id *idcode.LicenceID) { id.Issuer = "421300" },
		"type too short":     func(id *idcode.LicenceID) { id.Type = id.Type[:20] },
		"serial empty":       func(id *idcode.LicenceID) { id.Serial = "" },
		"serial too long":    func(id *idcode.LicenceID) { id.Serial = strings.Repeat("1", 33) },
		"version letters":    func(id *idcode.LicenceID) { id.Version = "A01" },
	} {
		id := good
		spoil(&id)
		if id.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCaseNo(t *testing.T) {
	// 23:30 UTC is the next legal day in Shanghai.
	day := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	no := idcode.NewCaseNo("421300", day, 42)
	if !strings.HasPrefix(no, "421300202611230000042") || len(no) != 22 || !idcode.ValidCaseNo(no) {
		t.Errorf("case number %s", no)
	}
	if got := idcode.NewCaseNo("421300", day, 9_999_999); got[14:21] != "9999999" {
		t.Errorf("last decimal serial: %s", got)
	}
	if got := idcode.NewCaseNo("421300", day, 10_000_000); got[14:21] != "A000000" || !idcode.ValidCaseNo(got) {
		t.Errorf("first lettered serial: %s", got)
	}
	for _, bad := range []string{"", no[:21], no + "0", strings.ToLower("4213002026112300A004") + "xx", "421300202613230000042" + no[21:]} {
		if idcode.ValidCaseNo(bad) {
			t.Errorf("%q must not be valid", bad)
		}
	}
}

func TestEveryWrongCharacterIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9A-Z]{1,60}`).Draw(t, "body")
		check, err := idcode.Mod3736(body)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(body)-1).Draw(t, "place")
		wrong := rapid.StringMatching(`[0-9A-Z]`).Draw(t, "character")
		if wrong == body[i:i+1] {
			return
		}
		if got, _ := idcode.Mod3736(body[:i] + wrong + body[i+1:]); got == check {
			t.Fatalf("%s with %s at %d keeps check %c", body, wrong, i, check)
		}
	})
}

func TestMadeNumbersAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 46000).Draw(t, "day"))
		first := "421303" + day.Format("20060102") + rapid.StringMatching(`[0-9]{3}`).Draw(t, "order")
		check, err := idcode.CitizenCheck(first)
		if err != nil || !idcode.ValidCitizen(first+string(check)) {
			t.Fatalf("%s%c, %v", first, check, err)
		}
		org := "91421300" + rapid.StringMatching(`[0-9A-HJ-NPQRTUWXY]{9}`).Draw(t, "organisation")
		if check, err = idcode.USCCCheck(org); err != nil || !idcode.ValidUSCC(org+string(check)) {
			t.Fatalf("%s%c, %v", org, check, err)
		}
		a := idcode.NewCaseNo("421303", day, rapid.Int64Range(0, 1<<35).Draw(t, "serial"))
		if !idcode.ValidCaseNo(a) {
			t.Fatal(a)
		}
	})
}

func TestCheckRefusesForeignCharacters(t *testing.T) {
	if _, err := idcode.CitizenCheck("4213032000022900x"); err == nil {
		t.Error("citizen body with a letter")
	}
	if _, err := idcode.USCCCheck("91350100M000100YI"); err == nil {
		t.Error("USCC body with an I")
	}
	if _, err := idcode.Mod3736("a"); err == nil {
		t.Error("lower-case letter")
	}
}

func FuzzParseLicenceID(f *testing.F) {
	f.Add("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9")
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok, err := idcode.ParseLicenceID(s); err == nil && ok && id.String() != strings.TrimSpace(s) {
			t.Errorf("%q came back as %q", s, id)
		}
	})
}
