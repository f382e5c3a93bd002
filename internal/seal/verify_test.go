package seal

import (
	"bytes"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/smx509"

	"onedoor/internal/platform/ofd"
)

const (
	signDir      = "Doc_0/Signs/Sign_0/"
	signatureXML = signDir + "Signature.xml"
	pageXML      = "Doc_0/Pages/Page_0/Content.xml"
)

func TestSoundFileIsValid(t *testing.T) {
	h := newHouse(t)
	r := VerifyOFD(h.sign(t, h.signing()), h.trust, today.Add(time.Hour))
	if r.State != StateValid || !r.Valid {
		t.Fatalf("%s: %+v", r.State, r.Checks)
	}
	for _, c := range r.Checks {
		if c.Result != Pass || c.Name == "" || c.Detail == "" {
			t.Errorf("check %+v", c)
		}
	}
	if len(r.Checks) != 17 || r.Title != "食品经营许可证" || r.Custom[0].Value != "食品经营许可证" {
		t.Errorf("%d checks, %+v", len(r.Checks), r)
	}
	s := r.Signatures[0]
	if s.SealID != "42130000000001" || s.Signer != "随州市市场监督管理局" || !s.SignedAt.Equal(today) || s.Maker != "测试maker" {
		t.Errorf("%+v", s)
	}
	if again, err := ParseTrust(h.trust.Export()); err != nil || VerifyOFD(h.sign(t, h.signing()), again, today.Add(time.Hour)).State != StateValid {
		t.Errorf("with the exported trust: %v", err)
	}
}

// TestForgeries: each way to cheat is found, by the check made for it.
func TestForgeries(t *testing.T) {
	h := newHouse(t)
	good := h.sign(t, h.signing())
	other := newPair(t, "冒名单位", h.ca[roleIssuer], false)
	stranger := newPair(t, "外人根", keyPair{}, true)
	strangerLeaf := newPair(t, "随州市市场监督管理局", stranger, false)

	sealed := func(change func(*sealPlan)) signing {
		p := h.plan()
		change(&p)
		w := h.signing()
		w.eseal = h.seal(t, p)
		return w
	}
	madeBy := func(maker keyPair) signing {
		w := h.signing()
		var err error
		if w.eseal, err = makeSeal(h.plan(), maker); err != nil {
			t.Fatal(err)
		}
		return w
	}
	forgedMaker := h.signing()
	forgedMaker.eseal = bytes.Clone(h.eseal)
	forgedMaker.eseal[len(forgedMaker.eseal)-5] ^= 1
	notListed := h.signing()
	notListed.cert, notListed.key = other.cert.Raw, other.key
	foreign := h.signing()
	foreign.cert, foreign.key = strangerLeaf.cert.Raw, strangerLeaf.key
	p := h.plan()
	p.cert = strangerLeaf.cert.Raw
	foreign.eseal = h.seal(t, p)
	wrongKey := h.signing()
	wrongKey.key = other.key

	page := part(t, good, pageXML)
	xml := part(t, good, signatureXML)
	for name, c := range map[string]struct {
		data  []byte
		state string
		code  string
	}{
		"forged maker signature": {h.sign(t, forgedMaker), StateUntrusted, "seal-maker"},
		"maker is a department":  {h.sign(t, madeBy(other)), StateUntrusted, "maker-trusted"},
		"maker is a stranger":    {h.sign(t, madeBy(stranger)), StateUntrusted, "maker-trusted"},
		"expired seal":           {h.sign(t, sealed(func(p *sealPlan) { p.to = today.AddDate(0, 0, -1) })), StateUntrusted, "seal-time"},
		"seal not yet valid":     {h.sign(t, sealed(func(p *sealPlan) { p.from = today.AddDate(0, 0, 1) })), StateUntrusted, "seal-time"},
		"seal not registered":    {h.sign(t, sealed(func(p *sealPlan) { p.id = "42130000000002" })), StateUntrusted, "seal-register"},
		"signer not listed":      {h.sign(t, notListed), StateUntrusted, "signer-listed"},
		"signer of another CA":   {h.sign(t, foreign), StateUntrusted, "signer-trusted"},
		"signed by another key":  {h.sign(t, wrongKey), StateAltered, "signature"},
		"uncovered file":         {rezip(t, good, map[string][]byte{"Doc_0/Attachs/x.xml": []byte("<x/>")}), StateAltered, "coverage"},
		"altered page":           {rezip(t, good, map[string][]byte{pageXML: bytes.Replace(page, []byte("随州"), []byte("襄阳"), 1)}), StateAltered, "references"},
		"file removed":           {rezip(t, good, map[string][]byte{"Doc_0/DocumentRes.xml": nil}), StateAltered, "references"},
		"altered Signature.xml":  {rezip(t, good, map[string][]byte{signatureXML: append(xml, '\n')}), StateAltered, "data-hash"},
		"provider renamed":       {rezip(t, good, map[string][]byte{signatureXML: bytes.Replace(xml, []byte(ProviderName), []byte("other"), 1)}), StateAltered, "data-hash"},
		"another Seal.esl":       {rezip(t, good, map[string][]byte{signDir + "Seal.esl": h.seal(t, h.plan())}), StateAltered, "seal-file"},
		"value of another file":  {rezip(t, good, map[string][]byte{signDir + "SignedValue.dat": part(t, h.signOther(t), signDir+"SignedValue.dat")}), StateAltered, "data-hash"},
		"bytes after the end":    {append(bytes.Clone(good), 0), StateAltered, "container"},
		"bytes before the start": {append([]byte("#!"), good...), StateAltered, "container"},
		"unsigned":               {document(t), StateUnsigned, "signed"},
		"no zip":                 {[]byte("%PDF-1.7"), StateUnreadable, "open"},
	} {
		r := VerifyOFD(c.data, h.trust, today.Add(time.Hour))
		if r.Valid || r.State != c.state || result(r, c.code) != Fail {
			t.Errorf("%s: %s, %s %q\n%+v", name, r.State, c.code, result(r, c.code), r.Checks)
		}
		if r.Summary == "" {
			t.Errorf("%s: no summary", name)
		}
	}
}

