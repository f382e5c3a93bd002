package seal

import (
	"context"
	"encoding/json"
	"net/http"

	"onedoor/internal/platform/httpapi"
)

type trustOutput struct {
	Body json.RawMessage
}

// Routes offers the trust file, so that anyone can check licences offline. It
// holds certificates and the state of each seal, nothing personal.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "seal-trust", Method: http.MethodGet, Path: "/api/seal/trust", Tag: "seal", Access: httpapi.Public,
		Summary: "下载离线核验用的信任文件（根证书、制章机构、印章备案状态）",
	}, func(ctx context.Context, _ *struct{}) (*trustOutput, error) {
		t, err := s.Trust(ctx)
		if err != nil {
			return nil, err
		}
		return &trustOutput{Body: t.Export()}, nil
	})
}
