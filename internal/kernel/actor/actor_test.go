package actor_test

import (
	"testing"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

var reviewer = &actor.Actor{Kind: actor.Staff, Grants: []actor.Grant{
	{Role: "reviewer", Action: "intake.review", OrgPath: "/sz/sz-scjg/", Region: "421300000000"},
	{Role: "broken", Action: "intake.decide", OrgPath: "", Region: "421300000000"},
	{Role: "broken", Action: "intake.view", OrgPath: "/sz/", Region: ""},
}}

func TestCanDeniesByDefault(t *testing.T) {
	own := actor.Place{OrgPath: "/sz/sz-scjg/", Region: "421303000000"}
	for situation, c := range map[string]struct {
		who    *actor.Actor
		action actor.Action
		at     actor.Place
		want   bool
	}{
		"own department":               {reviewer, "intake.review", own, true},
		"a unit below it":              {reviewer, "intake.review", actor.Place{OrgPath: "/sz/sz-scjg/food/", Region: "421300000000"}, true},
		"a department above":           {reviewer, "intake.review", actor.Place{OrgPath: "/sz/", Region: "421300000000"}, false},
		"a name that begins alike":     {reviewer, "intake.review", actor.Place{OrgPath: "/sz/sz-scjg2/", Region: "421300000000"}, false},
		"another region":               {reviewer, "intake.review", actor.Place{OrgPath: "/sz/sz-scjg/", Region: "420100000000"}, false},
		"an action of nobody's":        {reviewer, "intake.destroy", own, false},
		"a grant without organisation": {reviewer, "intake.decide", own, false},
		"a grant without region":       {reviewer, "intake.view", own, false},
		"nowhere":                      {reviewer, "intake.review", actor.Place{}, false},
		"nobody":                       {nil, "intake.review", own, false},
		"anonymous":                    {&actor.Actor{Kind: actor.Anonymous}, "intake.review", own, false},
		"the system":                   {&actor.Actor{Kind: actor.System}, "intake.review", own, true},
	} {
		if got := c.who.Can(c.action, c.at); got != c.want {
			t.Errorf("%s: %v", situation, got)
		}
	}
	if places := reviewer.Places("intake.decide"); len(places) != 0 {
		t.Errorf("a grant without organisation must not reach a list's predicate: %v", places)
	}
}

func TestRequire(t *testing.T) {
	at := actor.Place{OrgPath: "/sz/sz-wjw/", Region: "421300000000"}
	for situation, c := range map[string]struct {
		who  *actor.Actor
		want fault.Kind
	}{
		"nobody":            {nil, fault.Unauthenticated},
		"anonymous":         {&actor.Actor{Kind: actor.Anonymous}, fault.Unauthenticated},
		"without the right": {reviewer, fault.Forbidden},
		"the system":        {&actor.Actor{Kind: actor.System}, ""},
	} {
		if got := fault.KindOf(c.who.Require("intake.review", at)); got != c.want {
			t.Errorf("%s: %q, want %q", situation, got, c.want)
		}
	}
	if got := fault.KindOf(reviewer.RequireApplicant()); got != fault.Forbidden {
		t.Errorf("an official applies: %q", got)
	}
	if err := (&actor.Actor{Kind: actor.Citizen, ApplicantID: "x"}).RequireApplicant(); err != nil {
		t.Error(err)
	}
}

func TestContext(t *testing.T) {
	if got := actor.From(t.Context()); got.Kind != actor.Anonymous {
		t.Errorf("an empty context has %+v", got)
	}
	if got := actor.From(actor.With(t.Context(), reviewer)); got != reviewer {
		t.Errorf("got %+v", got)
	}
}
