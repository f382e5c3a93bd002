package seal

import (
	"testing"
	"time"

	"github.com/emmansun/gmsm/pkcs7"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"onedoor/internal/platform/ofd"
)

// TestOldEditionSignature reads a GM/T 0031-2014 signature around a V1 seal.
func TestOldEditionSignature(t *testing.T) {
	h := newHouse(t)
	property := "/Doc_0/Signs/Sign_0/Signature.xml"
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { // TBS_Sign
		b.AddASN1Int64(1)
		b.AddBytes(vendorFile(t, "UserV1.esl"))
		b.AddASN1BitString([]byte("\x17\x0d210101120000Z")) // UTCTime inside a BIT STRING
		b.AddASN1BitString(make([]byte, 32))
		addIA5(b, property)
		b.AddASN1OctetString(h.dept.cert.Raw)
		b.AddASN1ObjectIdentifier(oidSM3WithSM2)
	})
	toSign := b.BytesOrPanic()
	signature, err := sign(h.dept.key, toSign)
	if err != nil {
		t.Fatal(err)
	}
	var outer cryptobyte.Builder
	outer.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(toSign)
		b.AddASN1BitString(signature)
	})
	s, err := parseSignature(outer.BytesOrPanic())
	if err != nil {
		t.Fatal(err)
	}
	if !s.v1 || s.seal.version != 1 || s.property != property || !s.at.Equal(time.Date(2021, 1, 1, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", s)
	}
	signer, err := parseCertificate(s.cert)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := verifySM2(signer.key, s.toSign, s.signature); !ok || s.seal.lists(signer) {
		t.Errorf("signature %v, listed %v", ok, s.seal.lists(signer))
	}
}

// TestSignatureWithoutSeal checks GB/T 35275 SignedData, with signed attributes
// and without, made by an independent library.
func TestSignatureWithoutSeal(t *testing.T) {
	h := newHouse(t)
	xml := []byte("<Signature/>")
	for _, attributes := range []bool{true, false} {
		sd, err := pkcs7.NewSMSignedData(digestOf(xml))
		if err != nil {
			t.Fatal(err)
		}
		add := sd.SignWithoutAttr
		if attributes {
			add = sd.AddSigner
		}
		if err := add(h.dept.cert, h.dept.key, pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
		value, err := sd.Finish()
		if err != nil {
			t.Fatal(err)
		}
		check := func(xml []byte) Report {
			var r Report
			v := verification{r: &r, trust: h.trust, now: today.Add(time.Hour)}
			v.plain(ofd.Signature{XML: xml, Value: value, Time: "2026-11-22 09:30:00", Type: ofd.TypeSign})
			r.finish()
			return r
		}
		if r := check(xml); !r.Valid || len(r.Checks) != 6 {
			t.Errorf("attributes %v: %+v", attributes, r)
		}
		if r := check([]byte("<Signature>altered</Signature>")); r.State != StateAltered || result(r, "data-hash") != Fail {
			t.Errorf("attributes %v, altered: %+v", attributes, r)
		}
		value[len(value)-3] ^= 1
		if r := check(xml); r.Valid || result(r, "signature") != Fail {
			t.Errorf("attributes %v, forged: %+v", attributes, r)
		}
	}
}
