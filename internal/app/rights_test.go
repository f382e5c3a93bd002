package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"onedoor/internal/app"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
)

// The columns of the table of rights. The object of every operation is the enterprise's
// and, at the desk, the municipal market regulator's.
const (
	nobody   = iota // no session
	citizen         // another applicant
	owner           // the enterprise's agent
	clerk           // the hall's window, for all departments
	reviewer        // of the department that handles the case
	other           // reviewer of another department
	approver        // of the department that handles the case
	admin           // keeps the system, sees no case
	roles
)

var roleNames = [roles]string{"nobody", "citizen", "owner", "clerk", "reviewer", "other reviewer", "approver", "admin"}

// right is how one operation is called and what each role must be answered: a status that
// refuses, or "ok" for whatever comes after the right was found. The calls of those who
// have the right are made to fail later, by an old version or a missing entry, so that
// the walk changes nothing.
type right struct {
	path string // "" is the operation's own, filled in by c.fill
	body any
	want [roles]string
}

func row(want string) (out [roles]string) {
	f := strings.Fields(want)
	if len(f) != roles {
		panic("a row of the table of rights has " + fmt.Sprint(roles) + " columns: " + want)
	}
	return [roles]string(f)
}

func rights(t *testing.T, c *city) {
	ops, err := app.Operations()
	if err != nil {
		t.Fatal(err)
	}
	table := c.rights()
	for _, id := range slices.Sorted(maps.Keys(table)) {
		if _, ok := ops[id]; !ok {
			t.Errorf("the table of rights has an operation that is no more: %s", id)
		}
	}
	ids := slices.Sorted(maps.Keys(ops))
	// Signing out ends what the other rows need.
	ids = append(slices.DeleteFunc(ids, func(id string) bool { return id == "identity-sign-out" }), "identity-sign-out")
	callers := [roles]*caller{newCaller(c.base), c.citizen, c.enterprise, c.clerk, c.reviewer, c.other, c.approver, c.admin}
	before := c.contents(t)
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			r, ok := table[id]
			if !ok {
				t.Fatal("the table of rights says nothing about this operation")
			}
			for role, who := range callers {
				c.judge(t, ops[id], r, role, who)
			}
			if after := c.contents(t); !maps.Equal(before, after) {
				t.Errorf("something changed:\n%v\n%v", before, after)
				before = after
			}
		})
	}
}

func (c *city) judge(t *testing.T, op httpapi.Op, r right, role int, who *caller) {
	t.Helper()
	path := r.path
	if path == "" {
		path = c.fill(op.Path)
	}
	body := r.body
	if text, ok := body.(string); ok {
		body = io.Reader(strings.NewReader(text))
	}
	a := who.send(t.Context(), op.Method, path, body, "Idempotency-Key", "rights-"+postgres.NewID())
	if a.err != nil {
		t.Fatalf("%s: %v", roleNames[role], a.err)
	}
	got := fmt.Sprint(a.status)
	if a.status < 500 && !slices.Contains([]int{401, 403, 404}, a.status) {
		got = "ok"
	}
	if got != r.want[role] {
		t.Errorf("%s: %s %s answered %d, want %s\n%.300s", roleNames[role], op.Method, path, a.status, r.want[role], a.body)
	}
	// The coarse classes hold whatever the table says.
	switch {
	case op.Access == httpapi.Public && got == "403",
		op.Access != httpapi.Public && role == nobody && got != "401",
		op.Access == httpapi.StaffOnly && (role == citizen || role == owner) && got != "403",
		op.Access == httpapi.Applicant && role >= clerk && got != "403":
		t.Errorf("%s: %d goes against the access class", roleNames[role], a.status)
	}
	if a.status >= 400 && strings.HasPrefix(op.Path, "/api/") {
		if _, defects := a.defects(); len(defects) > 0 {
			t.Errorf("%s: %v", roleNames[role], defects)
		}
	}
}

// fill names the enterprise's objects in a path.
func (c *city) fill(path string) string {
	var file string
	for _, m := range c.granted.Materials {
		for _, f := range m.Files {
			file = f.ID
		}
	}
	id := ""
	switch {
	case strings.Contains(path, "/drafts/"):
		id = c.draft.ID
	case strings.Contains(path, "/files/"):
		id = file
	case strings.Contains(path, "/licences/"):
		id = c.granted.Licence.ID
	case strings.Contains(path, "/notices/"):
		id = c.notice
	case strings.Contains(path, "/items/"):
		id = c.item.ID
	case strings.Contains(path, "/forms/"):
		id = "general"
	case strings.Contains(path, "/documents/"):
		id = c.granted.Documents[0].ID
	}
	no := c.waiting.CaseNo
	if strings.Contains(path, "/documents/") {
		no = c.granted.CaseNo
	}
	return strings.NewReplacer("{id}", id, "{no}", no, "{$}", "").Replace(path)
}

