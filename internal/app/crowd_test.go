package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onedoor/internal/story"
)

// crowd is a load of people and officials that keeps books: what it was promised, it
// asks for later.
type crowd struct {
	*process
	applicants               []*caller
	founder                  *caller // applies for what ends in a licence
	clerk, reviewer, approve *caller
	item, business           guide
	form, businessForm       json.RawMessage

	mu       sync.Mutex
	attempts []*attempt
	faults   []string // answers that nobody should ever get

	acked, refused, decided atomic.Int64
}

// attempt is one submit under one key; caseNo is what was acknowledged, "" so far nothing.
type attempt struct {
	who    *caller
	key    string
	body   map[string]any
	caseNo string
}

func newCrowd(t *testing.T, p *process) *crowd {
	t.Helper()
	c := &crowd{process: p}
	for i := range 8 {
		c.applicants = append(c.applicants, signedIn(t, p.base, []string{citizenLogin, enterpriseLogin}[i%2]))
	}
	c.founder, c.clerk = signedIn(t, p.base, citizenLogin), signedIn(t, p.base, "chuangkou")
	c.reviewer, c.approve = signedIn(t, p.base, "shenhe1"), signedIn(t, p.base, "shenpi")
	c.item = generalItems(t, c.clerk, 1)[0]
	c.business = completeItem(t, c.clerk, "个体工商户设立登记")
	c.form, c.businessForm = example(t, c.clerk, "general"), example(t, c.clerk, c.business.FormID)
	return c
}

// submit tries once; the attempt stays in the books whatever comes of it.
func (c *crowd) submit(ctx context.Context, a *attempt) answer {
	r := a.who.send(ctx, "POST", "/api/cases", a.body, "Idempotency-Key", a.key)
	if !r.ok() {
		return r
	}
	var made applied
	if err := json.Unmarshal(r.body, &made); err != nil || made.CaseNo == "" {
		c.wrong("an acknowledgement without a case: %s", r.body)
		return r
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.caseNo != "" && a.caseNo != made.CaseNo {
		c.faults = append(c.faults, fmt.Sprintf("one key, two cases: %s %s", a.caseNo, made.CaseNo))
	}
	a.caseNo = made.CaseNo
	c.acked.Add(1)
	return r
}

func (c *crowd) begin(who *caller, body map[string]any) *attempt {
	a := &attempt{who: who, key: story.Key(), body: body}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts = append(c.attempts, a)
	return a
}

func (c *crowd) wrong(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// apply submits one application after the other. With patience it sends an unacknowledged
// one again under its key until it succeeds; without, it stops at the first failure.
func (c *crowd) apply(ctx context.Context, who *caller, patient bool) {
	for ctx.Err() == nil {
		a := c.begin(who, map[string]any{"item_id": c.item.ID, "form": c.form, "promise": true})
		for {
			r := c.submit(ctx, a)
			if r.ok() {
				break
			}
			if !patient || ctx.Err() != nil {
				return
			}
			c.judge("submit", r)
			breathe(ctx)
		}
	}
}

// breathe is what a client does before it tries again.
func breathe(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Millisecond):
	}
}

// judge takes a refusal in a time when the database is away: a clean 503 and nothing else.
func (c *crowd) judge(what string, a answer) {
	if a.ok() {
		return
	}
	c.refused.Add(1)
	if a.err != nil || a.status != http.StatusServiceUnavailable {
		c.wrong("%s: %d %v %.300s", what, a.status, a.err, a.body)
		return
	}
	if a.header.Get("Retry-After") == "" {
		c.wrong("%s: 503 does not say when to come back", what)
	}
	if a.header.Get("Content-Type") != "text/html; charset=utf-8" {
		if _, defects := a.defects(); len(defects) > 0 {
			c.wrong("%s: %v", what, defects)
		}
	}
}

// found takes one application after the other from the draft to the decision.
func (c *crowd) found(ctx context.Context) {
	for ctx.Err() == nil && c.foundOne(ctx) {
	}
}

func (c *crowd) foundOne(ctx context.Context) bool {
	var d draft
	var k applied
	sent := func(who *caller, method, path string, body, out any) bool {
		r := who.send(ctx, method, path, body)
		return r.ok() && (out == nil || json.Unmarshal(r.body, out) == nil)
	}
	if !sent(c.founder, "POST", "/api/drafts", map[string]string{"item_id": c.business.ID}, &d) ||
		!sent(c.founder, "PUT", "/api/drafts/"+d.ID, map[string]any{"version": d.Version, "form": c.businessForm}, nil) {
		return false
	}
	for _, code := range c.business.needs() {
		if !sent(c.founder, "POST", "/api/drafts/"+d.ID+"/files?material="+url.QueryEscape(code)+"&name=a.png", picture(), nil) {
			return false
		}
	}
	a := c.begin(c.founder, map[string]any{"draft_id": d.ID, "promise": true})
	if r := c.submit(ctx, a); !r.ok() || json.Unmarshal(r.body, &k) != nil {
		return false
	}
	desk := "/api/desk/cases/" + k.CaseNo + "/"
	move := func(who *caller, name string, body map[string]any) bool {
		body["version"] = k.Version
		return sent(who, "POST", desk+name, body, &k)
	}
	if !move(c.clerk, "accept", map[string]any{"opinion": "予以受理。"}) ||
		!move(c.reviewer, "review", map[string]any{"opinion": "符合条件。", "recommend": "grant"}) ||
		!move(c.approve, "decide", map[string]any{"grant": true, "opinion": "同意。"}) {
		return false
	}
	c.decided.Add(1)
	return true
}

