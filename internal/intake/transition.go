package intake

import (
	"slices"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// Move is what somebody does to a case; it is also the last part of the HTTP path.
type Move string

// The moves. Those without an actor's right belong to the applicant or to the system.
const (
	MoveSubmit            Move = "submit"
	MoveCheckMaterial     Move = "check-material" // changes a material, not the state
	MoveAccept            Move = "accept"
	MoveAcceptBySilence   Move = "accept-by-silence"
	MoveRequestSupplement Move = "request-supplement"
	MoveSupplement        Move = "supplement"
	MoveDecline           Move = "decline"
	MoveReview            Move = "review"
	MoveSuspend           Move = "suspend"
	MoveResume            Move = "resume"
	MoveExtend            Move = "extend" // moves the deadline, not the state
	MoveGrant             Move = "grant"
	MoveRefuse            Move = "refuse"
	MoveMake              Move = "make"
	MoveDeliver           Move = "deliver"
	MoveClose             Move = "close"
	MoveWithdraw          Move = "withdraw"
	moveDecide            Move = "decide" // the one button behind grant and refuse
)

// Who may make a move.
type Who string

// The parties to a case.
const (
	ByApplicant Who = "applicant"
	ByStaff     Who = "staff"
	BySystem    Who = "system"
)

// The rights of staff over cases, granted per organisation and region.
const (
	RightView       actor.Action = "intake.view"
	RightAccept     actor.Action = "intake.accept"
	RightSupplement actor.Action = "intake.supplement"
	RightDecline    actor.Action = "intake.decline"
	RightReview     actor.Action = "intake.review"
	RightDecide     actor.Action = "intake.decide"
	RightExtend     actor.Action = "intake.extend"
)

// Transition is one line of the law of a case: who may take it from where to where,
// by which article. To is "" when the move leaves the state as it is.
type Transition struct {
	Move    Move
	Who     Who
	Right   actor.Action // staff only
	From    []State
	To      State
	Article string // of 行政许可法, as printed in the timeline and on the paper
	Told    string // the timeline, in plain words for the applicant
}

// Transitions is the whole state machine. What is not here cannot happen.
var Transitions = []Transition{
	{MoveSubmit, ByApplicant, "", nil, Submitted, "第二十九条", "您提交了申请"},
	{MoveCheckMaterial, ByStaff, RightAccept, []State{Submitted, Resubmitted}, "", "第三十四条", "窗口核对了申请材料"},
	{MoveAccept, ByStaff, RightAccept, []State{Submitted, Resubmitted}, Accepted, "第三十二条第一款第（五）项", "申请已受理，开始计算办理期限"},
	{MoveAcceptBySilence, BySystem, "", []State{Submitted, Resubmitted}, Accepted, "第三十二条第一款第（四）项", "五个工作日内未告知补正，自收到材料之日起视为受理"},
	// Once only: from Resubmitted nobody may ask again (一次告知).
	{MoveRequestSupplement, ByStaff, RightSupplement, []State{Submitted}, SupplementRequested, "第三十二条第一款第（四）项", "材料需要补正，请按告知书一次补齐"},
	{MoveSupplement, ByApplicant, "", []State{SupplementRequested}, Resubmitted, "第三十二条第一款第（五）项", "您提交了补正材料"},
	{MoveDecline, ByStaff, RightDecline, []State{Submitted, Resubmitted, SupplementRequested}, NotAccepted, "第三十二条第一款第（一）（二）项", "申请不予受理，理由见告知书"},
	{MoveReview, ByStaff, RightReview, []State{Accepted}, Reviewed, "第三十四条", "材料审查完毕，报请作出决定"},
	{MoveSuspend, ByStaff, RightReview, []State{Accepted, Reviewed}, Suspended, "第四十五条", "进入特别程序，所需时间不计入办理期限"},
	// Back to where it was suspended from; the case remembers which.
	{MoveResume, ByStaff, RightReview, []State{Suspended}, Accepted, "第四十五条", "特别程序结束，恢复计算办理期限"},
	{MoveExtend, ByStaff, RightExtend, []State{Accepted, Reviewed}, "", "第四十二条第一款", "经本机关负责人批准，办理期限延长十个工作日"},
	{MoveGrant, ByStaff, RightDecide, []State{Reviewed}, Granted, "第三十八条第一款", "准予许可"},
	{MoveRefuse, ByStaff, RightDecide, []State{Reviewed}, Refused, "第三十八条第二款", "不予许可，理由见决定书"},
	{MoveMake, BySystem, "", []State{Granted}, Made, "第三十九条", "证件已制作并加盖印章"},
	{MoveDeliver, BySystem, "", []State{Made, Granted, Refused}, Delivered, "第四十四条", "结果已送达，可在线查看和下载"},
	{MoveClose, BySystem, "", []State{Delivered}, Closed, "第四十四条", "办件办结"},
	// Before the decision the application is the applicant's own.
	{MoveWithdraw, ByApplicant, "", []State{Submitted, SupplementRequested, Resubmitted, Accepted, Reviewed, Suspended}, Withdrawn, "第二十九条", "您撤回了申请"},
}

// TransitionOf is the line of a move; it panics for a word that is not a move,
// because moves are constants of this package.
func TransitionOf(m Move) Transition {
	for _, t := range Transitions {
		if t.Move == m {
			return t
		}
	}
	panic("intake: no transition " + string(m))
}

// From reports whether the move may be made in state s.
func (t Transition) Allowed(s State) bool { return slices.Contains(t.From, s) }

// Next is the state after the move; for a move that keeps it, s itself.
func (t Transition) Next(s State) State {
	if t.To == "" {
		return s
	}
	return t.To
}

// MovesFor lists what the actor may do to a case now, in the order of the table: the
// `can` of the API. Grant and refuse are one button, decide. A hidden move is not
// forbidden by this list but by the check in its use case, which uses the same table.
func MovesFor(a *actor.Actor, applicantID string, at actor.Place, s State, extended bool) []Move {
	out := []Move{}
	for _, t := range Transitions {
		if !t.Allowed(s) || t.Move == MoveExtend && extended {
			continue
		}
		switch t.Who {
		case ByApplicant:
			if a == nil || a.ApplicantID == "" || a.ApplicantID != applicantID {
				continue
			}
		case ByStaff:
			if a == nil || a.Kind == actor.System || !a.Can(t.Right, at) {
				continue
			}
		default:
			continue
		}
		m := t.Move
		if m == MoveGrant || m == MoveRefuse {
			m = moveDecide
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// check fails with 409 when the state does not allow the move; the message says what
// stands in the way, in the words of the state.
func (t Transition) check(s State) *fault.Fault {
	if t.Allowed(s) {
		return nil
	}
	if t.Move == MoveRequestSupplement && s == Resubmitted {
		return fault.New(fault.Conflict, "intake.supplement-once",
			"补正内容依法只能一次告知（行政许可法第三十二条），本办件已经告知过，请予以受理或者作出不予受理决定。")
	}
	return fault.New(fault.Conflict, "intake.wrong-state",
		"办件当前状态是“"+s.Text()+"”，不能进行这项操作，请刷新后查看最新情况。")
}
