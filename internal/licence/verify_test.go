package licence_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/licence"
	"onedoor/internal/platform/ofd"
)

// repack rewrites a package with its parts changed by edit.
func repack(t *testing.T, file []byte, edit func(name string, body []byte) []byte, extra ...string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, body []byte) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write(body)
	}
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r)
		_ = r.Close()
		if body = edit(f.Name, body); body != nil {
			put(f.Name, body)
		}
	}
	for _, name := range extra {
		put(name, []byte("混进来的文件"))
	}
	_ = w.Close()
	return out.Bytes()
}

func same(_ string, body []byte) []byte { return body }

// TestEveryForgeryIsFound: the verdict for each way to cheat.
func TestEveryForgeryIsFound(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	f, err := c.File(holder(t.Context()), l.ID, licence.OFD)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(part, old, by string) []byte {
		hit := false
		out := repack(t, f.Body, func(name string, body []byte) []byte {
			if strings.HasSuffix(name, part) && bytes.Contains(body, []byte(old)) {
				hit = true
				return bytes.Replace(body, []byte(old), []byte(by), 1)
			}
			return body
		})
		if !hit {
			t.Fatalf("%s holds no %q", part, old)
		}
		return out
	}
	flip := func(at int) []byte {
		b := bytes.Clone(f.Body)
		b[at] ^= 1
		return b
	}
	// A file truly sealed by the department that the register does not know.
	unknown := resealed(t, c, strings.Replace(l.Identifier, ".001.", ".002.", 1))
	// One that takes the identifier of a registered licence.
	double := resealed(t, c, l.Identifier)
	unsigned := plain(t, l.Identifier)

	for name, try := range map[string]struct {
		file []byte
		want licence.Verdict
	}{
		"as issued":                {f.Body, licence.VerdictValid},
		"holder's name changed":    {replace("Content.xml", "好味道", "好味儿"), licence.VerdictAltered},
		"metadata changed":         {replace("OFD.xml", "2031", "2099"), licence.VerdictAltered},
		"repacked, same parts":     {repack(t, f.Body, same), licence.VerdictAltered},
		"a file slipped in":        {repack(t, f.Body, same, "Doc_0/extra.xml"), licence.VerdictAltered},
		"trailing bytes":           {append(bytes.Clone(f.Body), "x"...), licence.VerdictAltered},
		"cut off":                  {f.Body[:len(f.Body)/2], licence.VerdictAltered},
		"sealed, not registered":   {unknown, licence.VerdictUnknown},
		"sealed, wrong content":    {double, licence.VerdictAltered},
		"not sealed, ours in name": {unsigned, licence.VerdictAltered},
		"not sealed, nobody's":     {plain(t, "1.2.3"), licence.VerdictUnknown},
		"no OFD at all":            {[]byte("%PDF-1.4"), licence.VerdictUnknown},
		"empty":                    {nil, licence.VerdictUnknown},
	} {
		rep, err := c.Verify(t.Context(), try.file)
		if err != nil || rep.Verdict != try.want {
			t.Errorf("%s: %s, want %s (%v) %s", name, rep.Verdict, try.want, err, rep.Summary)
		}
		if rep.Summary == "" || len(rep.Checks) == 0 {
			t.Errorf("%s: nothing is said of what was checked", name)
		}
		if try.want != licence.VerdictValid && rep.Licence != nil {
			t.Errorf("%s: tells of a licence", name)
		}
	}
	// A changed byte anywhere in the package is found.
	for at := 0; at < len(f.Body); at += 997 {
		if rep, err := c.Verify(t.Context(), flip(at)); err != nil || rep.Verdict == licence.VerdictValid {
			t.Errorf("byte %d of %d: %s (%v)", at, len(f.Body), rep.Verdict, err)
		}
	}
}

func plain(t *testing.T, identifier string) []byte {
	t.Helper()
	doc := ofd.New(ofd.Info{Title: "食品经营许可证", Created: clock.System{}.Now(), Custom: []ofd.CustomData{{Name: "ZZBS", Value: identifier}}})
	doc.Page(297, 210).Line(10, 10, 20, 20, 1, ofd.Color{})
	body, err := doc.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func resealed(t *testing.T, c *city, identifier string) []byte {
	t.Helper()
	body, err := c.seals.SignOFD(t.Context(), orgID, plain(t, identifier))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestVerifyByIdentifier(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	r := c.request(t, 2)
	r.HolderCodeType, r.HolderCode, r.HolderName = "111", "421303199001011234", "林晓梅"
	person, err := c.Issue(system(t.Context()), r)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := c.VerifyByCode(t.Context(), " "+strings.ToLower(l.Identifier)+" ")
	if err != nil || rep.Verdict != licence.VerdictValid || rep.Licence.HolderName != "随州市好味道餐饮有限公司" {
		t.Errorf("%v %+v", err, rep)
	}
	rep, err = c.VerifyByCode(t.Context(), person.Identifier)
	if err != nil || rep.Verdict != licence.VerdictValid || rep.Licence.HolderName != "林**" || rep.Licence.HolderMasked != "" {
		t.Errorf("an identifier is no secret, yet tells %+v (%v)", rep.Licence, err)
	}
	for _, wrong := range []string{l.Identifier[:len(l.Identifier)-1] + "0", strings.Replace(l.Identifier, ".001.", ".009.", 1), "", "随便写的", "1.2.156"} {
		rep, err := c.VerifyByCode(t.Context(), wrong)
		if err != nil || rep.Verdict != licence.VerdictUnknown || rep.Licence != nil {
			t.Errorf("%q: %+v (%v)", wrong, rep, err)
		}
	}
}

func TestPresentation(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	if _, err := c.Present(stranger(t.Context()), l.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger shows it: %v", err)
	}
	if _, err := c.Present(approver(t.Context(), "/sz/sz-scjg/"), l.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an official shows it: %v", err)
	}
	p, err := c.Present(holder(t.Context()), l.ID)
	if err != nil || len(p.Code) != 14 || !strings.Contains(p.URL, "/verify?code="+p.Code) {
		t.Fatalf("%+v %v", p, err)
	}
	if n := c.count(t, `SELECT count(*) FROM licence.presentations WHERE position(convert_to($1, 'UTF8') in code_sm3) > 0`, p.Code); n != 0 {
		t.Error("the code is kept in the clear")
	}
	for _, typed := range []string{p.Code, strings.ToLower(p.Code), strings.ReplaceAll(p.Code, "-", " "), strings.NewReplacer("0", "O", "1", "l").Replace(p.Code)} {
		rep, err := c.VerifyByCode(t.Context(), typed)
		if err != nil || rep.Verdict != licence.VerdictValid || rep.Licence.Number != l.Number {
			t.Errorf("%q: %+v (%v)", typed, rep, err)
		}
	}
	c.clock.Advance(licence.PresentationTerm)
	rep, err := c.VerifyByCode(t.Context(), p.Code)
	if err != nil || rep.Verdict != licence.VerdictUnknown || rep.Licence != nil {
		t.Errorf("a code outlives its minutes: %+v (%v)", rep, err)
	}
	c.clock.Advance(25 * 60 * 60 * 1e9)
	if _, err := c.Present(holder(t.Context()), l.ID); err != nil {
		t.Fatal(err)
	}
	if n := c.count(t, `SELECT count(*) FROM licence.presentations`); n != 1 {
		t.Errorf("%d codes are kept", n)
	}
}
