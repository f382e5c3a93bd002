package licence

import "time"

// Verdict is the answer to "may I rely on this licence?".
type Verdict string

// The verdicts, the worst reason first when several hold: an altered file says
// nothing about the licence it claims to be, so nothing else is looked at.
const (
	VerdictValid   Verdict = "valid"
	VerdictAltered Verdict = "altered" // the package, its seal or its signature is not what was issued
	VerdictRevoked Verdict = "revoked" // issued, and since revoked or cancelled
	VerdictExpired Verdict = "expired" // issued, and its term is over
	VerdictUnknown Verdict = "unknown" // nothing of ours
)

// CheckResult is the outcome of one check.
type CheckResult string

// The outcomes. Skip means an earlier failure made the check meaningless.
const (
	Pass CheckResult = "pass"
	Fail CheckResult = "fail"
	Warn CheckResult = "warn"
	Skip CheckResult = "skip"
)

// Check is one thing that was looked at, in words for people.
type Check struct {
	Code   string      `json:"code"`
	Name   string      `json:"name"`
	Result CheckResult `json:"result"`
	Detail string      `json:"detail"`
}

// Public is what anybody with the licence or its code in hand may learn of it:
// the paper itself shows more, so names are shown and numbers are masked.
type Public struct {
	Identifier   string     `json:"identifier"`
	Title        string     `json:"title"`
	Number       string     `json:"number"`
	HolderName   string     `json:"holder_name"`
	HolderMasked string     `json:"holder_code_masked"`
	IssuerName   string     `json:"issuer_name"`
	IssuedAt     time.Time  `json:"issued_at"`
	ValidFrom    time.Time  `json:"valid_from"`
	ValidTo      *time.Time `json:"valid_to"` // nil: without end
	Status       Status     `json:"status"`
	StatusText   string     `json:"status_text"`
	StatusReason string     `json:"status_reason"`
}

// VerifyReport is the verdict with everything that was checked for it.
type VerifyReport struct {
	Verdict Verdict   `json:"verdict"`
	Summary string    `json:"summary"` // one Chinese sentence
	Checks  []Check   `json:"checks"`
	Licence *Public   `json:"licence,omitempty"` // nil unless it is certain which licence this is
	At      time.Time `json:"at"`
}
