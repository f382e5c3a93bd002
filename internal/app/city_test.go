package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/app"
	"onedoor/internal/story"
)

// TestCity runs the tests that refuse: they share one server, since none of them may
// change anything in it.
func TestCity(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	t.Run("bad input", func(t *testing.T) { badInput(t, c) })
	t.Run("rights", func(t *testing.T) { rights(t, c) })
}

// city is a server of the reference city with something in it to be refused: an
// enterprise's finished and unfinished business, and people who have no part in it.
type city struct {
	*process
	db *pgx.Conn

	citizen, enterprise, clerk, reviewer, other, approver, admin *caller

	item, closed guide  // both take the general form and need no material
	form         []byte // fits item

	granted applied // the enterprise's, with paper, file and licence
	waiting applied // the enterprise's, just submitted to the market regulator
	draft   draft   // the enterprise's, with a file
	notice  string  // the enterprise's
}

type guide struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Version   int    `json:"version"`
	FormID    string `json:"form_id"`
	Complete  bool   `json:"complete"`
	Materials []struct {
		Code     string `json:"code"`
		Required bool   `json:"required"`
		Waived   bool   `json:"waived"`
	} `json:"materials"`
}

// needs lists the materials that must be handed in.
func (g *guide) needs() (codes []string) {
	for _, m := range g.Materials {
		if m.Required && !m.Waived {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

type draft struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Files   []struct {
		ID string `json:"id"`
	} `json:"files"`
}

type applied struct {
	CaseNo    string `json:"case_no"`
	State     string `json:"state"`
	Version   int    `json:"version"`
	Materials []struct {
		Code  string `json:"code"`
		Files []struct {
			ID string `json:"id"`
		} `json:"files"`
	} `json:"materials"`
	Documents []struct {
		ID    string `json:"id"`
		Ready bool   `json:"ready"`
	} `json:"documents"`
	Licence *struct {
		ID string `json:"id"`
	} `json:"licence"`
	Timeline []json.RawMessage `json:"timeline"`
}

const (
	citizenLogin    = "13800000001"
	enterpriseLogin = "13800000002"
)

func newCity(t *testing.T) *city {
	t.Helper()
	c := &city{process: newCityProcess(t, "--no-rate-limit")}
	c.start()
	c.db = c.database(t)
	for login, at := range map[string]**caller{
		citizenLogin: &c.citizen, enterpriseLogin: &c.enterprise, "chuangkou": &c.clerk, "shenhe1": &c.reviewer,
		"shenhe2": &c.other, "shenpi": &c.approver, "guanli": &c.admin,
	} {
		*at = signedIn(t, c.base, login)
	}
	general := generalItems(t, c.citizen, 2)
	c.item, c.closed = general[0], general[1]
	c.form = example(t, c.citizen, "general")

	// What `onedoor demo` plays; the first story is the enterprise's.
	stories := app.DemoStories(c.base)
	for _, s := range stories {
		if err := s.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.Search, err)
		}
	}
	c.enterprise.must(t, "GET", "/api/cases/"+stories[0].CaseNo(), nil, &c.granted)
	c.enterprise.must(t, "POST", "/api/cases", map[string]any{"item_id": c.item.ID, "form": json.RawMessage(c.form), "promise": true}, &c.waiting,
		"Idempotency-Key", story.Key())
	c.enterprise.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.item.ID}, &c.draft)
	c.enterprise.must(t, "POST", "/api/drafts/"+c.draft.ID+"/files?material=M01&name=a.png", picture(), nil)
	c.enterprise.must(t, "GET", "/api/drafts/"+c.draft.ID, nil, &c.draft)

	c.await("events and jobs of the setting", 30*time.Second, func() bool { return quiet(t, c.db) })
	c.notice = one[string](t, c.db, `SELECT id::text FROM notify.notices WHERE link = '/my/cases/' || $1 LIMIT 1`, c.granted.CaseNo)
	return c
}

// picture is the smallest PNG, one white point.
func picture() *bytes.Reader {
	raw, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==")
	if err != nil {
		panic("the picture is no base64: " + err.Error())
	}
	return bytes.NewReader(raw)
}