// cutUpload sends half a file into the draft and then waits for the end of the connection.
func (c *crowd) cutUpload(ctx context.Context, draftID string) {
	half := append([]byte("%PDF-1.7\n"), make([]byte, 256<<10)...)
	body := io.MultiReader(bytes.NewReader(half), endless{ctx})
	if r := c.founder.send(ctx, "POST", "/api/drafts/"+draftID+"/files?material=M01&name=a.pdf", body); r.ok() {
		c.wrong("half a file was acknowledged: %s", r.body)
	}
}

// endless gives nothing until ctx ends.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

// report fails the test for every answer that nobody should have got.
func (c *crowd) report(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.faults {
		if i == 10 {
			t.Errorf("and %d more", len(c.faults)-i)
			break
		}
		t.Error(f)
	}
	c.faults = nil
}

// settle retries what was not acknowledged, twice, and then asks for every case by its
// number: each key has exactly one.
func (c *crowd) settle(t *testing.T) {
	t.Helper()
	seen := map[string]string{}
	retried := 0
	for _, a := range c.attempts {
		if a.caseNo == "" {
			retried++
			for range 2 {
				if r := c.submit(t.Context(), a); !r.ok() {
					t.Errorf("key %s again: %d %v %s", a.key, r.status, r.err, r.body)
				}
			}
		}
		if a.caseNo == "" {
			continue
		}
		if key, twice := seen[a.caseNo]; twice {
			t.Errorf("case number %s was given to %s and to %s", a.caseNo, key, a.key)
		}
		seen[a.caseNo] = a.key
	}
	var ask sync.WaitGroup
	queue := make(chan *attempt)
	for range 4 {
		ask.Go(func() {
			for a := range queue {
				if r := a.who.send(t.Context(), "GET", "/api/cases/"+a.caseNo, nil); !r.ok() {
					c.wrong("acknowledged case %s: %d %v %s", a.caseNo, r.status, r.err, r.body)
				}
			}
		})
	}
	for _, a := range c.attempts {
		if a.caseNo != "" {
			queue <- a
		}
	}
	close(queue)
	ask.Wait()
	t.Logf("%d cases acknowledged, %d keys sent again, %d decided, %d answers 503", len(seen), retried, c.decided.Load(), c.refused.Load())
	c.report(t)
	c.books(t, len(seen))
}

// books compares the tables with each other: nothing lost, nothing twice.
func (c *crowd) books(t *testing.T, cases int) {
	t.Helper()
	db := c.database(t)
	c.await("every event delivered, every job done", 60*time.Second, func() bool { return quiet(t, db) })
	for _, check := range []struct{ rule, sql string }{
		{"a key that is not one case", `SELECT account_id || ' ' || key FROM intake.idempotency k
			WHERE key NOT LIKE 'draft:%' AND NOT EXISTS (SELECT FROM intake.cases c WHERE c.case_no = k.case_no)`},
		{"a case without exactly one key", `SELECT c.case_no FROM intake.cases c
			WHERE (SELECT count(*) FROM intake.idempotency k WHERE k.case_no = c.case_no AND key NOT LIKE 'draft:%') <> 1`},
		{"a timeline that is not as long as the version", `SELECT c.case_no FROM intake.cases c
			WHERE c.version <> (SELECT count(*) FROM intake.case_events e WHERE e.case_no = c.case_no)
				OR 1 <> (SELECT count(*) FROM intake.case_events e WHERE e.case_no = c.case_no AND move = 'submit')`},
		{"a move without exactly one piece of evidence", `SELECT e.case_no || ' ' || e.move FROM intake.case_events e
			WHERE (SELECT count(*) FROM audit.entries a WHERE a.object_kind = 'case' AND a.object_id = e.case_no AND a.action = 'intake.' || e.move)
				<> (SELECT count(*) FROM intake.case_events f WHERE f.case_no = e.case_no AND f.move = e.move)`},
		{"an event of which the applicant was not told exactly once", `SELECT e.case_no || ' ' || e.move
			FROM intake.case_events e JOIN intake.cases c USING (case_no)
			JOIN (VALUES ('accept', '申请已受理'), ('grant', '准予许可'), ('deliver', '结果已送达')) AS told (move, title) USING (move)
			WHERE (SELECT count(*) FROM notify.notices n WHERE n.account_id = c.account_id AND n.title = told.title
				AND n.link = '/my/cases/' || e.case_no) <> 1`},
		{"a decided case that is not closed", `SELECT case_no || ' ' || state FROM intake.cases WHERE result <> '' AND state <> 'closed'`},
		{"a granted case without exactly one licence", `SELECT c.case_no FROM intake.cases c WHERE result = 'granted'
			AND (SELECT count(*) FROM licence.licences l WHERE l.case_no = c.case_no AND l.id::text = c.licence_id) <> 1`},
		{"a licence without a granted case", `SELECT l.case_no FROM licence.licences l
			WHERE NOT EXISTS (SELECT FROM intake.cases c WHERE c.case_no = l.case_no AND c.result = 'granted')`},
		{"a paper that is not ready", `SELECT case_no || ' ' || kind FROM intake.documents WHERE NOT ready`},
		{"a decision without exactly one job", `SELECT c.case_no FROM intake.cases c WHERE result <> ''
			AND (SELECT count(*) FROM river.river_job j WHERE kind = 'intake_result' AND args ->> 'case_no' = c.case_no) <> 1`},
		{"a job that was given up", `SELECT kind || ' ' || state FROM river.river_job WHERE state IN ('discarded', 'cancelled')`},
	} {
		if found := list[string](t, db, check.sql); len(found) > 0 {
			t.Errorf("%s: %d, for instance %s", check.rule, len(found), found[0])
		}
	}
	if n := one[int](t, db, `SELECT count(*) FROM intake.cases`); n != cases {
		t.Errorf("%d cases in the database, %d were acknowledged", n, cases)
	}
}
