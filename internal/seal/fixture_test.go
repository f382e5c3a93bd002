package seal

import (
	"bytes"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/ofd"
)

var today = time.Date(2026, 11, 22, 9, 30, 0, 0, clock.Shanghai)

// house is an authority, a department with a seal, and what a checker trusts.
type house struct {
	ca      map[string]keyPair
	trust   Trust
	dept    keyPair
	eseal   []byte
	picture []byte
}

var built = sync.OnceValues(func() (*house, error) {
	h := &house{ca: map[string]keyPair{}}
	for _, p := range []struct {
		role, parent string
		ca           bool
	}{{roleRoot, roleRoot, true}, {roleIssuer, roleRoot, true}, {roleMaker, roleRoot, false}} {
		pair, err := issue(certificatePlan{
			subject: pkix.Name{CommonName: "测试" + p.role}, ca: p.ca,
			from: today.AddDate(-1, 0, 0), to: today.AddDate(20, 0, 0),
		}, h.ca[p.parent])
		if err != nil {
			return nil, err
		}
		h.ca[p.role] = pair
	}
	var err error
	h.dept, err = issue(certificatePlan{
		subject: departmentName("随州市市场监督管理局", "11421300MB1111111X"),
		from:    today.AddDate(-1, 0, 0), to: today.AddDate(9, 0, 0),
	}, h.ca[roleIssuer])
	return h, err
})

func newHouse(t testing.TB) *house {
	t.Helper()
	base, err := built()
	if err != nil {
		t.Fatal(err)
	}
	h := *base
	parse := func(role string) []*certificate {
		c, err := parseCertificate(h.ca[role].cert.Raw)
		if err != nil {
			t.Fatal(err)
		}
		return []*certificate{c}
	}
	h.picture = []byte("\x89PNG a picture")
	h.eseal = h.seal(t, h.plan())
	h.trust = Trust{
		roots: parse(roleRoot), issuers: parse(roleIssuer), makers: parse(roleMaker), at: today.Add(time.Hour),
		register: map[string]registered{"42130000000001": {Active, today.AddDate(-1, 0, 0), h.serial(t)}},
	}
	return &h
}

func (h *house) serial(t testing.TB) string {
	t.Helper()
	c, err := parseCertificate(h.dept.cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return c.serial
}

func (h *house) plan() sealPlan {
	return sealPlan{
		id: "42130000000001", name: "随州市市场监督管理局电子证照专用章", cert: h.dept.cert.Raw,
		created: today.AddDate(0, -6, 0), from: today.AddDate(0, -6, 0), to: today.AddDate(9, 0, 0), picture: h.picture, size: 42,
	}
}

func (h *house) seal(t testing.TB, p sealPlan) []byte {
	t.Helper()
	eseal, err := makeSeal(p, h.ca[roleMaker])
	if err != nil {
		t.Fatal(err)
	}
	return eseal
}

func (h *house) signing() signing {
	return signing{eseal: h.eseal, cert: h.dept.cert.Raw, key: h.dept.key, company: "随州市市场监督管理局"}
}

func (h *house) sign(t testing.TB, w signing) []byte {
	t.Helper()
	signed, err := signOFD(document(t), w, planAt(today, []Stamp{{Page: 1, X: 130, Y: 220}}))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

var testFont = sync.OnceValues(func() (*ofd.Font, error) {
	var t testing.T
	return ofd.ParseFont("文泉驿微米黑", sealFont(&t))
})

func document(t testing.TB) []byte {
	t.Helper()
	f, err := testFont()
	if err != nil {
		t.Fatal(err)
	}
	d := ofd.New(ofd.Info{DocID: strings.Repeat("a1", 16), Title: "食品经营许可证", Created: today, Custom: []ofd.CustomData{{Name: "ZZMC", Value: "食品经营许可证"}}})
	p := d.Page(210, 297)
	p.TextCenter(105, 60, "食品经营许可证", ofd.Style{Fonts: []*ofd.Font{f}, Size: 12})
	p.Text(30, 100, "经营者名称：随州市好味道餐饮有限公司", ofd.Style{Fonts: []*ofd.Font{f}, Size: 5})
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// result is the outcome of one check in a report, "" when it was not made.
func result(r Report, code string) string {
	out := ""
	for _, c := range r.Checks {
		if c.Code == code && (out == "" || c.Result == Fail) {
			out = c.Result
		}
	}
	return out
}

// rezip packs files in the canonical order again, so that only the content tells.
func rezip(t testing.TB, data []byte, change map[string][]byte) []byte {
	t.Helper()
	pkg, err := ofd.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	var files []ofd.File
	for _, name := range pkg.Names() {
		content, _ := pkg.File(name)
		if c, ok := change[name]; ok {
			if c == nil {
				continue
			}
			content = c
		}
		files = append(files, ofd.File{Name: name, Data: content})
	}
	for name, c := range change {
		if _, ok := pkg.File(name); !ok {
			files = append(files, ofd.File{Name: name, Data: c})
		}
	}
	return ofd.Pack(files)
}

func part(t testing.TB, data []byte, name string) []byte {
	t.Helper()
	pkg, err := ofd.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	content, ok := pkg.File(name)
	if !ok {
		t.Fatalf("no %s", name)
	}
	return bytes.Clone(content)
}

func bareSignature(t testing.TB, der []byte) []byte {
	t.Helper()
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var r, s big.Int
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1Integer(&r) || !seq.ReadASN1Integer(&s) {
		t.Fatal("not a DER signature")
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func digestOf(b []byte) []byte {
	d := sm3.Sum(b)
	return d[:]
}
