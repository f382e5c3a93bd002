package intake

import (
	"context"
	"encoding/json"
	"net/http"

	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the operations of the module.
func (s *Service) Routes(api *httpapi.Server) {
	s.draftRoutes(api)
	s.caseRoutes(api)
	s.deskRoutes(api)
	s.fileRoutes(api)
}

func op(id, method, path, summary string, access httpapi.Access) httpapi.Op {
	return httpapi.Op{ID: "intake-" + id, Method: method, Path: path, Summary: summary, Tag: "intake", Access: access}
}

type caseReply struct{ Body *Case }

func replyCase(c *Case, err error) (*caseReply, error) {
	if err != nil {
		return nil, err
	}
	return &caseReply{c}, nil
}

type rowsReply struct{ Body page.Page[CaseRow] }

type draftReply struct{ Body *Draft }

func replyDraft(d *Draft, err error) (*draftReply, error) {
	if err != nil {
		return nil, err
	}
	return &draftReply{d}, nil
}

// DraftPath names a draft. Exported, since huma fills in only embedded structs that are.
type DraftPath struct {
	ID string `path:"id" format:"uuid"`
}

type draftsReply struct {
	Body struct {
		Rows []Draft `json:"rows"`
	}
}

func (s *Service) draftRoutes(api *httpapi.Server) {
	httpapi.Handle(api, op("draft-open", http.MethodPost, "/api/drafts", "开始或继续填写一个事项的申请", httpapi.Applicant),
		func(ctx context.Context, in *struct {
			Body struct {
				ItemID string `json:"item_id" minLength:"1" maxLength:"64"`
			}
		},
		) (*draftReply, error) {
			return replyDraft(s.OpenDraft(ctx, in.Body.ItemID))
		})
	httpapi.Handle(api, op("draft-list", http.MethodGet, "/api/drafts", "我的草稿", httpapi.Applicant),
		func(ctx context.Context, _ *struct{}) (*draftsReply, error) {
			rows, err := s.Drafts(ctx)
			if err != nil {
				return nil, err
			}
			out := &draftsReply{}
			out.Body.Rows = rows
			return out, nil
		})
	httpapi.Handle(api, op("draft-get", http.MethodGet, "/api/drafts/{id}", "查看草稿", httpapi.Applicant),
		func(ctx context.Context, in *DraftPath) (*draftReply, error) {
			return replyDraft(s.Draft(ctx, in.ID))
		})
	httpapi.Handle(api, op("draft-save", http.MethodPut, "/api/drafts/{id}", "保存草稿", httpapi.Applicant),
		func(ctx context.Context, in *struct {
			DraftPath
			Body struct {
				Form    json.RawMessage `json:"form"`
				Version int             `json:"version" minimum:"1"`
			}
		},
		) (*draftReply, error) {
			return replyDraft(s.SaveDraft(ctx, in.ID, in.Body.Version, in.Body.Form))
		})
	httpapi.Handle(api, op("draft-delete", http.MethodDelete, "/api/drafts/{id}", "删除草稿", httpapi.Applicant),
		func(ctx context.Context, in *DraftPath) (*struct{}, error) {
			return nil, s.DeleteDraft(ctx, in.ID)
		})
}

// CasePath names a case; exported for the reason of DraftPath.
type CasePath struct {
	No string `path:"no" minLength:"22" maxLength:"22"`
}

type submitInput struct {
	Body struct {
		DraftID string          `json:"draft_id,omitempty" format:"uuid" doc:"提交草稿；不填则直接提交下面的内容"`
		ItemID  string          `json:"item_id,omitempty" maxLength:"64"`
		Region  string          `json:"region,omitempty" maxLength:"12" doc:"申请人选择的办理地区"`
		Form    json.RawMessage `json:"form,omitempty"`
		Files   []FileRef       `json:"files,omitempty"`
		Promise bool            `json:"promise,omitempty" doc:"承诺所提交的材料真实有效"`
	}
}

type submitReply struct {
	Status int
	Body   *Case
}

func (s *Service) caseRoutes(api *httpapi.Server) {
	submit := op("submit", http.MethodPost, "/api/cases", "提交申请", httpapi.Applicant)
	submit.Idempotent, submit.Status = true, http.StatusCreated
	httpapi.Handle(api, submit, func(ctx context.Context, in *submitInput) (*submitReply, error) {
		key, hash := httpapi.IdempotencyKey(ctx)
		c, replayed, err := s.Submit(ctx, Submission{
			DraftID: in.Body.DraftID, ItemID: in.Body.ItemID, Region: in.Body.Region, Form: in.Body.Form,
			Files: in.Body.Files, Promise: in.Body.Promise, Key: key, BodyHash: hash,
		})
		if err != nil {
			return nil, err
		}
		if replayed {
			return &submitReply{http.StatusOK, c}, nil
		}
		return &submitReply{http.StatusCreated, c}, nil
	})
	httpapi.Handle(api, op("mine", http.MethodGet, "/api/cases", "我的办件", httpapi.Applicant),
		func(ctx context.Context, in *struct {
			Cursor string `query:"cursor" maxLength:"400"`
			Size   int    `query:"size" minimum:"0" maximum:"100"`
		},
		) (*rowsReply, error) {
			p, err := s.Mine(ctx, page.Request{Cursor: in.Cursor, Size: in.Size})
			return &rowsReply{p}, err
		})
	httpapi.Handle(api, op("case", http.MethodGet, "/api/cases/{no}", "查看办件", httpapi.SignedIn),
		func(ctx context.Context, in *CasePath) (*caseReply, error) {
			return replyCase(s.Case(ctx, in.No))
		})
	httpapi.Handle(api, op("supplement", http.MethodPost, "/api/cases/{no}/supplement", "提交补正材料", httpapi.Applicant),
		func(ctx context.Context, in *struct {
			CasePath
			Body struct {
				Version int       `json:"version" minimum:"1"`
				Note    string    `json:"note,omitempty" maxLength:"2000"`
				Files   []FileRef `json:"files,omitempty"`
			}
		},
		) (*caseReply, error) {
			return replyCase(s.Supplement(ctx, in.No, in.Body.Version, in.Body.Note, in.Body.Files))
		})
	httpapi.Handle(api, op("withdraw", http.MethodPost, "/api/cases/{no}/withdraw", "撤回申请", httpapi.Applicant),
		func(ctx context.Context, in *struct {
			CasePath
			Body struct {
				Version int    `json:"version" minimum:"1"`
				Reason  string `json:"reason" maxLength:"2000"`
			}
		},
		) (*caseReply, error) {
			return replyCase(s.Withdraw(ctx, in.No, in.Body.Version, in.Body.Reason))
		})
}
