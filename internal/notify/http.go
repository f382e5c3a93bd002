package notify

import (
	"context"
	"net/http"

	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the messages of whoever is signed in.
func (s *Service) Routes(api *httpapi.Server) {
	httpapi.Handle(api, httpapi.Op{
		ID: "notify-inbox", Method: "GET", Path: "/api/notices", Tag: "notify",
		Summary: "我的消息，最新的在前，并返回未读数", Access: httpapi.SignedIn,
	}, s.getInbox)
	httpapi.Handle(api, httpapi.Op{
		ID: "notify-unread", Method: "GET", Path: "/api/notices/unread", Tag: "notify",
		Summary: "我的未读消息数（最多计到 100）", Access: httpapi.SignedIn,
	}, s.getUnread)
	httpapi.Handle(api, httpapi.Op{
		ID: "notify-read", Method: "POST", Path: "/api/notices/{id}/read", Tag: "notify",
		Summary: "把一条消息标为已读，返回剩余未读数", Access: httpapi.SignedIn,
	}, s.postRead)
	httpapi.Handle(api, httpapi.Op{
		ID: "notify-read-at", Method: "POST", Path: "/api/notices/read", Tag: "notify", Status: http.StatusOK,
		Summary: "把指向某个页面的消息标为已读（打开该页面时），返回剩余未读数", Access: httpapi.SignedIn,
	}, s.postReadAt)
	api.Raw(httpapi.Op{
		ID: "notify-stream", Method: "GET", Path: "/api/notices/stream", Tag: "notify",
		Summary: "我的消息变动的实时推送", Access: httpapi.SignedIn, Produces: "text/event-stream",
	}, s.stream(api))
}

type inboxIn struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"上一页返回的 next"`
	Size   int    `query:"size" minimum:"1" maximum:"100" default:"20" doc:"每页条数"`
}

// inboxPage is a page and the badge, which every reader of the list shows too.
type inboxPage struct {
	Rows   []Notice `json:"rows"`
	Next   string   `json:"next,omitempty"`
	Unread int      `json:"unread"`
}

type inboxOut struct{ Body inboxPage }

func (s *Service) getInbox(ctx context.Context, in *inboxIn) (*inboxOut, error) {
	p, err := s.Inbox(ctx, page.Request{Cursor: in.Cursor, Size: in.Size})
	if err != nil {
		return nil, err
	}
	unread, err := s.Unread(ctx)
	if err != nil {
		return nil, err
	}
	return &inboxOut{Body: inboxPage{Rows: p.Rows, Next: p.Next, Unread: unread}}, nil
}

type unreadOut struct {
	Body struct {
		Unread int `json:"unread"`
	}
}

func (s *Service) getUnread(ctx context.Context, _ *struct{}) (*unreadOut, error) {
	n, err := s.Unread(ctx)
	if err != nil {
		return nil, err
	}
	out := &unreadOut{}
	out.Body.Unread = n
	return out, nil
}

type readIn struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *Service) postRead(ctx context.Context, in *readIn) (*unreadOut, error) {
	if err := s.MarkRead(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.getUnread(ctx, nil)
}

type readAtIn struct {
	Body struct {
		Link string `json:"link" minLength:"1" maxLength:"200" doc:"页面地址，如 /my/cases/办件编号"`
	}
}

func (s *Service) postReadAt(ctx context.Context, in *readAtIn) (*unreadOut, error) {
	if err := s.MarkReadAt(ctx, in.Body.Link); err != nil {
		return nil, err
	}
	return s.getUnread(ctx, nil)
}

// stream tells an open page to read its messages again.
func (s *Service) stream(api *httpapi.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		account, err := reader(r.Context())
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		ch, cancel := s.Bus.Live().Subscribe(Topic(account))
		defer cancel()
		httpapi.Stream(w, r, ch)
	}
}
