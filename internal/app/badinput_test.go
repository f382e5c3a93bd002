package app_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"onedoor/internal/platform/postgres"
	"onedoor/internal/story"
)

// refusal is one bad input and what it must be answered with.
type refusal struct {
	name   string
	status int
	code   string
	field  string // a path among the fields, when the answer has to point at one
	send   func(t *testing.T) answer
}

// badInput: each gets its proper status and a Chinese problem document that says what to
// do, and changes nothing.
func badInput(t *testing.T, c *city) {
	rows := c.refusals(t)
	c.await("events and jobs of the setting", 30*time.Second, func() bool { return quiet(t, c.db) })
	before := c.contents(t)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			began := time.Now()
			a := r.send(t)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the refusal took %v", took)
			}
			p, defects := a.defects()
			for _, d := range defects {
				t.Error(d)
			}
			if a.status != r.status || p.Code != r.code {
				t.Errorf("answered %d %s, want %d %s\n%s", a.status, p.Code, r.status, r.code, a.body)
			}
			if r.field != "" && !p.pointsAt(r.field) {
				t.Errorf("the answer does not point at %s: %+v", r.field, p.Fields)
			}
			if r.status == http.StatusConflict && strings.Contains(r.code, "stale") && len(p.Current) == 0 {
				t.Error("who lost does not learn what is current")
			}
			if after := c.contents(t); !maps.Equal(before, after) {
				t.Errorf("something changed:\n%v\n%v", before, after)
				before = after
			}
		})
	}
}

func (p problem) pointsAt(path string) bool {
	for _, f := range p.Fields {
		if f.Path == path {
			return true
		}
	}
	return false
}

func (c *city) refusals(t *testing.T) (rows []refusal) {
	t.Helper()
	rows = append(rows, c.itemRefusals(t)...)
	rows = append(rows, c.formRefusals(t)...)
	rows = append(rows, c.fileRefusals(t)...)
	rows = append(rows, c.bombRefusals()...)
	rows = append(rows, c.staleRefusals(t)...)
	rows = append(rows, c.sessionRefusals(t)...)
	rows = append(rows, c.strangerRefusals()...)
	return append(rows, c.protocolRefusals(t)...)
}

// does is a request by somebody.
func does(who *caller, method, path string, body any, header ...string) func(*testing.T) answer {
	return func(t *testing.T) answer { return who.send(t.Context(), method, path, body, header...) }
}

// submits is a submit under a key of its own.
func submits(who *caller, body any) func(*testing.T) answer {
	return does(who, "POST", "/api/cases", body, "Idempotency-Key", story.Key())
}

func (c *city) direct(item string, form json.RawMessage) map[string]any {
	return map[string]any{"item_id": item, "form": form, "promise": true}
}

func (c *city) itemRefusals(t *testing.T) []refusal {
	t.Helper()
	nobody := postgres.NewID()
	// A draft that was begun while the item was still open.
	var begun draft
	c.citizen.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.closed.ID}, &begun)
	c.citizen.must(t, "PUT", "/api/drafts/"+begun.ID, map[string]any{"version": begun.Version, "form": json.RawMessage(c.form)}, nil)
	c.admin.must(t, "POST", "/api/desk/items/"+c.closed.ID+"/status",
		map[string]any{"status": "suspended", "reason": "系统升级，暂停办理，请于下周一后再来申请。", "version": c.closed.Version}, nil)
	elsewhere := c.direct(c.item.ID, c.form)
	elsewhere["region"] = "421303000000"
	outside := c.direct(c.item.ID, c.form)
	outside["region"] = "440100000000"
	return []refusal{
		{"unknown item", 404, "catalog.item-not-found", "", does(c.citizen, "GET", "/api/items/"+nobody, nil)},
		{"unknown item, no number at all", 404, "catalog.item-not-found", "", does(c.citizen, "GET", "/api/items/nonsense", nil)},
		{"draft of an unknown item", 404, "catalog.item-not-found", "", does(c.citizen, "POST", "/api/drafts", map[string]string{"item_id": nobody})},
		{"draft of no item at all", 404, "catalog.item-not-found", "", does(c.citizen, "POST", "/api/drafts", map[string]string{"item_id": "'; DROP"})},
		{"submit to an unknown item", 404, "catalog.item-not-found", "", submits(c.citizen, c.direct(nobody, c.form))},
		{"draft of a closed item", 409, "intake.item-closed", "", does(c.citizen, "POST", "/api/drafts", map[string]string{"item_id": c.closed.ID})},
		{"submit to a closed item", 409, "intake.item-closed", "", submits(c.citizen, c.direct(c.closed.ID, c.form))},
		{"submit a draft of an item closed meanwhile", 409, "intake.item-closed", "", submits(c.citizen, map[string]any{"draft_id": begun.ID, "promise": true})},
		{"another county's item", 422, "intake.other-region", "", submits(c.citizen, elsewhere)},
		{"another city's item", 422, "intake.other-region", "", submits(c.citizen, outside)},
	}
}

