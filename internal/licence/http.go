package licence

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// maxFile bounds a file to be verified.
const maxFile = 20 << 20

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-mine", Method: "GET", Path: "/api/licences", Tag: "licence",
		Summary: "我的证照，最新的在前", Access: httpapi.Applicant,
	}, func(ctx context.Context, in *pageIn) (*pageOut, error) {
		p, err := s.Mine(ctx, in.request())
		return &pageOut{Body: p}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-get", Method: "GET", Path: "/api/licences/{id}", Tag: "licence",
		Summary: "一张证照", Access: httpapi.SignedIn,
	}, func(ctx context.Context, in *idIn) (*licenceOut, error) {
		l, err := s.ByID(ctx, in.ID)
		return &licenceOut{Body: l}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-present", Method: "POST", Path: "/api/licences/{id}/present", Tag: "licence",
		Summary: "亮证：得到 5 分钟内有效的出示码", Access: httpapi.Applicant,
	}, func(ctx context.Context, in *idIn) (*presentOut, error) {
		p, err := s.Present(ctx, in.ID)
		return &presentOut{Body: p}, err
	})
	api.Raw(httpapi.Op{
		ID: "licence-qr", Method: "GET", Path: "/api/licences/{id}/qr.png", Tag: "licence",
		Summary: "亮证二维码：扫码到核验页，5 分钟内有效", Access: httpapi.Applicant, Produces: "image/png",
	}, s.getQR(api))
	api.Raw(httpapi.Op{
		ID: "licence-file", Method: "GET", Path: "/api/licences/{id}/file", Tag: "licence",
		Summary: "下载证照：OFD 原件或 PDF 副本", Access: httpapi.SignedIn, Produces: ofdType,
		Params: []httpapi.Param{{Name: "format", Doc: "ofd（默认）或 pdf"}, {Name: "inline", Doc: "1：在页面里显示"}},
	}, s.getFile(api))
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-desk-list", Method: "GET", Path: "/api/desk/licences", Tag: "licence",
		Summary: "本单位签发的证照，可按编号、标识、办件编号、持证主体查找", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, in *deskIn) (*pageOut, error) {
		p, err := s.Issued(ctx, in.Q, page.Request{Cursor: in.Cursor, Size: in.Size})
		return &pageOut{Body: p}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-revoke", Method: "POST", Path: "/api/desk/licences/{id}/revoke", Tag: "licence",
		Summary: "撤销、吊销或注销证照", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, in *revokeIn) (*licenceOut, error) {
		l, err := s.Revoke(ctx, in.ID, in.Body.Status, in.Body.Reason)
		return &licenceOut{Body: l}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-unmask", Method: "POST", Path: "/api/desk/licences/{id}/unmask", Tag: "licence",
		Summary: "说明用途后查看证照的完整信息", Access: httpapi.StaffOnly,
	}, func(ctx context.Context, in *unmaskIn) (*unmaskOut, error) {
		u, err := s.Unmask(ctx, in.ID, in.Body.Purpose, in.Body.Words)
		return &unmaskOut{Body: u}, err
	})
	httpapi.Handle(api, httpapi.Op{
		ID: "licence-verify-code", Method: "GET", Path: "/api/verify", Tag: "licence",
		Summary: "按出示码或电子证照标识核验", Access: httpapi.Public, RateKey: "verify",
	}, func(ctx context.Context, in *codeIn) (*verifyOut, error) {
		r, err := s.VerifyByCode(ctx, in.Code)
		return &verifyOut{CacheControl: "no-store", Body: r}, err
	})
	api.Raw(httpapi.Op{
		ID: "licence-verify-file", Method: "POST", Path: "/api/verify", Tag: "licence",
		Summary: "按文件核验：请求体是 OFD 文件，不保存", Access: httpapi.Public, RateKey: "verify",
		MaxBody: maxFile, Consumes: ofdType, Reply: VerifyReport{},
	}, s.postVerify(api))
}

type (
	pageIn struct {
		Cursor string `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
		Size   int    `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
	}
	deskIn struct {
		Q      string `query:"q" maxLength:"120" doc:"编号、电子证照标识、办件编号、持证主体代码或名称开头"`
		Cursor string `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
		Size   int    `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
	}
	pageOut struct{ Body page.Page[Licence] }
	idIn    struct {
		ID string `path:"id" maxLength:"40"`
	}
	licenceOut struct{ Body Licence }
	presentOut struct{ Body Presentation }
	revokeIn   struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Status Status `json:"status,omitempty" doc:"revoked 撤销（默认）、withdrawn 吊销、cancelled 注销"`
			Reason string `json:"reason" doc:"理由和依据，5 到 500 字"`
		}
	}
	unmaskIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Purpose string `json:"purpose" enum:"identity,contact,examine,inquiry,supervise" doc:"用途"`
			Words   string `json:"words" maxLength:"200" doc:"具体说明，4 到 200 字"`
		}
	}
	unmaskOut struct{ Body Unmasked }
	codeIn    struct {
		Code string `query:"code" maxLength:"160" required:"true" doc:"出示码或电子证照标识"`
	}
	verifyOut struct {
		CacheControl string `header:"Cache-Control"`
		Body         VerifyReport
	}
)

func (in *pageIn) request() page.Request { return page.Request{Cursor: in.Cursor, Size: in.Size} }

func (s *Service) getQR(api *httpapi.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.Present(r.Context(), r.PathValue("id"))
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		png, err := qrPNG(p.URL, 480)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "image/png")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Presentation-Code", p.Code)
		h.Set("X-Presentation-Expires", p.ExpiresAt.Format("2006-01-02T15:04:05Z07:00"))
		_, _ = w.Write(png)
	}
}

var errFormat = fault.New(fault.Invalid, "licence.bad-format", "只有 OFD 原件和 PDF 副本两种格式，请重新选择。")

func (s *Service) getFile(api *httpapi.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		format := Format(r.URL.Query().Get("format"))
		if format == "" {
			format = OFD
		}
		if format != OFD && format != PDF {
			api.Fail(w, r, errFormat)
			return
		}
		f, err := s.File(r.Context(), r.PathValue("id"), format)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		disposition := "attachment"
		if r.URL.Query().Get("inline") == "1" {
			disposition = "inline"
		}
		h := w.Header()
		h.Set("Content-Type", f.ContentType)
		h.Set("Content-Length", strconv.Itoa(len(f.Body)))
		h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
		h.Set("Cache-Control", "private, no-store")
		_, _ = w.Write(f.Body)
	}
}

func (s *Service) postVerify(api *httpapi.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		file, err := io.ReadAll(r.Body)
		if err != nil {
			api.Fail(w, r, httpapi.BodyError(err))
			return
		}
		report, err := s.Verify(r.Context(), file)
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		writeJSON(w, report)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // what fails here is the connection
}
