package intake

import (
	"context"
	"net/http"

	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// VersionOf is the version of the case that the officer saw.
type VersionOf struct {
	Version int `json:"version" minimum:"1" doc:"所见办件的版本，已变化时返回409"`
}

type acceptBody struct {
	VersionOf
	Opinion string `json:"opinion,omitempty" maxLength:"2000"`
}

type checkBody struct {
	VersionOf
	Material string `json:"material" maxLength:"64"`
	Result   string `json:"result" enum:"ok,wrong"`
	Note     string `json:"note,omitempty" maxLength:"2000"`
}

type supplementBody struct {
	VersionOf
	Items []SupplementItem `json:"items"`
	Note  string           `json:"note,omitempty" maxLength:"2000"`
}

type declineBody struct {
	VersionOf
	Ground string `json:"ground" maxLength:"2000"`
}

type reviewBody struct {
	VersionOf
	Opinion   string `json:"opinion" maxLength:"2000"`
	Recommend Move   `json:"recommend" enum:"grant,refuse"`
}

type decideBody struct {
	VersionOf
	Grant   bool   `json:"grant"`
	Opinion string `json:"opinion,omitempty" maxLength:"2000"`
	Reason  string `json:"reason,omitempty" maxLength:"2000"`
}

type suspendBody struct {
	VersionOf
	Kind   string `json:"kind" enum:"hearing,tender,auction,inspection,testing,quarantine,appraisal,expert"`
	Ground string `json:"ground" maxLength:"2000"`
	Needed string `json:"needed" maxLength:"200"`
}

type extendBody struct {
	VersionOf
	Reason string `json:"reason" maxLength:"2000"`
}

type unmaskedReply struct{ Body *Unmasked }

// deskInput is the shape of every move of an officer.
type deskInput[B any] struct {
	CasePath
	Body B
}

func deskMove[B any](api *httpapi.Server, m Move, summary string, do func(ctx context.Context, no string, b *B) (*Case, error)) {
	httpapi.Handle(api, op("desk-"+string(m), http.MethodPost, "/api/desk/cases/{no}/"+string(m), summary, httpapi.StaffOnly),
		func(ctx context.Context, in *deskInput[B]) (*caseReply, error) {
			return replyCase(do(ctx, in.No, &in.Body))
		})
}

func (s *Service) deskRoutes(api *httpapi.Server) {
	httpapi.Handle(api, op("desk", http.MethodGet, "/api/desk/cases", "工作台办件列表", httpapi.StaffOnly),
		func(ctx context.Context, in *struct {
			Tab    Tab    `query:"tab" enum:"todo,waiting,done,overdue" default:"todo"`
			Q      string `query:"q" maxLength:"100" doc:"办件编号、申请人或事项名称"`
			Cursor string `query:"cursor" maxLength:"400"`
			Size   int    `query:"size" minimum:"0" maximum:"100"`
		},
		) (*rowsReply, error) {
			p, err := s.Desk(ctx, in.Tab, in.Q, page.Request{Cursor: in.Cursor, Size: in.Size})
			return &rowsReply{p}, err
		})
	httpapi.Handle(api, op("desk-case", http.MethodGet, "/api/desk/cases/{no}", "工作台查看办件", httpapi.StaffOnly),
		func(ctx context.Context, in *CasePath) (*caseReply, error) {
			return replyCase(s.Case(ctx, in.No))
		})
	httpapi.Handle(api, op("desk-unmask", http.MethodPost, "/api/desk/cases/{no}/unmask", "说明用途后查看申请表的完整信息", httpapi.StaffOnly),
		func(ctx context.Context, in *struct {
			CasePath
			Body struct {
				Purpose
				Fields []string `json:"fields,omitempty" maxItems:"200" doc:"栏目的位置，见 masked；不填为全部"`
			}
		},
		) (*unmaskedReply, error) {
			u, err := s.Unmask(ctx, in.No, in.Body.Purpose, in.Body.Fields)
			if err != nil {
				return nil, err
			}
			return &unmaskedReply{u}, nil
		})
	deskMove(api, MoveCheckMaterial, "核对一份材料", func(ctx context.Context, no string, b *checkBody) (*Case, error) {
		return s.CheckMaterial(ctx, no, b.Version, b.Material, b.Result, b.Note)
	})
	deskMove(api, MoveAccept, "受理", func(ctx context.Context, no string, b *acceptBody) (*Case, error) {
		return s.Accept(ctx, no, b.Version, b.Opinion)
	})
	deskMove(api, MoveRequestSupplement, "一次告知补正", func(ctx context.Context, no string, b *supplementBody) (*Case, error) {
		return s.RequestSupplement(ctx, no, b.Version, b.Items, b.Note)
	})
	deskMove(api, MoveDecline, "不予受理", func(ctx context.Context, no string, b *declineBody) (*Case, error) {
		return s.Decline(ctx, no, b.Version, b.Ground)
	})
	deskMove(api, MoveReview, "审查", func(ctx context.Context, no string, b *reviewBody) (*Case, error) {
		return s.Review(ctx, no, b.Version, b.Opinion, b.Recommend)
	})
	deskMove(api, moveDecide, "作出决定", func(ctx context.Context, no string, b *decideBody) (*Case, error) {
		return s.Decide(ctx, no, b.Version, Decision{Grant: b.Grant, Opinion: b.Opinion, Reason: b.Reason})
	})
	deskMove(api, MoveSuspend, "进入特别程序", func(ctx context.Context, no string, b *suspendBody) (*Case, error) {
		return s.Suspend(ctx, no, b.Version, Suspension{Kind: b.Kind, Ground: b.Ground, Needed: b.Needed})
	})
	deskMove(api, MoveResume, "特别程序结束", func(ctx context.Context, no string, b *acceptBody) (*Case, error) {
		return s.Resume(ctx, no, b.Version, b.Opinion)
	})
	deskMove(api, MoveExtend, "延长办理期限", func(ctx context.Context, no string, b *extendBody) (*Case, error) {
		return s.Extend(ctx, no, b.Version, b.Reason)
	})

	stream := op("desk-stream", http.MethodGet, "/api/desk/stream", "工作台列表变化（服务器推送）", httpapi.StaffOnly)
	stream.Produces = "text/event-stream"
	api.Raw(stream, func(w http.ResponseWriter, r *http.Request) {
		ch, stop, err := s.DeskChanges(r.Context())
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		defer stop()
		httpapi.Stream(w, r, ch)
	})
}
