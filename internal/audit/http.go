package audit

import (
	"context"

	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the administrators' list.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "audit-list", Method: "GET", Path: "/api/desk/audit", Tag: "audit",
		Summary: "操作留痕列表：本辖区内谁在何时依据什么做了什么", Access: httpapi.StaffOnly,
	}, s.getList)
}

type listIn struct {
	Cursor     string `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
	Size       int    `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
	ObjectKind string `query:"object_kind" maxLength:"40" doc:"对象类别，如 case；与 object_id 同时使用"`
	ObjectID   string `query:"object_id" maxLength:"80" doc:"对象编号，如办件编号"`
}

type listOut struct {
	Body page.Page[Row]
}

func (s *Service) getList(ctx context.Context, in *listIn) (*listOut, error) {
	p, err := s.List(ctx, Filter{ObjectKind: in.ObjectKind, ObjectID: in.ObjectID}, page.Request{Cursor: in.Cursor, Size: in.Size})
	if err != nil {
		return nil, err
	}
	return &listOut{Body: p}, nil
}
