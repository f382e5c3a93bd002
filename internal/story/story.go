package story

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Cast are the accounts of the reference city that play in the story.
type Cast struct {
	Applicant, Clerk, Reviewer, Approver string // logins
	Password                             string
}

// Story is one run.
type Story struct {
	Base string // "http://127.0.0.1:8080"
	Cast Cast
	// Search finds the item; a complete one of the city is taken.
	Search string
	// Tell is called after each step.
	Tell func(step, detail string, took time.Duration)

	applicant, clerk, reviewer, approver *Client

	item  item
	form  json.RawMessage
	draft draft
	kase  Case
	// What the submit sent, to send it again.
	replayKey  string
	replayBody map[string]any
	// OFD is the sealed licence as the holder downloads it.
	OFD []byte
}

// waiting bounds how long the story waits for what is made after the decision.
const waiting = 30 * time.Second

type step struct {
	name string
	run  func(context.Context) (string, error)
}

// Run plays the whole story and stops at the first step that fails.
func (s *Story) Run(ctx context.Context) error {
	s.applicant, s.clerk, s.reviewer, s.approver = NewClient(s.Base), NewClient(s.Base), NewClient(s.Base), NewClient(s.Base)
	for _, st := range []step{
		{"搜索事项", s.find},
		{"登录", s.signIn},
		{"填写表单", s.fill},
		{"上传材料", s.upload},
		{"提交申请", s.submit},
		{"重复提交得到同一办件", s.replay},
		{"窗口收件箱看到", s.inbox},
		{"逐份核对材料", s.check},
		{"受理", s.accept},
		{"审查", s.review},
		{"两人同时决定", s.decide},
		{"颁发证照", s.licence},
		{"下载并查验证照", s.verify},
		{"改动一个字节被发现", s.tamper},
	} {
		began := time.Now()
		detail, err := st.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
		if s.Tell != nil {
			s.Tell(st.name, detail, time.Since(began))
		}
	}
	return nil
}

// CaseNo is the number of the case once it was submitted.
func (s *Story) CaseNo() string { return s.kase.CaseNo }

func (s *Story) find(ctx context.Context) (string, error) {
	var found rows[itemRow]
	if err := s.applicant.Do(ctx, http.MethodGet, "/api/items?q="+url.QueryEscape(s.Search)+"&region=421300000000", nil, &found); err != nil {
		return "", err
	}
	for _, r := range found.Rows {
		if r.Complete {
			return r.Name + "，" + r.OrgName, s.applicant.Do(ctx, http.MethodGet, "/api/items/"+r.ID, nil, &s.item)
		}
	}
	return "", fmt.Errorf("no complete item among %d results for %q", len(found.Rows), s.Search)
}

func (s *Story) signIn(ctx context.Context) (string, error) {
	for _, who := range []struct {
		c     *Client
		login string
	}{{s.applicant, s.Cast.Applicant}, {s.clerk, s.Cast.Clerk}, {s.reviewer, s.Cast.Reviewer}, {s.approver, s.Cast.Approver}} {
		if err := who.c.SignIn(ctx, who.login, s.Cast.Password); err != nil {
			return "", err
		}
	}
	return "申请人、窗口、审查、审批", nil
}

func (s *Story) fill(ctx context.Context) (string, error) {
	var def definition
	if err := s.applicant.Do(ctx, http.MethodGet, fmt.Sprintf("/api/forms/%s?version=%d", url.PathEscape(s.item.FormID), s.item.FormVersion), nil, &def); err != nil {
		return "", err
	}
	if len(def.Schema.Examples) == 0 {
		return "", fmt.Errorf("form %s has no example to fill in", s.item.FormID)
	}
	if err := s.applicant.Do(ctx, http.MethodPost, "/api/drafts", map[string]string{"item_id": s.item.ID}, &s.draft); err != nil {
		return "", err
	}
	// What the account already tells stays; the rest is filled in from the example.
	form := map[string]json.RawMessage{}
	for _, part := range []json.RawMessage{def.Schema.Examples[0], s.draft.Form} {
		if err := json.Unmarshal(part, &form); err != nil {
			return "", fmt.Errorf("form: %w", err)
		}
	}
	var err error
	if s.form, err = json.Marshal(form); err != nil {
		return "", fmt.Errorf("form: %w", err)
	}
	return "草稿已保存", s.applicant.Do(ctx, http.MethodPut, "/api/drafts/"+s.draft.ID, map[string]any{"form": s.form, "version": s.draft.Version}, &s.draft)
}

// picture is the smallest PNG, one white point.
var picture = func() []byte {
	raw, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==")
	if err != nil {
		panic("story: the picture is no base64: " + err.Error())
	}
	return raw
}()

func (s *Story) upload(ctx context.Context) (string, error) {
	n := 0
	for _, m := range s.item.Materials {
		if !m.Required || m.Waived {
			continue
		}
		path := "/api/drafts/" + s.draft.ID + "/files?material=" + url.QueryEscape(m.Code) + "&name=" + url.QueryEscape(m.Name+".png")
		if err := s.applicant.Send(ctx, http.MethodPost, path, bytes.NewReader(picture), "image/png", nil); err != nil {
			return "", fmt.Errorf("%s: %w", m.Name, err)
		}
		n++
	}
	return fmt.Sprintf("%d 份", n), nil
}

