package seal

import (
	"bytes"
	"crypto/ecdsa"
	encasn1 "encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// certificate is the part of an X.509 certificate that a seal check needs, read
// from the raw ASN.1: real seals carry certificates with broken names or
// extensions, which strict parsers refuse although key and signature are sound.
type certificate struct {
	raw, tbs        []byte
	serial          string // hex
	issuer, subject []byte // raw names
	from, to        time.Time
	key             *ecdsa.PublicKey
	signature       []byte
	ca, hasUsage    bool
	usage           byte // first octet of KeyUsage: 0x80 digitalSignature, 0x40 nonRepudiation, 0x04 keyCertSign
	strict          bool // a strict X.509 parser accepts it
}

var errCertificate = errors.New("not an X.509 certificate with an SM2 key")

func parseCertificate(der []byte) (*certificate, error) {
	in := cryptobyte.String(der)
	var outer, tbs, body, alg cryptobyte.String
	c := &certificate{raw: der}
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&tbs, asn1.SEQUENCE) ||
		!outer.ReadASN1(&alg, asn1.SEQUENCE) || !outer.ReadASN1BitStringAsBytes(&c.signature) || !outer.Empty() {
		return nil, errCertificate
	}
	c.tbs = tbs
	var serial []byte
	var issuer, subject, validity, spki cryptobyte.String
	if !tbs.ReadASN1(&body, asn1.SEQUENCE) || !body.SkipOptionalASN1(explicit0) || !body.ReadASN1Bytes(&serial, asn1.INTEGER) ||
		!body.SkipASN1(asn1.SEQUENCE) || !body.ReadASN1Element(&issuer, asn1.SEQUENCE) || !body.ReadASN1(&validity, asn1.SEQUENCE) ||
		!body.ReadASN1Element(&subject, asn1.SEQUENCE) || !body.ReadASN1(&spki, asn1.SEQUENCE) {
		return nil, errCertificate
	}
	c.serial, c.issuer, c.subject = hex.EncodeToString(serial), issuer, subject
	if !readTime(&validity, &c.from) || !readTime(&validity, &c.to) {
		return nil, errCertificate
	}
	if c.key = readKey(spki); c.key == nil {
		return nil, errCertificate
	}
	c.readExtensions(body)
	_, err := smx509.ParseCertificate(der)
	c.strict = err == nil
	return c, nil
}

func readKey(spki cryptobyte.String) *ecdsa.PublicKey {
	var alg, point cryptobyte.String
	var kind, curve encasn1.ObjectIdentifier
	var bits []byte
	if !spki.ReadASN1(&alg, asn1.SEQUENCE) || !alg.ReadASN1ObjectIdentifier(&kind) || !spki.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	point = bits
	if !kind.Equal(oidECKey) || !alg.ReadASN1ObjectIdentifier(&curve) || !curve.Equal(oidSM2) {
		return nil
	}
	key, err := sm2.NewPublicKey(point)
	if err != nil {
		return nil
	}
	return key
}

// readExtensions takes basicConstraints and keyUsage; anything unreadable counts
// as absent, which grants nothing.
func (c *certificate) readExtensions(body cryptobyte.String) {
	body.SkipOptionalASN1(asn1.Tag(1).ContextSpecific())
	body.SkipOptionalASN1(asn1.Tag(2).ContextSpecific())
	var wrap, list cryptobyte.String
	if !body.ReadASN1(&wrap, asn1.Tag(3).ContextSpecific().Constructed()) || !wrap.ReadASN1(&list, asn1.SEQUENCE) {
		return
	}
	for !list.Empty() {
		var ext, value cryptobyte.String
		var oid encasn1.ObjectIdentifier
		if !list.ReadASN1(&ext, asn1.SEQUENCE) || !ext.ReadASN1ObjectIdentifier(&oid) ||
			!ext.SkipOptionalASN1(asn1.BOOLEAN) || !ext.ReadASN1(&value, asn1.OCTET_STRING) {
			return
		}
		switch {
		case oid.Equal(oidBasicConstraints):
			var bc cryptobyte.String
			if value.ReadASN1(&bc, asn1.SEQUENCE) && bc.PeekASN1Tag(asn1.BOOLEAN) {
				bc.ReadASN1Boolean(&c.ca)
			}
		case oid.Equal(oidKeyUsage):
			var usage encasn1.BitString
			if value.ReadASN1BitString(&usage) && len(usage.Bytes) > 0 {
				c.hasUsage, c.usage = true, usage.Bytes[0]
			}
		}
	}
}

// maySign: a signer's key usage, when stated, has to allow signatures.
func (c *certificate) maySign() bool { return !c.hasUsage || c.usage&0xC0 != 0 }

// mayIssue: a certificate authority has to be one in so many words.
func (c *certificate) mayIssue() bool { return c.ca && (!c.hasUsage || c.usage&0x04 != 0) }

func (c *certificate) validAt(t time.Time) bool { return !t.Before(c.from) && !t.After(c.to) }

// issuedBy checks name and signature of the link.
func (c *certificate) issuedBy(issuer *certificate) bool {
	if !bytes.Equal(c.issuer, issuer.subject) || !issuer.mayIssue() {
		return false
	}
	ok, _ := verifySM2(issuer.key, c.tbs, c.signature)
	return ok
}

// name is the subject's common name, as it is written.
func (c *certificate) name() string {
	outer := cryptobyte.String(c.subject)
	var rdns cryptobyte.String
	if !outer.ReadASN1(&rdns, asn1.SEQUENCE) {
		return ""
	}
	for !rdns.Empty() {
		var set, attr, value cryptobyte.String
		var oid encasn1.ObjectIdentifier
		var tag asn1.Tag
		if !rdns.ReadASN1(&set, asn1.SET) || !set.ReadASN1(&attr, asn1.SEQUENCE) ||
			!attr.ReadASN1ObjectIdentifier(&oid) || !attr.ReadAnyASN1(&value, &tag) {
			return ""
		}
		if oid.Equal(oidCommonName) {
			if tag == asn1.Tag(30) { // BMPString
				return decodeBMP(value)
			}
			return string(bytes.ToValidUTF8(value, []byte("?")))
		}
	}
	return ""
}

func decodeBMP(b []byte) string {
	var r []rune
	for ; len(b) >= 2; b = b[2:] {
		r = append(r, rune(b[0])<<8|rune(b[1]))
	}
	return string(r)
}

var defaultID = []byte("1234567812345678")

// verifySM2 checks an SM2 signature with the default identity (GB/T 35276). Some
// products store the bare r‖s of 64 bytes in place of the SEQUENCE; bare says so.
func verifySM2(key *ecdsa.PublicKey, message, signature []byte) (ok, bare bool) {
	if sm2.VerifyASN1WithSM2(key, defaultID, message, signature) {
		return true, false
	}
	if len(signature) != 64 {
		return false, false
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[:32]))
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[32:]))
	})
	der, err := b.Bytes()
	if err != nil {
		return false, false
	}
	return sm2.VerifyASN1WithSM2(key, defaultID, message, der), true
}
