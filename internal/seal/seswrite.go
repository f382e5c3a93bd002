package seal

import (
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The seals we make are of GB/T 38540-2020, header version 4.
const sesVersion = 4

// makerID is Vid, the maker's mark in the header.
const makerID = "ONEDOOR"

// sealPlan is what goes into a new seal.
type sealPlan struct {
	id, name string
	cert     []byte // the one certificate that may sign with it
	created  time.Time
	from, to time.Time
	picture  []byte // PNG
	size     int64  // mm, the seal is round
}

// encodeSealInfo is DER(SES_SealInfo), what the maker signs.
func encodeSealInfo(p sealPlan) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { // header
			addIA5(b, "ES")
			b.AddASN1Int64(sesVersion)
			addIA5(b, makerID)
		})
		addIA5(b, p.id)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { // property
			b.AddASN1Int64(1) // a unit's seal
			b.AddASN1(asn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(p.name)) })
			b.AddASN1Int64(1) // a list of certificates, not of digests
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(p.cert) })
			for _, t := range []time.Time{p.created, p.from, p.to} {
				b.AddASN1GeneralizedTime(t.UTC())
			}
		})
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { // picture
			addIA5(b, "PNG")
			b.AddASN1OctetString(p.picture)
			b.AddASN1Int64(p.size)
			b.AddASN1Int64(p.size)
		})
	})
	return b.Bytes()
}

// encodeSeal is SESeal.
func encodeSeal(info, makerCert, signature []byte) ([]byte, error) {
	return encodeSigned(info, makerCert, signature)
}

// encodeToSign is DER(TBS_Sign), what the department signs.
func encodeToSign(eseal []byte, at time.Time, dataHash []byte, property string) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(sesVersion)
		b.AddBytes(eseal)
		b.AddASN1GeneralizedTime(at.UTC())
		b.AddASN1BitString(dataHash)
		addIA5(b, property)
	})
	return b.Bytes()
}

// encodeSignature is SES_Signature.
func encodeSignature(toSign, signerCert, signature []byte) ([]byte, error) {
	return encodeSigned(toSign, signerCert, signature)
}

// encodeSigned: seal and signature have the same outer form.
func encodeSigned(body, cert, signature []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(body)
		b.AddASN1OctetString(cert)
		b.AddASN1ObjectIdentifier(oidSM3WithSM2)
		b.AddASN1BitString(signature)
	})
	return b.Bytes()
}

func addIA5(b *cryptobyte.Builder, s string) {
	b.AddASN1(asn1.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

// useLine is the line under the star: the business the seal is for.
const useLine = "电子证照专用章"
