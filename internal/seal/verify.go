package seal

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/ofd"
)

// VerifyOFD checks a file by GM/T 0031 6.1.2 and 6.2.3 (GB/T 38540 6.3 and 7.3),
// and, beyond the standards, that no file of the package is outside the
// signature and that the container has no byte to play with. It is pure: the
// same file, trust and instant give the same report.
func VerifyOFD(data []byte, trust Trust, now time.Time) Report {
	r := Report{Checks: []Check{}, Signatures: []SignatureInfo{}, Custom: []ofd.CustomData{}}
	pkg, err := ofd.Open(data)
	if err != nil {
		return r.unreadable(err)
	}
	info := pkg.Info()
	r.Title, r.DocID = info.Title, info.DocID
	r.Custom = append(r.Custom, info.Custom...)
	r.add("open", Pass, "是完整的 OFD 文件。")
	signatures, err := pkg.Signatures()
	if err != nil {
		r.add("format", Fail, faultMessage(err))
		r.finish()
		return r
	}
	if len(signatures) == 0 {
		r.add("signed", Fail, "文件没有电子签章，无法核验真伪。")
		r.State, r.Summary = StateUnsigned, "文件没有电子签章，无法核验真伪。"
		return r
	}
	r.add("signed", Pass, fmt.Sprintf("有 %d 个电子签章。", len(signatures)))
	v := verification{r: &r, pkg: pkg, all: signatures, trust: trust, now: now, digests: map[string][sm3.Size]byte{}}
	v.container()
	for _, s := range signatures {
		v.signature(s)
	}
	r.finish()
	return r
}

func (r *Report) unreadable(err error) Report {
	r.add("open", Fail, faultMessage(err))
	r.State, r.Summary = StateUnreadable, faultMessage(err)
	return *r
}

func faultMessage(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Message
	}
	return "文件无法读取。"
}

type verification struct {
	r     *Report
	pkg   *ofd.Package
	all   []ofd.Signature
	trust Trust
	now   time.Time
	own   bool // the signature at hand says that our software made it

	// digests are kept, so that a file named by a million references is read once.
	digests map[string][sm3.Size]byte
}

// container: a file of ours has exactly one byte form; another maker's is only
// remarked upon, since GB/T 33190 leaves the ZIP free.
func (v *verification) container() {
	own := false
	for _, s := range v.all {
		own = own || s.Provider == ProviderName
	}
	switch {
	case v.pkg.Canonical() && (!own || len(v.all) == 1):
		v.r.add("container", Pass, "文件包逐字节符合规范。")
	case own:
		v.r.add("container", Fail, "文件包在签章之后被改动或重新打包。")
	default:
		v.r.add("container", Warn, "容器未按本系统规范打包（由其他软件生成）。")
	}
}

// signature runs the list for one signature.
func (v *verification) signature(s ofd.Signature) {
	v.own = s.Provider == ProviderName
	v.references(s)
	v.coverage(s)
	if s.Type == ofd.TypeSign {
		v.plain(s)
		return
	}
	parsed, err := parseSignature(s.Value)
	if err != nil {
		v.r.add("format", Fail, "签章数据不是 GB/T 38540 或 GM/T 0031 的格式。")
		return
	}
	signer, err := parseCertificate(parsed.cert)
	if err != nil {
		v.r.add("format", Fail, "签章人证书无法读取。")
		return
	}
	maker, err := parseCertificate(parsed.seal.cert)
	if err != nil {
		v.r.add("format", Fail, "制章人证书无法读取。")
		return
	}
	edition := map[bool]string{true: "GM/T 0031-2014", false: "GB/T 38540-2020"}[parsed.v1]
	if parsed.seal.version == 5 {
		edition = "GM/T 0031-2025"
	}
	ok := signatureAlgorithm(parsed.algorithm) && signatureAlgorithm(parsed.seal.algorithm)
	if v.own {
		ok = ok && parsed.algorithm.Equal(oidSM3WithSM2) && s.Method == ofd.SM2WithSM3 && !parsed.stamped && s.SealPath != ""
	}
	v.r.expect("format", ok, "符合 "+edition+"，SM2/SM3 算法。", "签名算法不是 SM2/SM3，或与签章格式不符。")
	if parsed.at.IsZero() { // V1 with a time stamp token, which we do not read
		parsed.at, _ = readStamp(s.Time)
	}
	v.r.Signatures = append(v.r.Signatures, SignatureInfo{
		SealID: parsed.seal.id, SealName: parsed.seal.name, Signer: signer.name(), SignedAt: parsed.at,
		Provider: s.Provider, Maker: maker.name(),
	})
	v.crypto(s, parsed, signer)
	v.sealData(s, parsed, signer, maker)
	v.trusted(parsed, signer, maker)
}