// generalItems finds n items of the municipal market regulator with the general form and
// no required material.
func generalItems(t *testing.T, c *caller, n int) (out []guide) {
	t.Helper()
	var page struct {
		Rows []guide `json:"rows"`
		Next string  `json:"next"`
	}
	for {
		next := page.Next
		page.Rows, page.Next = nil, ""
		c.must(t, "GET", "/api/items?region=421300000000&dept=sz-scjg&size=100&cursor="+url.QueryEscape(next), nil, &page)
		for _, r := range page.Rows {
			if r.Complete {
				continue
			}
			var g guide
			if c.must(t, "GET", "/api/items/"+r.ID, nil, &g); g.FormID == "general" && len(g.needs()) == 0 {
				if out = append(out, g); len(out) == n {
					return out
				}
			}
		}
		if page.Next == "" {
			t.Fatalf("only %d items take the general form without material", len(out))
		}
	}
}

// completeItem finds an item of the city that is complete, by its name.
func completeItem(t *testing.T, c *caller, name string) guide {
	t.Helper()
	var page struct {
		Rows []guide `json:"rows"`
	}
	c.must(t, "GET", "/api/items?region=421300000000&q="+url.QueryEscape(name), nil, &page)
	for _, r := range page.Rows {
		if r.Complete {
			var g guide
			c.must(t, "GET", "/api/items/"+r.ID, nil, &g)
			return g
		}
	}
	t.Fatalf("no complete item %s", name)
	return guide{}
}

// example is how a form's own definition fills it in.
func example(t *testing.T, c *caller, form string) []byte {
	t.Helper()
	var def struct {
		Schema struct {
			Examples []json.RawMessage `json:"examples"`
		} `json:"schema"`
	}
	c.must(t, "GET", "/api/forms/"+form, nil, &def)
	if len(def.Schema.Examples) == 0 {
		t.Fatalf("form %s has no example", form)
	}
	return def.Schema.Examples[0]
}

// with is the form with one entry replaced by raw JSON.
func (c *city) with(t *testing.T, entry, raw string) json.RawMessage {
	t.Helper()
	var form map[string]json.RawMessage
	if err := json.Unmarshal(c.form, &form); err != nil {
		t.Fatal(err)
	}
	form[entry] = json.RawMessage(raw)
	out, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// contents is everything that a refused request must leave as it is: rows and the sum of
// their versions. Evidence of reading and of failed sign-ins is the one thing that grows.
func (c *city) contents(t *testing.T) map[string]string {
	t.Helper()
	const count = `
		SELECT 'case', count(*), coalesce(sum(version), 0) FROM intake.cases UNION ALL
		SELECT 'timeline', count(*), 0 FROM intake.case_events UNION ALL
		SELECT 'material', count(*), count(*) FILTER (WHERE result <> '') FROM intake.materials UNION ALL
		SELECT 'file', count(*), 0 FROM intake.files UNION ALL
		SELECT 'upload', count(*), 0 FROM intake.uploads UNION ALL
		SELECT 'draft', count(*), coalesce(sum(version), 0) FROM intake.drafts UNION ALL
		SELECT 'document', count(*), 0 FROM intake.documents UNION ALL
		SELECT 'key', count(*), 0 FROM intake.idempotency UNION ALL
		SELECT 'licence', count(*), coalesce(sum(version), 0) FROM licence.licences UNION ALL
		SELECT 'presentation', count(*), 0 FROM licence.presentations UNION ALL
		SELECT 'notice', count(*), count(read_at) FROM notify.notices UNION ALL
		SELECT 'account', count(*), count(*) FILTER (WHERE active) FROM identity.accounts UNION ALL
		SELECT 'applicant', count(*), 0 FROM identity.applicants UNION ALL
		SELECT 'item', count(*), sum(version) FROM catalog.item UNION ALL
		SELECT 'event', count(*), 0 FROM events.outbox UNION ALL
		SELECT 'job', count(*), 0 FROM river.river_job WHERE kind IN ('intake_paper', 'intake_result') UNION ALL
		SELECT 'evidence', count(*), 0 FROM audit.entries
			WHERE action NOT IN ('intake.view', 'licence.view', 'licence.download', 'identity.sign-in', 'identity.sign-out')`
	rows, err := c.db.Query(t.Context(), count)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"blob": fmt.Sprint(c.blobs())}
	var kind string
	var n, sum int64
	if _, err := pgx.ForEachRow(rows, []any{&kind, &n, &sum}, func() error {
		out[kind] = fmt.Sprint(n, "/", sum)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