func (c *city) formRefusals(t *testing.T) []refusal {
	t.Helper()
	account := func(id string) map[string]string {
		return map[string]string{"name": "周小川", "id_number": id, "phone": "13912345678", "password": "correct horse battery"}
	}
	noPromise := c.direct(c.item.ID, c.form)
	delete(noPromise, "promise")
	var d draft
	c.citizen.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.item.ID}, &d)
	return []refusal{
		{"wrong check digit at registration", 422, "account.invalid", "/id_number", does(newCaller(c.base), "POST", "/api/accounts", account("421303199003070028"))},
		{"a day that is none at registration", 422, "account.invalid", "/id_number", does(newCaller(c.base), "POST", "/api/accounts", account("421303199002300027"))},
		{"wrong check digit in a form", 422, "form.invalid", "/form/id_number", submits(c.citizen, c.direct(c.item.ID, c.with(t, "id_number", `"421303199003070028"`)))},
		{"wrong check character of an enterprise", 422, "form.invalid", "/form/id_number", submits(c.citizen, c.direct(c.item.ID, c.withBoth(t, "id_type", `"001"`, "id_number", `"91421303MA49KX7H50"`)))},
		{"a required entry is missing", 422, "form.invalid", "/form/matter", submits(c.citizen, c.direct(c.item.ID, c.without(t, "matter")))},
		{"an entry that the form has not", 422, "form.invalid", "/form", submits(c.citizen, c.direct(c.item.ID, c.with(t, "is_admin", `true`)))},
		{"a number where text belongs", 422, "form.invalid", "/form/name", submits(c.citizen, c.direct(c.item.ID, c.with(t, "name", `1`)))},
		{"no form", 422, "form.not-json", "", submits(c.citizen, map[string]any{"item_id": c.item.ID, "promise": true})},
		{"a form that is a list", 422, "form.invalid", "", submits(c.citizen, c.direct(c.item.ID, json.RawMessage(`[]`)))},
		{"draft that is not filled in", 422, "form.invalid", "/form/matter", submits(c.citizen, map[string]any{"draft_id": d.ID, "promise": true})},
		{"draft without the promise", 422, "intake.promise-missing", "", submits(c.citizen, map[string]any{"draft_id": d.ID})},
		{"a draft saved as a list", 422, "intake.draft-invalid", "", does(c.citizen, "PUT", "/api/drafts/"+d.ID, map[string]any{"version": d.Version, "form": []int{}})},
		{"a zero byte in a reason", 400, "request.not-text", "", does(c.enterprise, "POST", "/api/cases/"+c.waiting.CaseNo+"/withdraw",
			map[string]any{"version": c.waiting.Version, "reason": "不办了\x00"})},
	}
}

func (c *city) withBoth(t *testing.T, entry1, raw1, entry2, raw2 string) json.RawMessage {
	t.Helper()
	one := &city{form: c.with(t, entry1, raw1)}
	return one.with(t, entry2, raw2)
}

