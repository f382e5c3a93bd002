package intake

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"onedoor/internal/platform/httpapi"
)

func (s *Service) fileRoutes(api *httpapi.Server) {
	uploadOp := func(id, path, summary string) httpapi.Op {
		o := op(id, http.MethodPost, path, summary+"（单个不超过20 MB，一次申请最多50个）", httpapi.Applicant)
		o.MaxBody, o.BodyTimeout, o.RateKey, o.Status = MaxFileSize, 5*time.Minute, "upload", http.StatusCreated
		o.Consumes, o.Reply = "application/octet-stream", File{}
		o.Params = []httpapi.Param{
			{Name: "material", Doc: "材料编码", Required: true}, {Name: "name", Doc: "文件名", Required: true},
		}
		return o
	}
	api.Raw(uploadOp("draft-upload", "/api/drafts/{id}/files", "为草稿上传附件"), func(w http.ResponseWriter, r *http.Request) {
		f, err := s.UploadToDraft(r.Context(), r.PathValue("id"), uploadOf(r))
		sendFile(api, w, r, f, err)
	})
	api.Raw(uploadOp("case-upload", "/api/cases/{no}/files", "为补正上传附件"), func(w http.ResponseWriter, r *http.Request) {
		f, err := s.UploadToCase(r.Context(), r.PathValue("no"), uploadOf(r))
		sendFile(api, w, r, f, err)
	})
	httpapi.Handle(api, op("file-delete", http.MethodDelete, "/api/files/{id}", "删除尚未提交的附件", httpapi.Applicant),
		func(ctx context.Context, in *DraftPath) (*struct{}, error) {
			return nil, s.DeleteFile(ctx, in.ID)
		})

	file := op("file", http.MethodGet, "/api/files/{id}", "查看附件", httpapi.SignedIn)
	file.Produces = "application/octet-stream"
	api.Raw(file, func(w http.ResponseWriter, r *http.Request) {
		f, err := s.OpenFile(r.Context(), r.PathValue("id"))
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
		serve(w, r, f.Name, f.ContentType, f.Body)
	})

	paper := op("document", http.MethodGet, "/api/cases/{no}/documents/{id}", "下载办件文书", httpapi.SignedIn)
	paper.Produces = "application/octet-stream"
	paper.Params = []httpapi.Param{{Name: "format", Doc: "pdf（默认）或 ofd"}}
	api.Raw(paper, func(w http.ResponseWriter, r *http.Request) {
		p, err := s.OpenPaper(r.Context(), r.PathValue("no"), r.PathValue("id"), r.URL.Query().Get("format"))
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		serve(w, r, p.Name, p.ContentType, p.Body)
	})
}

func uploadOf(r *http.Request) Upload {
	q := r.URL.Query()
	return Upload{Material: q.Get("material"), Name: q.Get("name"), Body: &requestBody{r.Body}}
}

// requestBody turns what goes wrong while a body comes in (too large, too slow, cut off)
// into what its sender can do about it.
type requestBody struct{ r io.Reader }

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // io.EOF is never wrapped by a body
		err = httpapi.BodyError(err)
	}
	return n, err
}

func sendFile(api *httpapi.Server, w http.ResponseWriter, r *http.Request, f *File, err error) {
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(f) // the sender went away: the file is in its draft all the same
}

// shown are the types that a browser may show in the page; all others are downloaded, and
// none may be taken for anything but what it is.
var shown = map[string]bool{"application/pdf": true, "image/png": true, "image/jpeg": true}

func serve(w http.ResponseWriter, r *http.Request, name, contentType string, body io.ReadCloser) {
	defer func() { _ = body.Close() }()
	how := "attachment"
	if shown[contentType] {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = io.Copy(w, body) // the reader went away: there is nobody to tell
}
