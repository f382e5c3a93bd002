package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"onedoor/internal/notify"
	"onedoor/internal/platform/events"
)

// CaseMoved is the payload of every event of a case; Key of the event is the case number.
type CaseMoved struct {
	CaseNo      string    `json:"case_no"`
	Move        Move      `json:"move"`
	State       State     `json:"state"`
	Result      Result    `json:"result,omitempty"`
	Version     int       `json:"version"`
	ItemID      string    `json:"item_id"`
	ItemName    string    `json:"item_name"`
	OrgID       string    `json:"org_id"`
	OrgPath     string    `json:"org_path"`
	Region      string    `json:"region"`
	ApplicantID string    `json:"applicant_id"`
	AccountID   string    `json:"account_id"`
	At          time.Time `json:"at"`
}

// eventNames are what other modules subscribe to.
var eventNames = map[Move]string{
	MoveSubmit:            "intake.case-submitted",
	MoveCheckMaterial:     "intake.case-material-checked",
	MoveAccept:            "intake.case-accepted",
	MoveAcceptBySilence:   "intake.case-accepted",
	MoveRequestSupplement: "intake.case-supplement-requested",
	MoveSupplement:        "intake.case-resubmitted",
	MoveDecline:           "intake.case-declined",
	MoveReview:            "intake.case-reviewed",
	MoveSuspend:           "intake.case-suspended",
	MoveResume:            "intake.case-resumed",
	MoveExtend:            "intake.case-extended",
	MoveGrant:             "intake.case-decided",
	MoveRefuse:            "intake.case-decided",
	MoveMake:              "intake.case-made",
	MoveDeliver:           "intake.case-delivered",
	MoveClose:             "intake.case-closed",
	MoveWithdraw:          "intake.case-withdrawn",
}

func (r *record) moved(m Move) events.Event {
	return events.New(eventNames[m], r.CaseNo, CaseMoved{
		CaseNo: r.CaseNo, Move: m, State: r.State, Result: r.Result, Version: r.Version,
		ItemID: r.ItemID, ItemName: r.ItemName, OrgID: r.OrgID, OrgPath: r.OrgPath, Region: r.Region,
		ApplicantID: r.ApplicantID, AccountID: r.AccountID, At: r.LastAt,
	}, r.LastAt)
}

// deskTopic carries the organisation path of every case that moved; each open desk
// takes from it what lies in its scope.
const deskTopic = "intake.desk"

// subscribe listens to the module's own events: the desks' lists move, and the
// applicant is told. Both happen after the commit of the move and can't undo it.
func (s *Service) subscribe() {
	seen, names := map[string]bool{}, []string{}
	for _, n := range eventNames {
		if !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	s.Bus.Subscribe("intake.tell", s.tell, names...)
}

func (s *Service) tell(ctx context.Context, e events.Event) error {
	var m CaseMoved
	if err := e.Decode(&m); err != nil {
		return err
	}
	if err := s.Bus.Live().Publish(ctx, deskTopic, m.OrgPath); err != nil {
		return fmt.Errorf("desk update: %w", err)
	}
	n, ok := noticeOf(m)
	if !ok {
		return nil
	}
	n.DedupKey = "intake:" + e.ID
	return s.Notices.Send(ctx, n)
}

// noticeTexts are the messages to the applicant; moves that he made himself and moves
// inside the agency have none.
var noticeTexts = map[Move]struct{ title, body string }{
	MoveAccept:            {"申请已受理", "您申请的“{item}”（{no}）已经受理，受理通知书可在办件详情中下载。"},
	MoveAcceptBySilence:   {"申请视为已受理", "您申请的“{item}”（{no}）在五个工作日内未收到补正告知，依法自收到材料之日起视为受理。"},
	MoveRequestSupplement: {"需要补正材料", "您申请的“{item}”（{no}）需要补正材料，请打开办件详情，按补正告知书一次补齐。"},
	MoveDecline:           {"申请不予受理", "您申请的“{item}”（{no}）不予受理，理由和救济途径见不予受理通知书。"},
	MoveSuspend:           {"进入特别程序", "您申请的“{item}”（{no}）进入特别程序，所需时间不计入办理期限。"},
	MoveResume:            {"特别程序结束", "您申请的“{item}”（{no}）特别程序已结束，恢复计算办理期限。"},
	MoveExtend:            {"办理期限延长", "您申请的“{item}”（{no}）经批准延长办理期限十个工作日，理由见告知书。"},
	MoveGrant:             {"准予许可", "您申请的“{item}”（{no}）已准予许可，正在制作证件，完成后会再通知您。"},
	MoveRefuse:            {"不予许可", "您申请的“{item}”（{no}）不予许可，理由和救济途径见决定书。"},
	MoveDeliver:           {"结果已送达", "您申请的“{item}”（{no}）的结果已送达，可在办件详情和“我的证照”中查看、下载。"},
}

func noticeOf(m CaseMoved) (notify.Message, bool) {
	t, ok := noticeTexts[m.Move]
	if !ok {
		return notify.Message{}, false
	}
	return notify.Message{
		AccountID: m.AccountID, Kind: "case", Title: t.title,
		Body: strings.NewReplacer("{item}", m.ItemName, "{no}", m.CaseNo).Replace(t.body),
		Link: "/my/cases/" + m.CaseNo,
	}, true
}
