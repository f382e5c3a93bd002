package intake

// State is where a case stands. The stored word is stable; the texts are for people.
type State string

// The states a case can be in. A draft is not a case yet: it has no number and no clock.
const (
	Submitted           State = "submitted"            // 待受理
	SupplementRequested State = "supplement_requested" // 待补正
	Resubmitted         State = "resubmitted"          // 已补正，待受理
	NotAccepted         State = "not_accepted"         // 不予受理
	Accepted            State = "accepted"             // 已受理，审查中
	Reviewed            State = "reviewed"             // 已审查，待决定
	Suspended           State = "suspended"            // 特别程序
	Granted             State = "granted"              // 准予许可，制证中
	Refused             State = "refused"              // 不予许可
	Made                State = "made"                 // 已制证
	Delivered           State = "delivered"            // 已送达
	Closed              State = "closed"               // 已办结
	Withdrawn           State = "withdrawn"            // 申请人撤回
)

// Result is how a case ended in substance; it outlives the state, which ends as Closed.
type Result string

// The results. NoResult is a case that is still open or ended without a decision.
const (
	NoResult      Result = ""
	ResultGranted Result = "granted"
	ResultRefused Result = "refused"
)

// stateTexts are the words of the field for officers and, beside them, what an
// applicant is told: where it is and who has to move next.
var stateTexts = map[State]struct{ staff, applicant string }{
	Submitted:           {"待受理", "已提交，等待窗口受理"},
	SupplementRequested: {"待补正", "需要您补正材料"},
	Resubmitted:         {"已补正待受理", "补正材料已收到，等待受理"},
	NotAccepted:         {"不予受理", "不予受理"},
	Accepted:            {"审查中", "已受理，正在审查"},
	Reviewed:            {"待决定", "审查完毕，等待作出决定"},
	Suspended:           {"特别程序中", "正在进行特别程序，办理期限暂停计算"},
	Granted:             {"准予许可，待出证", "准予许可，正在制作证件"},
	Refused:             {"不予许可", "不予许可，正在制作决定书"},
	Made:                {"已出证", "证件已制作完成"},
	Delivered:           {"已送达", "结果已送达"},
	Closed:              {"已办结", "已办结"},
	Withdrawn:           {"申请人已撤回", "您已撤回申请"},
}

// Text is the state in the words of an officer's desk.
func (s State) Text() string { return stateTexts[s].staff }

// PlainText is the state as the applicant reads it; a closed case says how it ended.
func (s State) PlainText(r Result) string {
	if s == Closed && r == ResultGranted {
		return "已办结，准予许可"
	}
	if s == Closed && r == ResultRefused {
		return "已办结，不予许可"
	}
	return stateTexts[s].applicant
}

// Open reports whether somebody still has to do something before the decision.
func (s State) Open() bool {
	switch s {
	case Submitted, SupplementRequested, Resubmitted, Accepted, Reviewed, Suspended:
		return true
	}
	return false
}

// Ended reports whether nothing more will happen to the case.
func (s State) Ended() bool { return s == Closed || s == NotAccepted || s == Withdrawn }

// AwaitsAcceptance reports whether the five days of Art 32(4) run.
func (s State) AwaitsAcceptance() bool { return s == Submitted || s == Resubmitted }

// Running reports whether the clock of the decision runs (Art 42); it does not in Suspended (Art 45).
func (s State) Running() bool { return s == Accepted || s == Reviewed }

// The steps that an open case can await; awaitsNobody is one that waits for the applicant
// or for the end of a special procedure.
const (
	awaitsAcceptance = "accept"
	awaitsReview     = "review"
	awaitsDecision   = "decide"
	awaitsNobody     = ""
)

// awaits says which officer's step is next, for the desks' lists.
func (s State) awaits() string {
	switch s {
	case Submitted, Resubmitted:
		return awaitsAcceptance
	case Accepted:
		return awaitsReview
	case Reviewed:
		return awaitsDecision
	}
	return awaitsNobody
}
