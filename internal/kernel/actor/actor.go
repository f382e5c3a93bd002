// Package actor is who acts, in what capacity and with which rights.
//
// A right is (role, organisation subtree, region subtree, action); everything is
// denied unless a grant says otherwise. The check is made at the start of a use
// case, and the same grants become the SQL predicate of a list.
package actor

import (
	"context"
	"strings"

	"onedoor/internal/kernel/fault"
)

// Kind is the capacity in which somebody acts.
type Kind string

// The kinds of actor. Enterprise is a natural person acting for a legal person.
const (
	Anonymous  Kind = "anonymous"
	Citizen    Kind = "citizen"
	Enterprise Kind = "enterprise"
	Staff      Kind = "staff"
	System     Kind = "system"
)

// Action names one use case that needs a right, "module.verb" ("intake.accept").
type Action string

// Grant lets a role's holder do Action in one organisation subtree and one region subtree.
type Grant struct {
	Role    string
	Action  Action
	OrgPath string // "/city/health/", prefix of every path below it; "" grants nothing
	Region  string // 12-digit region code; the subtree is what shares its significant digits
}

// Actor is who is behind a request.
type Actor struct {
	Kind        Kind
	AccountID   string // uuid, "" when anonymous
	ApplicantID string // uuid of the person or legal person on whose behalf; "" for staff
	StaffID     string // uuid, staff only
	OrgPath     string // the organisation of the present post, staff only
	Name        string // display name
	PostName    string // display name of the present post, staff only
	SessionID   string
	Address     string // client address, for the evidence log
	Grants      []Grant
}

// Place is where the object of an action belongs.
type Place struct {
	OrgPath string
	Region  string
}

var (
	errForbidden = fault.New(fault.Forbidden, "right.missing", "您没有办理这项操作的权限，请联系本单位管理员开通。")
	errSignIn    = fault.New(fault.Unauthenticated, "session.required", "请先登录，登录后可以继续刚才的操作。")
)

// Can reports whether a grant allows action at place.
func (a *Actor) Can(action Action, at Place) bool {
	if a == nil {
		return false
	}
	if a.Kind == System {
		return true
	}
	for _, g := range a.Grants {
		if g.Action == action && g.OrgPath != "" && strings.HasPrefix(at.OrgPath, g.OrgPath) && InRegion(at.Region, g.Region) {
			return true
		}
	}
	return false
}

// Require is Can as an error: unauthenticated without a session, forbidden without a right.
func (a *Actor) Require(action Action, at Place) error {
	if a.Can(action, at) {
		return nil
	}
	if a == nil || a.Kind == Anonymous {
		return errSignIn
	}
	return errForbidden.Because(&missing{action, at})
}

// RequireApplicant fails unless a citizen or an enterprise's agent is signed in.
func (a *Actor) RequireApplicant() error {
	if a == nil || a.Kind == Anonymous {
		return errSignIn
	}
	if a.ApplicantID == "" {
		return fault.New(fault.Forbidden, "right.applicants-only", "这项操作只能由申请人本人或其代理人办理，请用个人或企业账号登录。")
	}
	return nil
}

// Places lists where action is allowed, for a list's SQL predicate; empty means nowhere.
func (a *Actor) Places(action Action) []Place {
	if a == nil {
		return nil
	}
	var out []Place
	for _, g := range a.Grants {
		if g.Action == action && g.OrgPath != "" {
			out = append(out, Place{OrgPath: g.OrgPath, Region: g.Region})
		}
	}
	return out
}

// InRegion reports whether code lies in the subtree of root (12-digit codes:
// 2 province, 2 city, 2 county, 3 town, 3 village).
func InRegion(code, root string) bool {
	return root != "" && strings.HasPrefix(code, RegionPrefix(root))
}

// RegionPrefix is the significant part of a 12-digit code: "421300000000" → "4213".
func RegionPrefix(code string) string {
	for _, n := range []int{2, 4, 6, 9} {
		if len(code) >= n && strings.Trim(code[n:], "0") == "" {
			return code[:n]
		}
	}
	return code
}

type missing struct {
	action Action
	at     Place
}

func (m *missing) Error() string {
	return "no grant for " + string(m.action) + " at " + m.at.OrgPath + " in " + m.at.Region
}

type key struct{}

// With puts the actor into the context.
func With(ctx context.Context, a *Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From is the actor of the context; an anonymous one when there is none.
func From(ctx context.Context) *Actor {
	if a, ok := ctx.Value(key{}).(*Actor); ok && a != nil {
		return a
	}
	return &Actor{Kind: Anonymous}
}