func (c *city) without(t *testing.T, entry string) json.RawMessage {
	t.Helper()
	var form map[string]json.RawMessage
	if err := json.Unmarshal(c.form, &form); err != nil {
		t.Fatal(err)
	}
	delete(form, entry)
	out, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (c *city) fileRefusals(t *testing.T) []refusal {
	t.Helper()
	var full, room draft
	license := completeItem(t, c.citizen, "个体工商户设立登记")
	c.citizen.must(t, "POST", "/api/drafts", map[string]string{"item_id": license.ID}, &full)
	for range 50 {
		c.citizen.must(t, "POST", "/api/drafts/"+full.ID+"/files?material=M01&name=a.png", picture(), nil)
	}
	c.citizen.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.item.ID}, &room)
	into := func(d draft, name string) string { return "/api/drafts/" + d.ID + "/files?material=M01&name=" + name }
	sends := func(name string, body func() io.Reader) func(*testing.T) answer {
		return func(t *testing.T) answer { return c.citizen.send(t.Context(), "POST", into(room, name), body()) }
	}
	exe := append([]byte("MZ\x90\x00\x03"), make([]byte, 4096)...)
	big := append([]byte("%PDF-1.7\n"), make([]byte, 30<<20)...)
	text := func(b []byte) func() io.Reader { return func() io.Reader { return bytes.NewReader(b) } }
	return []refusal{
		{"51st attachment", 409, "intake.too-many-files", "", func(t *testing.T) answer {
			return c.citizen.send(t.Context(), "POST", into(full, "b.png"), picture())
		}},
		{"a file of 30 MB", 413, "request.too-large", "", sends("a.pdf", text(big))},
		{"a file of 30 MB whose size nobody said", 413, "request.too-large", "", sends("a.pdf", func() io.Reader { return struct{ io.Reader }{bytes.NewReader(big)} })},
		{"an .exe named .pdf", 422, "intake.file-type", "", sends("a.pdf", text(exe))},
		{"an .exe", 422, "intake.file-type", "", sends("a.exe", text(exe))},
		{"an .exe whose name reads .pdf backwards", 422, "intake.file-type", "", sends("fdp.%E2%80%AE.exe", text(exe))},
		{"an archive named .docx", 422, "intake.file-type", "", sends("a.docx", text([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00aaaabbbbccccdddd\x08\x00\x00\x00evil.exe")))},
		{"an empty file", 422, "intake.file-empty", "", sends("a.pdf", text(nil))},
		{"a file for no material", 422, "intake.material-missing", "", func(t *testing.T) answer {
			return c.citizen.send(t.Context(), "POST", "/api/drafts/"+room.ID+"/files?name=a.png", picture())
		}},
		{"a file cut off half way", 400, "request.body-incomplete", "", func(t *testing.T) answer {
			return c.cutOff(t, c.citizen, "POST", into(room, "a.pdf"), big[:1<<20], 2<<20)
		}},
		{"a verified file of 30 MB", 413, "request.too-large", "", func(t *testing.T) answer {
			return newCaller(c.base).send(t.Context(), "POST", "/api/verify", bytes.NewReader(big))
		}},
	}
}

// cutOff sends head of a body that was announced with size bytes, and no more.
func (c *city) cutOff(t *testing.T, who *caller, method, path string, head []byte, size int) answer {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nCookie: onedoor_session=%s\r\nIdempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		method, path, strings.TrimPrefix(c.base, "http://"), who.token(t), story.Key(), size)
	if err == nil {
		_, err = conn.Write(head)
	}
	if err != nil {
		return answer{err: err}
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return answer{err: err}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, body, err}
}

// raw is a JSON body that is sent byte by byte as it is written here.
func raw(format string, args ...any) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(format, args...))
}

