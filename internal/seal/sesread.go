package seal

import (
	encasn1 "encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

var errSES = errors.New("not an electronic seal or signature of GM/T 0031 or GB/T 38540")

var explicit0 = asn1.Tag(0).ContextSpecific().Constructed()

// sesSeal is SESeal, read from any of the three editions.
type sesSeal struct {
	raw       []byte
	info      []byte // DER of eSealInfo, what a V4 maker signs
	version   int64
	maker     string // Vid
	id        string // esID
	kind      int64
	name      string
	listType  int64 // 1 certificates, 2 digests
	certs     [][]byte
	digests   []certDigest
	created   time.Time
	from, to  time.Time
	picture   sesPicture
	cert      []byte // the maker's
	algorithm encasn1.ObjectIdentifier
	signed    []byte // what the maker's signature is over
	signature []byte
	stamped   bool // carries a time stamp (V5)
}

type certDigest struct {
	kind  string
	value []byte
}

type sesPicture struct {
	kind          string
	data          []byte
	width, height int64
}

// sesSignature is SES_Signature.
type sesSignature struct {
	seal      sesSeal
	v1        bool
	toSign    []byte // DER of TBS_Sign
	version   int64
	at        time.Time // zero when a V1 file carries a time stamp token instead
	dataHash  []byte
	property  string
	cert      []byte
	algorithm encasn1.ObjectIdentifier
	signature []byte
	stamped   bool
}

// parseSeal reads SESeal. V1 (GM/T 0031-2014) is told by its second element
// being SignInfo; V4 and V5 by header.version, never by the number of elements.
func parseSeal(der []byte) (sesSeal, error) {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, asn1.SEQUENCE) || !in.Empty() {
		return sesSeal{}, errSES
	}
	s := sesSeal{raw: der}
	var info cryptobyte.String
	if !body.ReadASN1Element(&info, asn1.SEQUENCE) {
		return s, errSES
	}
	s.info = info
	v1 := body.PeekASN1Tag(asn1.SEQUENCE)
	if v1 {
		var signInfo cryptobyte.String
		if !body.ReadASN1(&signInfo, asn1.SEQUENCE) || !body.Empty() {
			return s, errSES
		}
		var cert, alg cryptobyte.String
		rest := signInfo
		if !rest.ReadASN1Element(&cert, asn1.OCTET_STRING) || !rest.ReadASN1Element(&alg, asn1.OBJECT_IDENTIFIER) {
			return s, errSES
		}
		if !readTail(&signInfo, &s.cert, &s.algorithm, &s.signature) || !signInfo.Empty() {
			return s, errSES
		}
		// V1 signs the seal's data together with the maker's certificate and algorithm.
		s.signed = sequence(s.info, cert, alg)
	} else {
		if !readTail(&body, &s.cert, &s.algorithm, &s.signature) {
			return s, errSES
		}
		s.stamped = !body.Empty()
		if !skipTimeStamp(&body) {
			return s, errSES
		}
		s.signed = s.info
	}
	if !s.readInfo(v1) {
		return s, errSES
	}
	return s, nil
}

// readTail is cert, signAlgID, signedValue: the same three everywhere.
func readTail(in *cryptobyte.String, cert *[]byte, alg *encasn1.ObjectIdentifier, sig *[]byte) bool {
	return in.ReadASN1Bytes(cert, asn1.OCTET_STRING) && in.ReadASN1ObjectIdentifier(alg) && in.ReadASN1BitStringAsBytes(sig)
}

func skipTimeStamp(in *cryptobyte.String) bool {
	var stamp, inner cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&stamp, &present, explicit0) {
		return false
	}
	if present && (!stamp.ReadASN1(&inner, asn1.BIT_STRING) || !stamp.Empty()) {
		return false
	}
	return in.Empty()
}

func (s *sesSeal) readInfo(v1 bool) bool {
	outer := cryptobyte.String(s.info)
	var in, header, property, pic cryptobyte.String
	if !outer.ReadASN1(&in, asn1.SEQUENCE) || !in.ReadASN1(&header, asn1.SEQUENCE) {
		return false
	}
	var es string
	if !readIA5(&header, &es) || es != "ES" || !header.ReadASN1Integer(&s.version) ||
		!readIA5(&header, &s.maker) || !header.Empty() {
		return false
	}
	if !readIA5(&in, &s.id) || !in.ReadASN1(&property, asn1.SEQUENCE) || !s.readProperty(property, v1) {
		return false
	}
	if !in.ReadASN1(&pic, asn1.SEQUENCE) || !readIA5(&pic, &s.picture.kind) ||
		!pic.ReadASN1Bytes(&s.picture.data, asn1.OCTET_STRING) || !pic.ReadASN1Integer(&s.picture.width) ||
		!pic.ReadASN1Integer(&s.picture.height) || !pic.Empty() {
		return false
	}
	return skipExtensions(&in)
}

