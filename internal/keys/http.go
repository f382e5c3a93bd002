package keys

import (
	"context"
	"net/http"

	"onedoor/internal/platform/httpapi"
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "keys-overview", Method: http.MethodGet, Path: "/api/desk/keys", Tag: "keys",
		Summary: "数据密钥和轮换进度（不含密钥本身）", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, _ *struct{}) (*overviewOut, error) {
		o, err := s.Overview(ctx)
		if err != nil {
			return nil, err
		}
		return &overviewOut{*o}, nil
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "keys-rotate", Method: http.MethodPost, Path: "/api/desk/keys/rotations", Tag: "keys",
		Summary: "轮换数据密钥：各单位换用新密钥，已有数据在后台重新加密", Access: httpapi.StaffOnly, Status: http.StatusAccepted,
	}, func(ctx context.Context, in *rotateIn) (*overviewOut, error) {
		if _, _, err := s.Rotate(ctx, "", in.Body.Reason); err != nil {
			return nil, err
		}
		o, err := s.Overview(ctx)
		if err != nil {
			return nil, err
		}
		return &overviewOut{*o}, nil
	})
}

type overviewOut struct{ Body Overview }

type rotateIn struct {
	Body struct {
		Reason string `json:"reason" maxLength:"200" doc:"原因，2 到 200 字"`
	}
}