func (c *city) bombRefusals() []refusal {
	posts := func(path, body string) func(*testing.T) answer {
		return func(t *testing.T) answer {
			return c.citizen.send(t.Context(), "POST", path, strings.NewReader(body), "Idempotency-Key", story.Key())
		}
	}
	form := func(f string) string { return fmt.Sprintf(`{"item_id":%q,"promise":true,"form":%s}`, c.item.ID, f) }
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	keys := &strings.Builder{}
	for i := range 60_000 {
		fmt.Fprintf(keys, `"k%d":1,`, i)
	}
	return []refusal{
		{"a NUL", 400, "request.not-text", "", posts("/api/cases", form(`{"name":"\u0000"}`))},
		{"half a character", 400, "request.not-text", "", posts("/api/cases", form("{\"name\":\"\xe6\x9e\"}"))},
		{"deep nesting", 400, "request.too-deep", "", posts("/api/cases", form(deep))},
		{"deep nesting that never ends", 400, "request.too-deep", "", posts("/api/cases", form(deep[:200_000]))},
		{"deep nesting at sign-in", 413, "request.too-large", "", posts("/api/session", deep)},
		{"a list of 400,000", 400, "request.too-many-values", "", posts("/api/cases", form("["+strings.Repeat("1,", 400_000)+"1]"))},
		{"an object of 60,000", 400, "request.too-many-values", "", posts("/api/cases", form("{"+strings.TrimSuffix(keys.String(), ",")+"}"))},
		{"a body of 2 MB", 413, "request.too-large", "", posts("/api/cases", form(`{"matter":"`+strings.Repeat("长", 700_000)+`"}`))},
		{"a number of 500,000 digits", 400, "request.malformed", "", posts("/api/cases", form(`{"name":`+strings.Repeat("9", 500_000)+`}`))},
		{"a number beyond all measure", 400, "request.malformed", "", posts("/api/cases", form(`{"name":1e999999999}`))},
		{"a number as small as that", 422, "form.invalid", "/form/name", posts("/api/cases", form(`{"name":1e-999999999}`))},
		{"a version beyond all measure", 400, "request.malformed", "", func(t *testing.T) answer {
			return c.enterprise.send(t.Context(), "PUT", "/api/drafts/"+c.draft.ID, strings.NewReader(`{"version":1e400,"form":{}}`))
		}},
		{"no JSON", 400, "request.malformed", "", posts("/api/cases", "item_id=1&form=2")},
		{"half a JSON", 400, "request.malformed", "", posts("/api/cases", `{"item_id":"`)},
		{"an empty body", 400, "request.malformed", "", posts("/api/cases", "")},
		{"a submit cut off half way", 400, "request.body-incomplete", "", func(t *testing.T) answer {
			whole := []byte(form(string(c.form)))
			return c.cutOff(t, c.citizen, "POST", "/api/cases", whole[:len(whole)/2], len(whole))
		}},
		{"a draft cut off half way", 400, "request.body-incomplete", "", func(t *testing.T) answer {
			whole := raw(`{"version":%d,"form":%s}`, c.draft.Version, c.form)
			return c.cutOff(t, c.enterprise, "PUT", "/api/drafts/"+c.draft.ID, whole[:len(whole)/2], len(whole))
		}},
	}
}

func (c *city) staleRefusals(t *testing.T) []refusal {
	t.Helper()
	// One more version of each, so that the one before is old.
	c.enterprise.must(t, "PUT", "/api/drafts/"+c.draft.ID, map[string]any{"version": c.draft.Version, "form": json.RawMessage(c.form)}, &c.draft)
	var moved applied
	key, body := story.Key(), c.direct(c.item.ID, c.form)
	c.citizen.must(t, "POST", "/api/cases", body, &moved, "Idempotency-Key", key)
	old := moved.Version
	desk := "/api/desk/cases/" + moved.CaseNo
	c.clerk.must(t, "POST", desk+"/accept", map[string]any{"version": old, "opinion": "予以受理。"}, &moved)
	reviewed := map[string]any{"version": old, "opinion": "符合条件。", "recommend": "grant"}
	return []refusal{
		{"a stale draft", 409, "intake.draft-stale", "", does(c.enterprise, "PUT", "/api/drafts/"+c.draft.ID, map[string]any{"version": c.draft.Version - 1, "form": map[string]any{}})},
		{"a stale case at the desk", 409, "intake.stale-version", "", does(c.reviewer, "POST", desk+"/review", reviewed)},
		{"a stale case of the applicant", 409, "intake.stale-version", "", does(c.citizen, "POST", "/api/cases/"+moved.CaseNo+"/withdraw", map[string]any{"version": old, "reason": "不办了"})},
		{"a version of the future", 409, "intake.stale-version", "", does(c.reviewer, "POST", desk+"/review", map[string]any{"version": 99, "opinion": "符合条件。", "recommend": "grant"})},
		{"a move that is not on", 409, "intake.wrong-state", "", does(c.clerk, "POST", desk+"/accept", map[string]any{"version": moved.Version})},
		{"a stale item", 409, "catalog.stale-version", "", does(c.admin, "POST", "/api/desk/items/"+c.closed.ID+"/status", map[string]any{"status": "published", "version": c.closed.Version})},
		{"a key with another body", 409, "idempotency.key-reused", "", does(c.citizen, "POST", "/api/cases", c.direct(c.item.ID, c.with(t, "matter", `"另一件事"`)), "Idempotency-Key", key)},
		{"no key", 422, "idempotency.key-missing", "", does(c.citizen, "POST", "/api/cases", body)},
		{"a key too short", 422, "idempotency.key-missing", "", does(c.citizen, "POST", "/api/cases", body, "Idempotency-Key", "1")},
		{"a key too long", 422, "idempotency.key-missing", "", does(c.citizen, "POST", "/api/cases", body, "Idempotency-Key", strings.Repeat("k", 81))},
	}
}