func (h *house) signOther(t testing.TB) []byte {
	t.Helper()
	signed, err := signOFD(document(t), h.signing(), planAt(today, []Stamp{{Page: 1, X: 1, Y: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func newPair(t testing.TB, name string, parent keyPair, ca bool) keyPair {
	t.Helper()
	pair, err := issue(certificatePlan{subject: pkix.Name{CommonName: name}, ca: ca, from: today.AddDate(-1, 0, 0), to: today.AddDate(9, 0, 0)}, parent)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// TestWhenItHappenedCounts: times and the register, as of the moment of signing.
func TestWhenItHappenedCounts(t *testing.T) {
	h := newHouse(t)
	signed := h.sign(t, h.signing())
	for name, c := range map[string]struct {
		status Status
		at     time.Time
		now    time.Time
		state  string
	}{
		"cancelled later":    {Cancelled, today.Add(time.Minute), today.Add(time.Hour), StateValid},
		"cancelled before":   {Cancelled, today.Add(-time.Minute), today.Add(time.Hour), StateUntrusted},
		"suspended before":   {Suspended, today.Add(-time.Minute), today.Add(time.Hour), StateUntrusted},
		"seen years later":   {Active, today, today.AddDate(30, 0, 0), StateValid},
		"signed tomorrow":    {Active, today, today.AddDate(0, 0, -1), StateUntrusted},
		"another's serial":   {Active, today, today.Add(time.Hour), StateUntrusted},
		"without a register": {Active, today, today.Add(time.Hour), StateValid},
	} {
		trust := h.trust
		serial := h.serial(t)
		if name == "another's serial" {
			serial = "00"
		}
		trust.register = map[string]registered{"42130000000001": {c.status, c.at, serial}}
		if name == "without a register" {
			trust.register, trust.at = nil, time.Time{}
		}
		if r := VerifyOFD(signed, trust, c.now); r.State != c.state {
			t.Errorf("%s: %s %+v", name, r.State, r.Checks)
		}
	}
	if r := VerifyOFD(signed, Trust{}, today.Add(time.Hour)); r.State != StateUntrusted || result(r, "signature") != Pass {
		t.Errorf("without any trust: %s", r.State)
	}
}

// TestEveryByteCounts flips bytes all over the package, in headers, directory
// and content: nothing but the original may be called valid.
func TestEveryByteCounts(t *testing.T) {
	h := newHouse(t)
	good := h.sign(t, h.signing())
	now := today.Add(time.Hour)
	if r := VerifyOFD(good, h.trust, now); !r.Valid {
		t.Fatalf("%+v", r)
	}
	const step = 7 // all of them take a minute
	try := func(i int, mask byte) {
		bad := bytes.Clone(good)
		bad[i] ^= mask
		if r := VerifyOFD(bad, h.trust, now); r.Valid {
			t.Errorf("byte %d xor %02x goes unnoticed", i, mask)
		}
	}
	for i := 0; i < len(good); i += step {
		try(i, 1<<(i%8))
	}
	// The directory and the signature value, every byte: they are what nothing signs.
	for i := bytes.Index(good, []byte("PK\x01\x02")); i < len(good); i++ {
		try(i, 0x01)
		try(i, 0x80)
	}
	value := part(t, good, signDir+"SignedValue.dat")
	at := bytes.Index(good, value)
	tail := len(h.dept.cert.Raw) + 120
	for i := at + len(value) - tail; i < at+len(value); i++ {
		try(i, 1<<(i%8))
	}
	for cut := 1; cut < len(good); cut += 997 {
		if r := VerifyOFD(good[:len(good)-cut], h.trust, now); r.Valid {
			t.Errorf("cut by %d goes unnoticed", cut)
		}
	}
}

// TestForeignSignatureForms: bare r‖s and a broken certificate name are accepted
// from others, with a remark, and never in a file of our own.
func TestForeignSignatureForms(t *testing.T) {
	h := newHouse(t)
	signed := h.sign(t, h.signing())
	p, err := parseSignature(part(t, signed, signDir+"SignedValue.dat"))
	if err != nil {
		t.Fatal(err)
	}
	bare := bareSignature(t, p.signature)
	value, err := encodeSignature(p.toSign, p.cert, bare)
	if err != nil {
		t.Fatal(err)
	}
	own := VerifyOFD(rezip(t, signed, map[string][]byte{signDir + "SignedValue.dat": value}), h.trust, today.Add(time.Hour))
	if own.Valid || result(own, "signature-order") != Fail {
		t.Errorf("own file with bare r‖s: %+v", own.Checks)
	}
	foreign := h.foreign(t, bareSignature)
	if r := VerifyOFD(foreign, h.trust, today.Add(time.Hour)); !r.Valid || result(r, "signature-order") != Warn {
		t.Errorf("foreign file with bare r‖s: %+v", r.Checks)
	}

	// An IA5String with a Chinese name in it, as a real vendor's CA writes.
	broken := bytes.Replace(h.dept.cert.Raw, []byte("\x0c\x1e随州市市场监督管理局"), []byte("\x16\x1e随州市市场监督管理局"), -1)
	if _, err := smx509.ParseCertificate(broken); err == nil {
		t.Fatal("the strict parser takes it; the test proves nothing")
	}
	c, err := parseCertificate(broken)
	if err != nil || c.strict || !c.key.Equal(&h.dept.key.PublicKey) || c.name() != "随州市市场监督管理局" {
		t.Errorf("broken certificate: %+v, %v", c, err)
	}
}

// foreign is a sound file as another maker's software would write it.
func (h *house) foreign(t testing.TB, encode func(testing.TB, []byte) []byte) []byte {
	t.Helper()
	pkg, err := ofd.Open(document(t))
	if err != nil {
		t.Fatal(err)
	}
	plan := planAt(today, []Stamp{{Page: 1, X: 1, Y: 1}})
	plan.Provider, plan.Seal = "another maker", h.eseal
	signed, err := pkg.Sign(plan, func(xml []byte, path string) ([]byte, error) {
		toSign, err := encodeToSign(h.eseal, today, digestOf(xml), path)
		if err != nil {
			return nil, err
		}
		signature, err := sign(h.dept.key, toSign)
		if err != nil {
			return nil, err
		}
		return encodeSignature(toSign, h.dept.cert.Raw, encode(t, signature))
	})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestEveryCheckHasAName(t *testing.T) {
	for code := range altering {
		if names[code] == "" {
			t.Errorf("check %q has no name", code)
		}
	}
	for code, name := range names {
		if strings.TrimSpace(name) == "" {
			t.Errorf("check %q has no name", code)
		}
	}
}
