package seal

import (
	"time"

	"onedoor/internal/platform/ofd"
)

// The states of a checked file.
const (
	StateValid      = "valid"      // every check passed
	StateAltered    = "altered"    // something is not as it was signed
	StateUntrusted  = "untrusted"  // intact, but seal or signer cannot be trusted
	StateUnsigned   = "unsigned"   // an OFD file without a signature
	StateUnreadable = "unreadable" // no OFD file, or one we refuse to open
)

// The results of one check.
const (
	Pass = "pass"
	Fail = "fail"
	Warn = "warn" // worth knowing, does not spoil the result
	Skip = "skip" // could not be made, and why
)

// Report is the outcome of checking a file: every check by name, in plain words.
type Report struct {
	State      string           `json:"state"`
	Valid      bool             `json:"valid"`
	Summary    string           `json:"summary"`
	Checks     []Check          `json:"checks"`
	Signatures []SignatureInfo  `json:"signatures"`
	Title      string           `json:"title"`
	DocID      string           `json:"doc_id"`
	Custom     []ofd.CustomData `json:"custom"`

	altered, untrusted bool
}

// Check is one line of the report.
type Check struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Result string `json:"result"`
	Detail string `json:"detail"`
}

// SignatureInfo is who signed with which seal; to be believed when Valid.
type SignatureInfo struct {
	SealID   string    `json:"seal_id"`
	SealName string    `json:"seal_name"`
	Signer   string    `json:"signer"`
	SignedAt time.Time `json:"signed_at"`
	Provider string    `json:"provider"`
	Maker    string    `json:"maker"`
}

// names are the checks in plain words; a code that is missing here fails a test.
var names = map[string]string{
	"open":            "打开文件",
	"container":       "文件包规范",
	"signed":          "电子签章",
	"format":          "签章数据格式",
	"references":      "文件内容未被改动",
	"coverage":        "所有内容均在签章保护之内",
	"data-hash":       "签章描述未被改动",
	"signature":       "签章人签名",
	"binding":         "签名与本文件对应",
	"seal-file":       "印章数据一致",
	"seal-maker":      "印章未被伪造",
	"maker-trusted":   "制章机构可信",
	"signer-listed":   "签章人有权使用该印章",
	"signer-trusted":  "签章人证书可信",
	"signer-time":     "签章时证书有效",
	"seal-time":       "签章时印章在有效期内",
	"seal-register":   "印章备案状态",
	"sign-time":       "签章时间合理",
	"time-stamp":      "时间戳",
	"certificate-dn":  "证书格式",
	"signature-order": "签名编码",
}

// altering says which failed checks mean that the file is not what was signed;
// the others mean that it is, but by somebody or something not to be trusted.
var altering = map[string]bool{
	"container": true, "format": true, "references": true, "coverage": true, "data-hash": true,
	"signature": true, "binding": true, "seal-file": true, "signature-order": true,
}

func (r *Report) add(code, result, detail string) {
	r.Checks = append(r.Checks, Check{code, names[code], result, detail})
	if result == Fail {
		r.altered = r.altered || altering[code]
		r.untrusted = r.untrusted || !altering[code]
	}
}

// expect adds a check that passes or fails.
func (r *Report) expect(code string, ok bool, pass, fail string) bool {
	if ok {
		r.add(code, Pass, pass)
	} else {
		r.add(code, Fail, fail)
	}
	return ok
}

// finish draws the conclusion.
func (r *Report) finish() {
	switch {
	case r.altered:
		r.State, r.Summary = StateAltered, "文件与签章时不一致，可能被改动过，请勿采信。"
	case r.untrusted:
		r.State, r.Summary = StateUntrusted, "文件内容完整，但签章人或印章不可信，请勿采信。"
	default:
		r.State, r.Valid, r.Summary = StateValid, true, "文件完整，签章真实有效。"
	}
}
