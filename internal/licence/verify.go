package licence

import (
	"bytes"
	"context"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/personal"
	"onedoor/internal/platform/ofd"
	"onedoor/internal/seal"
)

// Verify answers for a file: first what the file proves by itself (format,
// digests, seal, signature), then what the register says of the licence that it
// claims to be. The file is neither kept nor logged.
func (s *Service) Verify(ctx context.Context, file []byte) (VerifyReport, error) {
	rep := VerifyReport{At: s.Clock.Now()}
	trust, err := s.Seals.Trust(ctx)
	if err != nil {
		return VerifyReport{}, err
	}
	sealed := seal.VerifyOFD(file, trust, rep.At)
	for _, c := range sealed.Checks {
		rep.add(c.Code, c.Name, CheckResult(c.Result), c.Detail)
	}
	identifier := custom(sealed.Custom, "ZZBS")
	l, found := Licence{}, false
	if identifier != "" {
		if l, found, err = s.byIdentifier(ctx, identifier); err != nil {
			return VerifyReport{}, err
		}
	}
	switch sealed.State {
	case seal.StateValid:
		return s.registered(rep, file, identifier, l, found), nil
	case seal.StateAltered:
		rep.skipRegister()
		return rep.conclude(VerdictAltered, sealed.Summary), nil
	case seal.StateUnreadable:
		rep.skipRegister()
		// A broken package was once a whole one; anything else never was a licence.
		if bytes.HasPrefix(file, []byte("PK")) {
			return rep.conclude(VerdictAltered, "这个 OFD 文件已经损坏或被改动过，请勿采信，请持证人重新下载。"), nil
		}
		return rep.conclude(VerdictUnknown, "这不是 OFD 格式的电子证照文件，请确认选对了文件。"), nil
	}
	// Intact, yet unsigned or sealed by somebody we don't trust: a forgery if it
	// claims to be one of ours, else simply not ours to answer for.
	rep.skipRegister()
	if found {
		return rep.conclude(VerdictAltered, "这个文件冒用了一张已登记证照的标识，但没有可信的签章，请勿采信。"), nil
	}
	return rep.conclude(VerdictUnknown, "这个文件没有本市部门的有效签章，登记簿里也没有这张证照，请向出示的人核实来源。"), nil
}

// registered compares a truly sealed file with the register.
func (s *Service) registered(rep VerifyReport, file []byte, identifier string, l Licence, found bool) VerifyReport {
	const inRegister = "登记簿中有这张证照"
	switch _, checked, err := idcode.ParseLicenceID(identifier); {
	case err != nil:
		rep.add("identifier", "电子证照标识", Fail, "文件里没有符合国家标准的电子证照标识。")
	case !checked:
		rep.add("identifier", "电子证照标识", Warn, "标识的校验位不符，可能是早期签发的证照。")
	default:
		rep.add("identifier", "电子证照标识", Pass, "格式和校验位正确。")
	}
	if !found {
		rep.add("register", inRegister, Fail, "没有找到这个标识。")
		return rep.conclude(VerdictUnknown, "签章真实，但登记簿里没有这张证照，请向出示的人核实来源。")
	}
	rep.add("register", inRegister, Pass, "由"+l.IssuerName+"于"+chineseDay(l.IssuedAt)+"登记。")
	sum := sm3.Sum(file)
	if !bytes.Equal(sum[:], l.fileSM3) {
		rep.add("digest", "与签发时的文件一致", Fail, "文件的摘要与登记的不同。")
		return rep.conclude(VerdictAltered, "文件与签发时登记的不一致，请勿采信，请持证人重新下载。")
	}
	rep.add("digest", "与签发时的文件一致", Pass, "文件的摘要与登记的相同，一个字节都没有改动。")
	return s.standing(rep, l, true)
}

