package seal

import (
	"bytes"
	encasn1 "encoding/asn1"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/ofd"
)

// signedData is the part of a GB/T 35275 SignedData that a check needs.
type signedData struct {
	content    []byte // eContent, empty when detached
	certs      [][]byte
	attributes []byte // DER of the signed attributes as a SET, nil when absent
	digest     []byte // messageDigest among them
	signature  []byte
}

// plain checks a signature without a seal (Type="Sign"): GB/T 35275 SignedData
// over SM3(Signature.xml). We write none; other makers' files have them.
func (v *verification) plain(s ofd.Signature) {
	if v.own {
		v.r.add("format", Fail, "本系统的文件必须带有印章。")
		return
	}
	sd, err := parseSignedData(s.Value)
	if err != nil || len(sd.certs) == 0 {
		v.r.add("format", Fail, "数字签名不是 GB/T 35275 的格式，或没有附带证书。")
		return
	}
	signer, err := parseCertificate(sd.certs[0])
	if err != nil {
		v.r.add("format", Fail, "签名人证书无法读取。")
		return
	}
	v.r.add("format", Pass, "符合 GB/T 35275，SM2/SM3 算法。")
	v.r.Signatures = append(v.r.Signatures, SignatureInfo{Signer: signer.name(), Provider: s.Provider})
	digest := sm3.Sum(s.XML)
	message := sd.content
	if len(message) == 0 {
		message = digest[:]
	}
	v.r.expect("data-hash", bytes.Equal(message, digest[:]), "签名描述文件的摘要一致。", "签名描述文件与签名时不一致。")
	if sd.attributes != nil {
		inner := sm3.Sum(message)
		if !bytes.Equal(inner[:], sd.digest) {
			v.r.add("signature", Fail, "签名属性中的摘要不符。")
			return
		}
		message = sd.attributes
	}
	ok, bare := verifySM2(signer.key, message, sd.signature)
	v.r.expect("signature", ok, "签名值由“"+signer.name()+"”的证书验证通过。", "签名值验证不通过，签名数据被改动或是伪造的。")
	if ok && bare {
		v.remark("signature-order", "签名值按 r‖s 存放，不是标准的 DER 编码。")
	}
	at, ok := readStamp(s.Time)
	v.r.expect("sign-time", ok && !at.After(v.now.Add(5*time.Minute)), "签名于 "+when(at)+"。", "签名时间缺失或晚于当前时间。")
	v.signerTrusted(signer, at)
}

func parseSignedData(der []byte) (signedData, error) {
	var sd signedData
	in := cryptobyte.String(der)
	var outer, wrap, body, content, info, one cryptobyte.String
	var oid, data encasn1.ObjectIdentifier
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidSignedData) ||
		!outer.ReadASN1(&wrap, explicit0) || !wrap.ReadASN1(&body, asn1.SEQUENCE) ||
		!body.SkipASN1(asn1.INTEGER) || !body.SkipASN1(asn1.SET) || !body.ReadASN1(&content, asn1.SEQUENCE) ||
		!content.ReadASN1ObjectIdentifier(&data) {
		return sd, errSES
	}
	var inner cryptobyte.String
	var present bool
	if !content.ReadOptionalASN1(&inner, &present, explicit0) || (present && !inner.ReadASN1Bytes(&sd.content, asn1.OCTET_STRING)) {
		return sd, errSES
	}
	var certs cryptobyte.String
	if !body.ReadOptionalASN1(&certs, &present, explicit0) {
		return sd, errSES
	}
	for !certs.Empty() {
		var cert cryptobyte.String
		if !certs.ReadASN1Element(&cert, asn1.SEQUENCE) {
			return sd, errSES
		}
		sd.certs = append(sd.certs, cert)
	}
	if !body.SkipOptionalASN1(asn1.Tag(1).ContextSpecific().Constructed()) || !body.ReadASN1(&info, asn1.SET) ||
		!info.ReadASN1(&one, asn1.SEQUENCE) || !one.SkipASN1(asn1.INTEGER) || !one.SkipASN1(asn1.SEQUENCE) || !one.SkipASN1(asn1.SEQUENCE) {
		return sd, errSES
	}
	var attributes cryptobyte.String
	if one.PeekASN1Tag(explicit0) {
		if !one.ReadASN1Element(&attributes, explicit0) {
			return sd, errSES
		}
		sd.attributes = bytes.Clone(attributes)
		sd.attributes[0] = 0x31 // signed as a SET, stored with an implicit tag
		sd.digest = messageDigest(attributes)
	}
	if !one.SkipASN1(asn1.SEQUENCE) || !one.ReadASN1Bytes(&sd.signature, asn1.OCTET_STRING) {
		return sd, errSES
	}
	return sd, nil
}

func messageDigest(attributes cryptobyte.String) []byte {
	var list cryptobyte.String
	if !attributes.ReadASN1(&list, explicit0) {
		return nil
	}
	for !list.Empty() {
		var attr, set cryptobyte.String
		var oid encasn1.ObjectIdentifier
		var digest []byte
		if !list.ReadASN1(&attr, asn1.SEQUENCE) || !attr.ReadASN1ObjectIdentifier(&oid) || !attr.ReadASN1(&set, asn1.SET) {
			return nil
		}
		if oid.Equal(oidMessageDigest) && set.ReadASN1Bytes(&digest, asn1.OCTET_STRING) {
			return digest
		}
	}
	return nil
}

// readStamp reads SignatureDateTime in the forms seen in the field; a time without
// a zone is Beijing time.
func readStamp(text string) (time.Time, bool) {
	for _, layout := range []string{"20060102150405Z", "20060102150405.000Z", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{"20060102150405", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, clock.Shanghai); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