func (c *city) rights() map[string]right {
	const (
		//                nobody citizen owner clerk reviewer other approver admin
		public       = "  ok     ok      ok    ok    ok       ok    ok       ok "
		signedIn     = "  401    ok      ok    ok    ok       ok    ok       ok "
		applicants   = "  401    ok      ok    403   403      403   403      403"
		ownOnly      = "  401    404     ok    403   403      403   403      403"
		staff        = "  401    403     403   ok    ok       ok    ok       ok "
		seesCase     = "  401    404     ok    ok    ok       404   ok       404"
		deskCase     = "  401    403     403   ok    ok       404   ok       404"
		deskAccept   = "  401    403     403   ok    ok       404   403      404"
		deskReview   = "  401    403     403   403   ok       404   403      404"
		deskDecide   = "  401    403     403   403   403      404   ok       404"
		deskList     = "  401    403     403   ok    ok       ok    ok       403"
		administers  = "  401    403     403   403   403      403   403      ok "
		seesLicence  = "  401    404     ok    404   ok       404   ok       404"
		listLicences = "  401    403     403   403   ok       ok    ok       403"
		revokes      = "  401    403     403   403   403      403   ok       403"
		signsUp      = "  ok     ok      ok    ok    ok       ok    ok       ok "
	)
	stale := func(more map[string]any) map[string]any {
		more["version"] = 999
		return more
	}
	paper := "/api/cases/" + c.granted.CaseNo + "/documents/" + c.granted.Documents[0].ID
	version := map[string]any{"version": 999, "form": json.RawMessage(`{}`)}
	return map[string]right{
		"identity-sign-in":         {"", map[string]string{}, row(signsUp)},
		"identity-register":        {"", map[string]string{}, row(signsUp)},
		"identity-me":              {"", nil, row(public)},
		"identity-sign-out":        {"", nil, row(public)},
		"identity-switch-post":     {"", map[string]string{"post_id": "none"}, row(staff)},
		"identity-change-password": {"", map[string]string{"old": "", "password": ""}, row(signedIn)},

		"audit-list":         {"", nil, row(administers)},
		"audit-state":        {"", nil, row(administers)},
		"audit-check":        {"", nil, row(administers)},
		"audit-mine":         {"", nil, row(applicants)},
		"audit-checkpoint":   {"", nil, row(public)},
		"audit-keys":         {"", nil, row(public)},
		"audit-proof":        {"/api/log/entries/" + postgres.NewID() + "/proof", nil, row("404 404 404 404 404 404 404 404")},
		"audit-consistency":  {"/api/log/consistency?from=1&to=1", nil, row(public)},
		"keys-overview":      {"", nil, row(administers)},
		"keys-rotate":        {"", map[string]string{"reason": ""}, row(administers)},
		"catalog-imports":    {"", nil, row(administers)},
		"catalog-quarantine": {"", nil, row(administers)},
		"catalog-set-status": {"", stale(map[string]any{"status": "suspended", "reason": "暂停办理"}), row(administers)},

		"catalog-search":      {"", nil, row(public)},
		"catalog-suggest":     {"", nil, row(public)},
		"catalog-item":        {"", nil, row(public)},
		"catalog-themes":      {"", nil, row(public)},
		"catalog-departments": {"", nil, row(public)},
		"directory-orgs":      {"", nil, row(public)},
		"directory-regions":   {"", nil, row(public)},
		"form-definition":     {"", nil, row(public)},
		"seal-trust":          {"", nil, row(public)},

		"intake-draft-open":   {"", map[string]string{"item_id": ""}, row(applicants)},
		"intake-draft-list":   {"", nil, row(applicants)},
		"intake-draft-get":    {"", nil, row(ownOnly)},
		"intake-draft-save":   {"", version, row(ownOnly)},
		"intake-draft-upload": {"/api/drafts/" + c.draft.ID + "/files?name=a.exe&material=M01", "MZ", row(ownOnly)},
		// Somebody else's file; deleting an own one would change something.
		"intake-draft-delete": {"/api/drafts/" + postgres.NewID(), nil, row("401 404 404 403 403 403 403 403")},
		"intake-file-delete":  {"", nil, row("401 404 404 403 403 403 403 403")},
		"intake-file":         {"", nil, row(seesCase)},
		"intake-submit":       {"", map[string]any{}, row("401 404 404 403 403 403 403 403")},
		"intake-mine":         {"", nil, row(applicants)},
		"intake-case":         {"", nil, row(seesCase)},
		"intake-document":     {paper, nil, row(seesCase)},
		"intake-supplement":   {"", stale(map[string]any{"note": "补正"}), row(ownOnly)},
		"intake-withdraw":     {"", stale(map[string]any{"reason": "不办了"}), row(ownOnly)},
		"intake-case-upload":  {"/api/cases/" + c.waiting.CaseNo + "/files?name=a.exe&material=M01", "MZ", row(ownOnly)},

		"intake-desk":                    {"", nil, row(deskList)},
		"intake-desk-stream":             {"", nil, row(deskList)},
		"intake-desk-case":               {"", nil, row(deskCase)},
		"intake-desk-check-material":     {"", stale(map[string]any{"material": "M01", "result": "ok"}), row(deskAccept)},
		"intake-desk-accept":             {"", stale(map[string]any{"opinion": "受理"}), row(deskAccept)},
		"intake-desk-request-supplement": {"", stale(map[string]any{"items": []any{map[string]string{"material": "form", "what": "请补充"}}}), row(deskAccept)},
		"intake-desk-decline":            {"", stale(map[string]any{"ground": "不属于本机关职权范围"}), row(deskAccept)},
		"intake-desk-review":             {"", stale(map[string]any{"opinion": "符合", "recommend": "grant"}), row(deskReview)},
		"intake-desk-suspend":            {"", stale(map[string]any{"kind": "expert", "ground": "需要专家评审", "needed": "约15个工作日"}), row(deskReview)},
		"intake-desk-resume":             {"", stale(map[string]any{"opinion": "评审结束"}), row(deskReview)},
		"intake-desk-decide":             {"", stale(map[string]any{"grant": true, "opinion": "同意"}), row(deskDecide)},
		"intake-desk-extend":             {"", stale(map[string]any{"reason": "情况复杂"}), row(deskDecide)},

		"intake-desk-unmask":  {"", map[string]any{"purpose": "identity", "words": "", "fields": []string{}}, row(deskCase)},
		"licence-unmask":      {"", map[string]any{"purpose": "identity", "words": ""}, row("401 403 403 404 ok 404 ok 404")},
		"licence-mine":        {"", nil, row(applicants)},
		"licence-get":         {"", nil, row(seesLicence)},
		"licence-file":        {"", nil, row(seesLicence)},
		"licence-present":     {"/api/licences/" + postgres.NewID() + "/present", nil, row("401 404 404 403 403 403 403 403")},
		"licence-qr":          {"/api/licences/" + postgres.NewID() + "/qr.png", nil, row("401 404 404 403 403 403 403 403")},
		"licence-desk-list":   {"", nil, row(listLicences)},
		"licence-revoke":      {"", map[string]string{"reason": ""}, row(revokes)},
		"licence-verify-code": {"/api/verify?code=nothing", nil, row(public)},
		"licence-verify-file": {"", "no OFD", row(public)},

		"notify-inbox":   {"", nil, row(signedIn)},
		"notify-unread":  {"", nil, row(signedIn)},
		"notify-stream":  {"", nil, row(signedIn)},
		"notify-read-at": {"", map[string]string{"link": "/my/cases/nothing"}, row(signedIn)},
		"notify-read":    {"/api/notices/" + postgres.NewID() + "/read", nil, row("401 404 404 404 404 404 404 404")},

		"site-home":         {"", nil, row(public)},
		"site-search":       {"", nil, row(public)},
		"site-suggest":      {"", nil, row(public)},
		"site-item":         {"", nil, row(public)},
		"site-departments":  {"", nil, row(public)},
		"site-department":   {"/departments/sz-scjg", nil, row(public)},
		"site-themes":       {"", nil, row(public)},
		"site-theme":        {"/themes/natural:085", nil, row(public)},
		"site-regions":      {"", nil, row(public)},
		"site-region":       {"/regions/421303000000", nil, row(public)},
		"site-about":        {"", nil, row(public)},
		"site-verify":       {"", nil, row(public)},
		"site-verify-file":  {"", nil, row(public)},
		"site-display":      {"", nil, row(public)},
		"site-sitemap":      {"", nil, row(public)},
		"site-sitemap-part": {"/sitemaps/pages.xml", nil, row(public)},
	}
}