// Key makes an Idempotency-Key.
func Key() string { return "story-" + rand.Text() }

func (s *Story) submit(ctx context.Context) (string, error) {
	s.replayKey = Key()
	s.replayBody = map[string]any{"draft_id": s.draft.ID, "promise": true}
	err := s.applicant.Do(ctx, http.MethodPost, "/api/cases", s.replayBody, &s.kase, "Idempotency-Key", s.replayKey)
	return s.kase.CaseNo, err
}

func (s *Story) replay(ctx context.Context) (string, error) {
	var again Case
	if err := s.applicant.Do(ctx, http.MethodPost, "/api/cases", s.replayBody, &again, "Idempotency-Key", s.replayKey); err != nil {
		return "", err
	}
	if again.CaseNo != s.kase.CaseNo {
		return "", fmt.Errorf("a second case %s came into being", again.CaseNo)
	}
	return again.CaseNo, nil
}

func (s *Story) inbox(ctx context.Context) (string, error) {
	var list rows[Case]
	if err := s.clerk.Do(ctx, http.MethodGet, "/api/desk/cases?tab=todo&q="+url.QueryEscape(s.kase.CaseNo), nil, &list); err != nil {
		return "", err
	}
	for _, c := range list.Rows {
		if c.CaseNo == s.kase.CaseNo {
			return c.StateText, nil
		}
	}
	return "", errors.New("the window does not see the case")
}

// act does one step of an official on the case as it stands.
func (s *Story) act(ctx context.Context, who *Client, action string, body map[string]any) error {
	body["version"] = s.kase.Version
	return who.Do(ctx, http.MethodPost, "/api/desk/cases/"+s.kase.CaseNo+"/"+action, body, &s.kase)
}

func (s *Story) check(ctx context.Context) (string, error) {
	// The officer reads the case first: its version is the one that counts.
	if err := s.clerk.Do(ctx, http.MethodGet, "/api/desk/cases/"+s.kase.CaseNo, nil, &s.kase); err != nil {
		return "", err
	}
	n := 0
	for _, m := range s.kase.Materials {
		if len(m.Files) == 0 {
			continue
		}
		if err := s.act(ctx, s.clerk, "check-material", map[string]any{"material": m.Code, "result": "ok", "note": ""}); err != nil {
			return "", err
		}
		n++
	}
	return fmt.Sprintf("%d 份合格", n), nil
}

func (s *Story) accept(ctx context.Context) (string, error) {
	if err := s.act(ctx, s.clerk, "accept", map[string]any{"opinion": "材料齐全，符合法定形式，予以受理。"}); err != nil {
		return "", err
	}
	if s.kase.Deadlines.Promised == nil || s.kase.Deadlines.Statutory == nil {
		return "", errors.New("the clocks did not start")
	}
	return "承诺 " + s.kase.Deadlines.Promised.Due.Format("2006-01-02 15:04") + "，法定 " + s.kase.Deadlines.Statutory.Due.Format("2006-01-02 15:04"), nil
}

func (s *Story) review(ctx context.Context) (string, error) {
	return "建议准予", s.act(ctx, s.reviewer, "review", map[string]any{"opinion": "经审查，符合法定条件。", "recommend": "grant"})
}

// decide lets two decisions race on one version: exactly one wins, the other learns who.
func (s *Story) decide(ctx context.Context) (string, error) {
	body := map[string]any{"grant": true, "opinion": "同意，准予许可。", "reason": "", "version": s.kase.Version}
	path := "/api/desk/cases/" + s.kase.CaseNo + "/decide"
	second := NewClient(s.Base)
	if err := second.SignIn(ctx, s.Cast.Approver, s.Cast.Password); err != nil {
		return "", err
	}
	answers := make(chan error, 2)
	for _, c := range []*Client{s.approver, second} {
		go func() { answers <- c.Do(ctx, http.MethodPost, path, body, nil) }()
	}
	var lost *Problem
	won := 0
	for range 2 {
		switch err := <-answers; {
		case err == nil:
			won++
		case !errors.As(err, &lost) || lost.Status != http.StatusConflict:
			return "", err
		}
	}
	if won != 1 {
		return "", fmt.Errorf("%d of two decisions won", won)
	}
	var now struct {
		By        string `json:"by"`
		StateText string `json:"state_text"`
	}
	if err := json.Unmarshal(lost.Current, &now); err != nil || now.By == "" {
		return "", fmt.Errorf("the loser does not learn who decided: %s", lost.Current)
	}
	return "一人成功，另一人看到：" + now.By + "已作决定（" + now.StateText + "）", nil
}

func (s *Story) licence(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, waiting)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := s.applicant.Do(ctx, http.MethodGet, "/api/cases/"+s.kase.CaseNo, nil, &s.kase); err != nil {
			return "", err
		}
		if s.kase.Licence != nil {
			return s.kase.Licence.Number, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no licence within %v", waiting)
		case <-tick.C:
		}
	}
}
