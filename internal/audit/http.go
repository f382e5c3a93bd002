package audit

import (
	"context"
	"io"
	"net/http"
	"time"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the administrators' list, what a person may know of it, and what
// anybody may check.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-list", Method: "GET", Path: "/api/desk/audit", Tag: "audit",
		Summary: "操作留痕列表：本辖区内谁在何时依据什么做了什么", Access: httpapi.StaffOnly,
	}, s.getList)
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-state", Method: "GET", Path: "/api/desk/audit/state", Tag: "audit",
		Summary: "留痕日志的状态：已编号、已签名、已加盖时间戳、最近一次核查的结果", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, _ *struct{}) (*stateOut, error) {
		st, err := s.State(ctx)
		return &stateOut{st}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-check", Method: "POST", Path: "/api/desk/audit/check", Tag: "audit", Status: http.StatusOK,
		Summary: "立即核查整个留痕日志", Access: httpapi.StaffOnly, RateKey: "verify",
	}, func(ctx context.Context, _ *struct{}) (*stateOut, error) {
		st, err := s.CheckNow(ctx)
		return &stateOut{st}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-mine", Method: "GET", Path: "/api/my/accesses", Tag: "audit",
		Summary: "谁在何时为什么查看或处理过我的信息", Access: httpapi.Applicant,
	}, s.getMine)
	api.Raw(httpapi.Op{
		ID: "audit-checkpoint", Method: "GET", Path: "/api/log/checkpoint", Tag: "audit", Produces: "text/plain",
		Summary: "留痕日志最新的检查点（Ed25519 与 SM2 双签名）", Access: httpapi.Public,
	}, s.getCheckpoint(api))
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-keys", Method: "GET", Path: "/api/log/keys", Tag: "audit",
		Summary: "验证检查点用的公钥", Access: httpapi.Public,
	}, func(ctx context.Context, _ *struct{}) (*keysOut, error) {
		keys, err := s.PublicKeys(ctx)
		return &keysOut{keys}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-proof", Method: "GET", Path: "/api/log/entries/{id}/proof", Tag: "audit",
		Summary: "证明一条记录在留痕日志中（不含记录内容）", Access: httpapi.Public, RateKey: "verify",
	}, func(ctx context.Context, in *proofIn) (*proofOut, error) {
		p, err := s.Inclusion(ctx, in.ID)
		return &proofOut{p}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-consistency", Method: "GET", Path: "/api/log/consistency", Tag: "audit",
		Summary: "证明较新的检查点只是在较旧的检查点之后追加", Access: httpapi.Public, RateKey: "verify",
	}, s.getConsistency)
}

type listIn struct {
	Cursor     string    `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
	Size       int       `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
	ObjectKind string    `query:"object_kind" maxLength:"40" doc:"对象类别，如 case；与 object_id 同时使用"`
	ObjectID   string    `query:"object_id" maxLength:"80" doc:"对象编号，如办件编号"`
	Action     string    `query:"action" maxLength:"60" doc:"操作代码，如 intake.accept"`
	Actor      string    `query:"actor" maxLength:"60" doc:"操作人姓名（全名）"`
	From       time.Time `query:"from" doc:"起始时间（含）"`
	To         time.Time `query:"to" doc:"截止时间（不含）"`
}

type listOut struct {
	Body page.Page[Row]
}

func (s *Service) getList(ctx context.Context, in *listIn) (*listOut, error) {
	f := Filter{ObjectKind: in.ObjectKind, ObjectID: in.ObjectID, Action: in.Action, ActorName: in.Actor, From: in.From, To: in.To}
	p, err := s.List(ctx, f, page.Request{Cursor: in.Cursor, Size: in.Size})
	if err != nil {
		return nil, err
	}
	return &listOut{Body: p}, nil
}

type stateOut struct{ Body State }

type mineIn struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
	Size   int    `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
}

type mineOut struct{ Body page.Page[Access] }

func (s *Service) getMine(ctx context.Context, in *mineIn) (*mineOut, error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return nil, err
	}
	p, err := s.AboutSubject(ctx, who.ApplicantID, page.Request{Cursor: in.Cursor, Size: in.Size})
	return &mineOut{p}, err
}

func (s *Service) getCheckpoint(api *httpapi.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := s.NewestCheckpoint(r.Context())
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text)
	}
}

type keysOut struct{ Body ledger.Keys }

type proofIn struct {
	ID string `path:"id" maxLength:"40"`
}

type proofOut struct{ Body Proof }

type consistencyIn struct {
	From int64 `query:"from" required:"true" minimum:"1" doc:"较旧检查点的大小"`
	To   int64 `query:"to" required:"true" minimum:"1" doc:"较新检查点的大小"`
}

type consistencyOut struct {
	Body struct {
		Hashes []string `json:"hashes"`
	}
}

func (s *Service) getConsistency(ctx context.Context, in *consistencyIn) (*consistencyOut, error) {
	out := &consistencyOut{}
	var err error
	out.Body.Hashes, err = s.Consistency(ctx, in.From, in.To)
	return out, err
}