func (c *city) sessionRefusals(t *testing.T) []refusal {
	t.Helper()
	// Nobody has used these sessions yet, so no process has them in its memory.
	ended := func(column, ago string) *caller {
		who := signedIn(t, c.base, citizenLogin)
		hash := sha256.Sum256([]byte(who.token(t)))
		tag, err := c.db.Exec(t.Context(), `UPDATE identity.sessions SET `+column+` = now() - $2::interval WHERE token_hash = $1`, hash[:], ago)
		if err != nil || tag.RowsAffected() != 1 {
			t.Fatal(tag, err)
		}
		return who
	}
	expired, idle := ended("expires_at", "1 second"), ended("seen_at", "3 hours")
	// This one is in the memory when it ends.
	out := signedIn(t, c.base, citizenLogin)
	out.must(t, "GET", "/api/cases", nil, nil)
	kept := "onedoor_session=" + out.token(t)
	out.must(t, "DELETE", "/api/session", nil, nil)
	stranger := newCaller(c.base)
	body := c.direct(c.item.ID, c.form)
	return []refusal{
		{"an expired session", 401, "session.expired", "", submits(expired, body)},
		{"an idle session", 401, "session.expired", "", submits(idle, body)},
		{"a session signed out", 401, "session.expired", "", does(stranger, "POST", "/api/cases", body, "Cookie", kept, "Idempotency-Key", story.Key())},
		{"an invented session", 401, "session.expired", "", does(stranger, "POST", "/api/cases", body, "Cookie", "onedoor_session=AAAA", "Idempotency-Key", story.Key())},
		{"no session", 401, "session.required", "", submits(stranger, body)},
		{"a wrong password", 401, "session.bad-credentials", "", does(stranger, "POST", "/api/session", map[string]string{"login": "13800000099", "password": "wrong"})},
	}
}

// strangerRefusals: what belongs to somebody else does not exist.
func (c *city) strangerRefusals() []refusal {
	no, lic := "/api/cases/"+c.granted.CaseNo, "/api/licences/"+c.granted.Licence.ID
	var file string
	for _, m := range c.granted.Materials {
		for _, f := range m.Files {
			file = "/api/files/" + f.ID
		}
	}
	mine, version := "/api/drafts/"+c.draft.ID, map[string]any{"version": c.draft.Version, "form": map[string]any{}}
	taken := c.direct(c.item.ID, c.form)
	taken["files"] = []map[string]string{{"material": "M01", "file_id": c.draft.Files[0].ID}}
	upload := func(path string) func(*testing.T) answer {
		return func(t *testing.T) answer { return c.citizen.send(t.Context(), "POST", path, picture()) }
	}
	rows := []refusal{
		{"another's case", 404, "intake.not-found", "", does(c.citizen, "GET", no, nil)},
		{"another's case withdrawn", 404, "intake.not-found", "", does(c.citizen, "POST", "/api/cases/"+c.waiting.CaseNo+"/withdraw", map[string]any{"version": 1, "reason": "不办了"})},
		{"another's case supplemented", 404, "intake.not-found", "", does(c.citizen, "POST", "/api/cases/"+c.waiting.CaseNo+"/supplement", map[string]any{"version": 1, "note": "补正如下"})},
		{"a file into another's case", 404, "intake.not-found", "", upload("/api/cases/" + c.waiting.CaseNo + "/files?material=M01&name=a.png")},
		{"another's paper", 404, "intake.not-found", "", does(c.citizen, "GET", no+"/documents/"+c.granted.Documents[0].ID, nil)},
		{"another's file", 404, "intake.file-not-found", "", does(c.citizen, "GET", file, nil)},
		{"another's upload", 404, "intake.file-not-found", "", does(c.citizen, "GET", "/api/files/"+c.draft.Files[0].ID, nil)},
		{"another's upload deleted", 404, "intake.file-not-found", "", does(c.citizen, "DELETE", "/api/files/"+c.draft.Files[0].ID, nil)},
		{"another's upload submitted", 409, "intake.files-changed", "", submits(c.citizen, taken)},
		{"another's draft", 404, "intake.draft-not-found", "", does(c.citizen, "GET", mine, nil)},
		{"another's draft saved", 404, "intake.draft-not-found", "", does(c.citizen, "PUT", mine, version)},
		{"another's draft deleted", 404, "intake.draft-not-found", "", does(c.citizen, "DELETE", mine, nil)},
		{"another's draft submitted", 404, "intake.draft-not-found", "", submits(c.citizen, map[string]any{"draft_id": c.draft.ID, "promise": true})},
		{"a file into another's draft", 404, "intake.draft-not-found", "", upload(mine + "/files?material=M01&name=a.png")},
		{"another's notice", 404, "notify.notice-not-found", "", does(c.citizen, "POST", "/api/notices/"+c.notice+"/read", nil)},
		{"a case number with a wrong check character", 404, "intake.not-found", "", does(c.citizen, "GET", "/api/cases/"+c.granted.CaseNo[:21]+"!", nil)},
		{"a case number that is too short", 404, "request.bad-id", "", does(c.citizen, "GET", "/api/cases/1", nil)},
	}
	for name, path := range map[string]string{"": "", "'s file": "/file", "'s copy": "/file?format=pdf", "'s code": "/qr.png"} {
		rows = append(rows, refusal{"another's licence" + name, 404, "licence.not-found", "", does(c.citizen, "GET", lic+path, nil)})
	}
	return append(rows, refusal{"another's licence shown", 404, "licence.not-found", "", does(c.citizen, "POST", lic+"/present", nil)})
}

