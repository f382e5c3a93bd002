package identity

import (
	"context"
	"net/http"
	"slices"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/httpapi"
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.Server) {
	h := handlers{s, api}
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-sign-in", Method: http.MethodPost, Path: "/api/session", Summary: "登录（身份证号码、手机号或工作人员账号）",
		Tag: "identity", Access: httpapi.Public, RateKey: "sign-in", MaxBody: 4 << 10,
	}, h.signIn)
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-me", Method: http.MethodGet, Path: "/api/session", Summary: "当前登录人，未登录时 kind 为 anonymous", Tag: "identity", Access: httpapi.Public,
	}, h.me)
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-sign-out", Method: http.MethodDelete, Path: "/api/session", Summary: "退出登录", Tag: "identity", Access: httpapi.Public,
	}, h.signOut)
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-switch-post", Method: http.MethodPost, Path: "/api/session/post", Summary: "切换岗位", Tag: "identity", Access: httpapi.StaffOnly,
	}, h.switchPost)
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-register", Method: http.MethodPost, Path: "/api/accounts", Summary: "注册个人账号", Tag: "identity",
		Access: httpapi.Public, RateKey: "register", MaxBody: 4 << 10, Status: http.StatusCreated,
	}, h.register)
	httpapi.Handle(api, httpapi.Op{
		ID: "identity-change-password", Method: http.MethodPost, Path: "/api/account/password", Summary: "修改密码", Tag: "identity",
		Access: httpapi.SignedIn, RateKey: "sign-in", MaxBody: 4 << 10,
	}, h.changePassword)
}

type handlers struct {
	s   *Service
	api *httpapi.Server
}

// Me is who is signed in, as the screens show it.
type Me struct {
	Kind      string       `json:"kind" enum:"anonymous,citizen,enterprise,staff"`
	Name      string       `json:"name"`
	Applicant *MeApplicant `json:"applicant,omitempty"`
	Post      string       `json:"post,omitempty" doc:"当前岗位"`
	OrgName   string       `json:"org_name,omitempty"`
	Posts     []MePost     `json:"posts" doc:"全部岗位，工作人员才有"`
	Actions   []string     `json:"actions" doc:"当前岗位可以做的操作"`
}

// MeApplicant is in whose name the signed-in person applies.
type MeApplicant struct {
	Kind     string `json:"kind" enum:"person,legal"`
	Name     string `json:"name"`
	IDMasked string `json:"id_masked"`
}

// MePost is one of an official's posts.
type MePost struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	OrgName string `json:"org_name"`
	Present bool   `json:"present"`
}

type meOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

// plainMe is meOut without a cookie: an empty Set-Cookie would be sent as one.
type plainMe struct{ Body Me }

type signInIn struct {
	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"64" doc:"身份证号码、手机号或工作人员账号"`
		Password string `json:"password" minLength:"1" maxLength:"512"`
	}
}

func (h handlers) signIn(ctx context.Context, in *signInIn) (*meOut, error) {
	session, err := h.s.SignIn(ctx, in.Body.Login, in.Body.Password)
	if err != nil {
		return nil, err
	}
	// Somebody else may have been signed in on this browser.
	if actor.From(ctx).SessionID != "" {
		if err := h.s.SignOut(ctx); err != nil {
			return nil, err
		}
	}
	return h.signedIn(ctx, session)
}

func (h handlers) signedIn(ctx context.Context, session Session) (*meOut, error) {
	me, err := h.s.Me(ctx, session.Actor)
	if err != nil {
		return nil, err
	}
	return &meOut{SetCookie: h.api.NewSessionCookie(session.Token, session.Expires), Body: me}, nil
}

func (h handlers) me(ctx context.Context, _ *struct{}) (*plainMe, error) {
	me, err := h.s.Me(ctx, actor.From(ctx))
	return &plainMe{Body: me}, err
}

type signOutOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// signOut succeeds without a session too: the wish is fulfilled.
func (h handlers) signOut(ctx context.Context, _ *struct{}) (*signOutOut, error) {
	if actor.From(ctx).SessionID != "" {
		if err := h.s.SignOut(ctx); err != nil {
			return nil, err
		}
	}
	return &signOutOut{SetCookie: h.api.EndSessionCookie()}, nil
}

type switchPostIn struct {
	Body struct {
		PostID string `json:"post_id" format:"uuid"`
	}
}

func (h handlers) switchPost(ctx context.Context, in *switchPostIn) (*plainMe, error) {
	if err := h.s.SwitchPost(ctx, in.Body.PostID); err != nil {
		return nil, err
	}
	who, err := h.s.present(ctx, actor.From(ctx))
	if err != nil {
		return nil, err
	}
	me, err := h.s.Me(ctx, who)
	return &plainMe{Body: me}, err
}

type registerIn struct {
	Body struct {
		Name     string `json:"name" minLength:"2" maxLength:"50"`
		IDNumber string `json:"id_number" minLength:"18" maxLength:"18" doc:"居民身份证号码"`
		Phone    string `json:"phone" minLength:"11" maxLength:"11"`
		Password string `json:"password" minLength:"10" maxLength:"128"`
	}
}

func (h handlers) register(ctx context.Context, in *registerIn) (*meOut, error) {
	id, err := h.s.Register(ctx, Registration{in.Body.Name, in.Body.IDNumber, in.Body.Phone, in.Body.Password})
	if err != nil {
		return nil, err
	}
	session, err := h.s.OpenSession(ctx, id)
	if err != nil {
		return nil, err
	}
	return h.signedIn(ctx, session)
}

type changePasswordIn struct {
	Body struct {
		Old      string `json:"old" minLength:"1" maxLength:"512"`
		Password string `json:"password" minLength:"10" maxLength:"128"`
	}
}

func (h handlers) changePassword(ctx context.Context, in *changePasswordIn) (*struct{}, error) {
	return nil, h.s.ChangePassword(ctx, in.Body.Old, in.Body.Password)
}

// Me describes who, with the number masked.
func (s *Service) Me(ctx context.Context, who *actor.Actor) (Me, error) {
	me := Me{Kind: string(who.Kind), Name: who.Name, Post: who.PostName, Posts: []MePost{}, Actions: []string{}}
	if who.ApplicantID != "" {
		a, err := s.ApplicantByID(ctx, who.ApplicantID)
		if err != nil {
			return Me{}, err
		}
		me.Applicant = &MeApplicant{Kind: a.Kind, Name: a.Name, IDMasked: a.MaskedID()}
	}
	for _, g := range who.Grants {
		me.Actions = append(me.Actions, string(g.Action))
	}
	slices.Sort(me.Actions)
	me.Actions = slices.Compact(me.Actions)
	if who.StaffID == "" {
		return me, nil
	}
	posts, err := s.Officials.PostsOf(ctx, who.StaffID)
	if err != nil {
		return Me{}, err
	}
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = p.OrgID
	}
	orgs, err := s.Officials.OrgsByIDs(ctx, ids)
	if err != nil {
		return Me{}, err
	}
	for _, p := range posts {
		post := MePost{ID: p.ID, Name: p.Name, OrgName: orgs[p.OrgID].Name, Present: p.Name == who.PostName && orgs[p.OrgID].Path == who.OrgPath}
		if post.Present {
			me.OrgName = post.OrgName
		}
		me.Posts = append(me.Posts, post)
	}
	return me, nil
}
