package seal

import (
	"bytes"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/ofd"
)

// sealData checks the seal itself: the copy beside the signature, the maker's
// signature, and whether this signer may use it (GM/T 0031 6.1.2).
func (v *verification) sealData(s ofd.Signature, p sesSignature, signer, maker *certificate) {
	if s.SealPath == "" {
		v.r.add("seal-file", Skip, "文件未另附印章，以签章数据内的印章为准。")
	} else {
		esl, ok := v.pkg.File(s.SealPath)
		v.r.expect("seal-file", ok && bytes.Equal(esl, p.seal.raw), "所附印章与签章数据内的印章一致。", "所附印章与签章数据内的印章不一致。")
	}
	ok, bare := verifySM2(maker.key, p.seal.signed, p.seal.signature)
	v.r.expect("seal-maker", ok, "印章由“"+maker.name()+"”制作，签名有效。", "制章签名验证不通过，印章是伪造的或被改动过。")
	if ok && bare {
		v.remark("signature-order", "制章签名按 r‖s 存放，不是标准的 DER 编码。")
	}
	v.r.expect("signer-listed", p.seal.lists(signer), "签章人证书在印章的授权名单内。", "签章人证书不在印章的授权名单内，无权使用该印章。")
}

// trusted checks certificates, times and the register. What counts is the moment
// of signing: a later expiry or revocation does not undo it.
func (v *verification) trusted(p sesSignature, signer, maker *certificate) {
	v.r.expect("sign-time", !p.at.IsZero() && !p.at.After(v.now.Add(5*time.Minute)),
		"签章于 "+when(p.at)+"。", "签章时间缺失或晚于当前时间。")
	v.makerTrusted(p, maker)
	v.signerTrusted(signer, p.at)
	v.r.expect("seal-time", !p.at.Before(p.seal.from) && !p.at.After(p.seal.to),
		"印章有效期 "+day(p.seal.from)+" 至 "+day(p.seal.to)+"。", "签章时印章不在有效期（"+day(p.seal.from)+" 至 "+day(p.seal.to)+"）内。")
	v.registered(p, signer)
	if p.stamped || p.seal.stamped {
		v.r.add("time-stamp", Skip, "带有时间戳，本系统暂不核验时间戳机构。")
	}
	if !signer.strict || !maker.strict {
		v.r.add("certificate-dn", Warn, "证书含不规范的字段，已直接按公钥核验。")
	}
}

func (v *verification) makerTrusted(p sesSignature, maker *certificate) {
	chained, inTime := v.trust.chain(maker, p.seal.created)
	switch {
	case !chained:
		v.r.add("maker-trusted", Fail, "制章机构“"+maker.name()+"”不在信任名单内。")
	case len(v.trust.makers) > 0 && !v.trust.maker(maker):
		v.r.add("maker-trusted", Fail, "“"+maker.name()+"”没有制章资格。")
	case !maker.maySign() || !inTime || !maker.validAt(p.seal.created):
		v.r.add("maker-trusted", Fail, "制章时制章机构的证书无效或不能用于签名。")
	default:
		v.r.add("maker-trusted", Pass, "制章机构“"+maker.name()+"”在信任名单内。")
	}
}

func (v *verification) signerTrusted(signer *certificate, at time.Time) {
	chained, inTime := v.trust.chain(signer, at)
	v.r.expect("signer-trusted", chained && signer.maySign(),
		"证书“"+signer.name()+"”由受信任的机构签发。", "证书“"+signer.name()+"”不是由受信任的机构签发，或不能用于签名。")
	v.r.expect("signer-time", signer.validAt(at) && (inTime || !chained),
		"证书有效期 "+day(signer.from)+" 至 "+day(signer.to)+"。", "签章时证书不在有效期内。")
}

// registered looks the seal up. Without a register (roots only) the check is
// skipped and says so.
func (v *verification) registered(p sesSignature, signer *certificate) {
	if v.trust.at.IsZero() {
		v.r.add("seal-register", Skip, "没有备案信息，未查印章的停用、注销状态。")
		return
	}
	entry, ok := v.trust.register[p.seal.id]
	asOf := "（备案信息截至 " + when(v.trust.at) + "）"
	switch {
	case !ok && p.at.After(v.trust.at):
		v.r.add("seal-register", Skip, "签章晚于备案信息的时间，请更新后再查。"+asOf)
	case !ok:
		v.r.add("seal-register", Fail, "印章没有备案。"+asOf)
	case entry.Serial != signer.serial:
		v.r.add("seal-register", Fail, "签章人证书不是该印章备案的证书。"+asOf)
	case entry.Status == Active || p.at.Before(entry.At):
		detail := "印章已备案，签章时正常使用。"
		if entry.Status != Active {
			detail = "印章已于 " + when(entry.At) + " 停用或注销；此前的签章仍然有效。"
		}
		v.r.add("seal-register", Pass, detail+asOf)
	default:
		v.r.add("seal-register", Fail, "签章时印章已停用或注销，证书已吊销。"+asOf)
	}
}

func when(t time.Time) string { return t.In(clock.Shanghai).Format("2006年1月2日 15:04:05") }
func day(t time.Time) string  { return t.In(clock.Shanghai).Format("2006年1月2日") }