// references compares the digest of every protected file.
func (v *verification) references(s ofd.Signature) {
	switch s.Check {
	case ofd.SM3, ofd.SM3 + ".2", "SM3", "sm3":
	default:
		v.r.add("references", Fail, "摘要算法不是 SM3，不能证明内容未被改动。")
		return
	}
	var changed []string
	for _, ref := range s.Refs {
		digest, ok := v.digest(ref.Path)
		if !ok || !bytes.Equal(digest[:], ref.Digest) {
			changed = append(changed, ref.Path)
		}
	}
	v.r.expect("references", len(changed) == 0 && len(s.Refs) > 0,
		fmt.Sprintf("%d 个文件的摘要全部一致。", len(s.Refs)), "以下内容与签章时不一致："+list(changed))
}

func (v *verification) digest(name string) ([sm3.Size]byte, bool) {
	content, ok := v.pkg.File(name)
	if !ok {
		return [sm3.Size]byte{}, false
	}
	d, seen := v.digests[name]
	if !seen {
		d = sm3.Sum(content)
		v.digests[name] = d
	}
	return d, true
}

// coverage: nothing may be in the package that this signature does not protect,
// but for what carries the signatures themselves.
func (v *verification) coverage(s ofd.Signature) {
	covered := map[string]bool{s.Path: true, s.ValueAt: true}
	for _, ref := range s.Refs {
		covered[ref.Path] = true
	}
	if !v.own {
		for _, other := range v.all {
			covered[other.Path], covered[other.ValueAt], covered[other.SealPath] = true, true, true
		}
	}
	var open []string
	for _, name := range v.pkg.Names() {
		if !covered[name] {
			open = append(open, name)
		}
	}
	if !v.own && len(open) == 1 && open[0] == v.pkg.SignaturesPath() {
		v.r.add("coverage", Warn, "签名列表未受保护，允许再次签章。")
		return
	}
	v.r.expect("coverage", len(open) == 0, "文件包内没有签章保护之外的内容。", "以下内容不在签章保护之内："+list(open))
}

// crypto: the signature over TBS_Sign, and TBS_Sign's tie to this very file.
func (v *verification) crypto(s ofd.Signature, p sesSignature, signer *certificate) {
	ok, bare := verifySM2(signer.key, p.toSign, p.signature)
	v.r.expect("signature", ok, "签名值由“"+signer.name()+"”的证书验证通过。", "签名值验证不通过，签章数据被改动或是伪造的。")
	if ok && bare {
		v.remark("signature-order", "签名值按 r‖s 存放，不是标准的 DER 编码。")
	}
	digest := sm3.Sum(s.XML)
	v.r.expect("data-hash", bytes.Equal(digest[:], p.dataHash), "签章描述文件的摘要一致。", "签章描述文件与签章时不一致。")
	if strings.TrimPrefix(p.property, "/") != s.Path {
		v.remark("binding", "签名中记载的位置与签章文件的位置不同。")
	}
}

// remark is a warning for other makers' files and a failure for ours, which
// never look like that.
func (v *verification) remark(code, detail string) {
	if v.own {
		v.r.add(code, Fail, detail)
		return
	}
	v.r.add(code, Warn, detail)
}

func list(names []string) string {
	if len(names) == 0 {
		return "（无）"
	}
	sort.Strings(names)
	more := ""
	if len(names) > 5 {
		more = fmt.Sprintf(" 等 %d 个", len(names))
		names = names[:5]
	}
	return strings.Join(names, "、") + more + "。"
}