func (c *city) protocolRefusals(t *testing.T) []refusal {
	t.Helper()
	body := c.direct(c.item.ID, c.form)
	return []refusal{
		{"a form of another site", 403, "request.cross-origin", "", does(c.citizen, "POST", "/api/cases", body, "Idempotency-Key", story.Key(), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")},
		{"another site, old browser", 403, "request.cross-origin", "", does(c.citizen, "POST", "/api/cases", body, "Idempotency-Key", story.Key(), "Origin", "https://evil.example")},
		{"signing out from another site", 403, "request.cross-origin", "", does(c.citizen, "DELETE", "/api/session", nil, "Sec-Fetch-Site", "same-site")},
		{"an unknown operation", 404, "request.no-route", "", does(c.citizen, "GET", "/api/nothing", nil)},
		{"an unknown operation, written to", 404, "request.no-route", "", does(c.citizen, "POST", "/api/cases/../cases/x/y/z", body)},
		{"a method that the address has not", 405, "request.method", "", func(t *testing.T) answer {
			a := c.citizen.send(t.Context(), "PATCH", "/api/cases", body)
			if got := a.header.Get("Allow"); !strings.Contains(got, "POST") || strings.Contains(got, "PATCH") {
				t.Errorf("Allow: %q", got)
			}
			return a
		}},
		{"a body that is no JSON by its own word", 415, "request.media-type", "", does(c.citizen, "POST", "/api/cases", body, "Content-Type", "application/xml", "Idempotency-Key", story.Key())},
		{"a page of the list that never was", 422, "page.bad-cursor", "", does(c.citizen, "GET", "/api/cases?cursor=nonsense", nil)},
		{"a page without end", 422, "request.invalid", "?size", does(c.citizen, "GET", "/api/cases?size=100000", nil)},
		{"a body for nobody to wait for", 400, "request.body-incomplete", "", func(t *testing.T) answer {
			return c.chunkedCutOff(t)
		}},
	}
}

// chunkedCutOff sends a body of unknown size that ends in the middle of a chunk.
func (c *city) chunkedCutOff(t *testing.T) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		return answer{err: err}
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST /api/cases HTTP/1.1\r\nHost: x\r\nCookie: onedoor_session=%s\r\nIdempotency-Key: %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"item_id\"",
		c.citizen.token(t), story.Key()); err != nil {
		return answer{err: err}
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return answer{err: err}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, raw, err}
}