func (s *sesSeal) readProperty(in cryptobyte.String, v1 bool) bool {
	var name, list cryptobyte.String
	if !in.ReadASN1Integer(&s.kind) || !in.ReadASN1(&name, asn1.UTF8String) {
		return false
	}
	s.name, s.listType = string(name), 1
	if !v1 && !in.ReadASN1Integer(&s.listType) {
		return false
	}
	if !in.ReadASN1(&list, asn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		if s.listType == 1 {
			var cert []byte
			if !list.ReadASN1Bytes(&cert, asn1.OCTET_STRING) {
				return false
			}
			s.certs = append(s.certs, cert)
			continue
		}
		var item, kind cryptobyte.String
		var value []byte
		if !list.ReadASN1(&item, asn1.SEQUENCE) || !item.ReadASN1(&kind, asn1.PrintableString) ||
			!item.ReadASN1Bytes(&value, asn1.OCTET_STRING) || !item.Empty() {
			return false
		}
		s.digests = append(s.digests, certDigest{string(kind), value})
	}
	return readTime(&in, &s.created) && readTime(&in, &s.from) && readTime(&in, &s.to) && in.Empty()
}

// skipExtensions accepts extDatas tagged [0] as the standard has it, or untagged
// as one widespread implementation writes it.
func skipExtensions(in *cryptobyte.String) bool {
	var ext cryptobyte.String
	if in.PeekASN1Tag(asn1.SEQUENCE) {
		return in.ReadASN1(&ext, asn1.SEQUENCE) && in.Empty()
	}
	return in.SkipOptionalASN1(explicit0) && in.Empty()
}

// parseSignature reads SES_Signature of any edition.
func parseSignature(der []byte) (sesSignature, error) {
	in := cryptobyte.String(der)
	var body, tbs cryptobyte.String
	if !in.ReadASN1(&body, asn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Element(&tbs, asn1.SEQUENCE) {
		return sesSignature{}, errSES
	}
	s := sesSignature{toSign: tbs, v1: body.PeekASN1Tag(asn1.BIT_STRING)}
	if s.v1 {
		if !body.ReadASN1BitStringAsBytes(&s.signature) || !body.Empty() {
			return s, errSES
		}
	} else {
		if !readTail(&body, &s.cert, &s.algorithm, &s.signature) {
			return s, errSES
		}
		s.stamped = !body.Empty()
		if !skipTimeStamp(&body) {
			return s, errSES
		}
	}
	return s, s.readToSign()
}

func (s *sesSignature) readToSign() error {
	outer := cryptobyte.String(s.toSign)
	var in, eseal, property cryptobyte.String
	if !outer.ReadASN1(&in, asn1.SEQUENCE) || !in.ReadASN1Integer(&s.version) || !in.ReadASN1Element(&eseal, asn1.SEQUENCE) {
		return errSES
	}
	var err error
	if s.seal, err = parseSeal(eseal); err != nil {
		return err
	}
	if in.PeekASN1Tag(asn1.BIT_STRING) { // V1: UTCTime or a time stamp token inside a BIT STRING
		var stamp []byte
		if !in.ReadASN1BitStringAsBytes(&stamp) {
			return errSES
		}
		inner := cryptobyte.String(stamp)
		if !readTime(&inner, &s.at) || !inner.Empty() {
			s.at, s.stamped = time.Time{}, true
		}
	} else if !readTime(&in, &s.at) {
		return errSES
	}
	if !in.ReadASN1BitStringAsBytes(&s.dataHash) || !in.ReadASN1(&property, asn1.IA5String) {
		return errSES
	}
	s.property = string(property)
	if s.v1 && (!in.ReadASN1Bytes(&s.cert, asn1.OCTET_STRING) || !in.ReadASN1ObjectIdentifier(&s.algorithm)) {
		return errSES
	}
	if !skipExtensions(&in) {
		return errSES
	}
	return nil
}

func readIA5(in *cryptobyte.String, out *string) bool {
	var s cryptobyte.String
	if !in.ReadASN1(&s, asn1.IA5String) {
		return false
	}
	*out = string(s)
	return true
}

func readTime(in *cryptobyte.String, out *time.Time) bool {
	if in.PeekASN1Tag(asn1.UTCTime) {
		return in.ReadASN1UTCTime(out)
	}
	return in.ReadASN1GeneralizedTime(out)
}

// sequence wraps elements that are DER already.
func sequence(parts ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, p := range parts {
			b.AddBytes(p)
		}
	})
	return b.BytesOrPanic() // cannot fail: lengths are those of byte slices in memory
}