// standing is what the register says of a licence at this instant.
func (s *Service) standing(rep VerifyReport, l Licence, full bool) VerifyReport {
	rep.Licence = public(&l, full)
	name := "这是" + l.IssuerName + "签发给" + rep.Licence.HolderName + "的" + l.Title
	if l.Status != Valid {
		rep.add("status", "登记状态", Fail, chineseDay(l.StatusAt)+l.StatusText+"。理由："+l.StatusReason)
		return rep.conclude(VerdictRevoked, name+"，已于"+chineseDay(l.StatusAt)+strings.TrimPrefix(l.StatusText, "已")+"，不能再使用。")
	}
	rep.add("status", "登记状态", Pass, "没有被撤销、吊销或注销。")
	switch {
	case rep.At.Before(l.ValidFrom):
		rep.add("term", "有效期", Fail, "从"+chineseDay(l.ValidFrom)+"起才有效。")
		return rep.conclude(VerdictExpired, name+"，还没有到生效日期。")
	case l.ValidTo != nil && rep.At.After(*l.ValidTo):
		rep.add("term", "有效期", Fail, "有效期到"+chineseDay(*l.ValidTo)+"为止。")
		return rep.conclude(VerdictExpired, name+"，有效期已于"+chineseDay(*l.ValidTo)+"届满。")
	}
	rep.add("term", "有效期", Pass, term(&l)+"。")
	return rep.conclude(VerdictValid, name+"，现在有效。")
}

// VerifyByCode answers for a code that its holder shows, or for an identifier
// printed on a licence. An identifier is no secret, so it tells less.
func (s *Service) VerifyByCode(ctx context.Context, typed string) (VerifyReport, error) {
	rep := VerifyReport{At: s.Clock.Now()}
	if _, checked, err := idcode.ParseLicenceID(strings.ToUpper(strings.TrimSpace(typed))); err == nil {
		identifier := strings.ToUpper(strings.TrimSpace(typed))
		if checked {
			rep.add("identifier", "电子证照标识", Pass, "格式和校验位正确。")
		} else {
			rep.add("identifier", "电子证照标识", Warn, "校验位不符，可能输错了，请对照证照再看一遍。")
		}
		l, found, err := s.byIdentifier(ctx, identifier)
		if err != nil {
			return VerifyReport{}, err
		}
		if !found {
			rep.add("register", "登记簿中有这张证照", Fail, "没有找到这个标识。")
			return rep.conclude(VerdictUnknown, "登记簿里没有这张证照，请核对标识，或向出示的人核实来源。"), nil
		}
		rep.add("register", "登记簿中有这张证照", Pass, "由"+l.IssuerName+"于"+chineseDay(l.IssuedAt)+"登记。")
		return s.standing(rep, l, false), nil
	}
	code, ok := normalCode(typed)
	if !ok {
		rep.add("code", "号码格式", Fail, "出示码是 12 位字母和数字；电子证照标识以 1.2.156.3005.2 开头。")
		return rep.conclude(VerdictUnknown, "这既不是出示码，也不是电子证照标识，请检查有没有输错。"), nil
	}
	l, found, err := s.presented(ctx, code)
	if err != nil {
		return VerifyReport{}, err
	}
	if !found {
		rep.add("code", "出示码", Fail, "出示码不存在或已超过 5 分钟。")
		return rep.conclude(VerdictUnknown, "出示码不存在或已经过期，请持证人重新出示。"), nil
	}
	rep.add("code", "出示码", Pass, "由持证人本人在 5 分钟内出示。")
	rep.add("register", "登记簿中有这张证照", Pass, "由"+l.IssuerName+"于"+chineseDay(l.IssuedAt)+"登记。")
	return s.standing(rep, l, true), nil
}

func (r *VerifyReport) add(code, name string, result CheckResult, detail string) {
	r.Checks = append(r.Checks, Check{Code: code, Name: name, Result: result, Detail: detail})
}

// skipRegister says that the register was not asked: what an untrue file claims
// to be is of no matter.
func (r *VerifyReport) skipRegister() {
	r.add("register", "登记簿核对", Skip, "文件本身没有通过核对，不再比对登记簿。")
}

func (r VerifyReport) conclude(v Verdict, summary string) VerifyReport {
	r.Verdict, r.Summary, r.At = v, summary, r.At.In(clock.Shanghai)
	return r
}

func public(l *Licence, full bool) *Public {
	p := &Public{
		Identifier: l.Identifier, Title: l.Title, Number: l.Number, HolderName: l.HolderName, HolderMasked: l.HolderMasked,
		IssuerName: l.IssuerName, IssuedAt: l.IssuedAt, ValidFrom: l.ValidFrom, ValidTo: l.ValidTo,
		Status: l.Status, StatusText: l.StatusText, StatusReason: l.StatusReason,
	}
	if !full && l.HolderCodeType != codeUSCC {
		p.HolderName, p.HolderMasked = personal.MaskName(l.HolderName), ""
	}
	return p
}

func custom(data []ofd.CustomData, name string) string {
	for _, d := range data {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}
