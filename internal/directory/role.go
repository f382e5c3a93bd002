package directory

import (
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/personal"
)

// The actions that roles give. The module before the dot checks them.
const (
	IntakeView       actor.Action = "intake.view"       // see cases and their material
	IntakeReceive    actor.Action = "intake.receive"    // take in an application at the counter for somebody (收件)
	IntakeAccept     actor.Action = "intake.accept"     // check material, accept (受理)
	IntakeSupplement actor.Action = "intake.supplement" // ask for what is missing, once (补正)
	IntakeDecline    actor.Action = "intake.decline"    // not accept, with the ground (不予受理)
	IntakeReview     actor.Action = "intake.review"     // examine and recommend (审查); open and end a special procedure, Art 45
	IntakeDecide     actor.Action = "intake.decide"     // grant or refuse (决定)
	IntakeExtend     actor.Action = "intake.extend"     // prolong, Art 42: the agency head's approval
	LicenceView      actor.Action = "licence.view"      // see the licences an agency issued
	LicenceRevoke    actor.Action = "licence.revoke"    // withdraw one (撤销、注销)
	CatalogManage    actor.Action = "catalog.manage"    // publish, suspend, cancel and import items
	DirectoryManage  actor.Action = "directory.manage"  // organisations, posts, officials
	AuditRead        actor.Action = "audit.read"        // read the evidence log
	KeysManage       actor.Action = "keys.manage"       // see and replace the keys of personal data
	PersonalUnmask                = personal.Unmask     // see whole numbers and addresses, for a purpose that is written down
)

// Scope is how far a role reaches from the organisation of its post.
type Scope int

// A role reaches over the post's own organisation with what is below it, or over
// the whole territory of the government that the organisation belongs to.
const (
	OwnOrg Scope = iota
	Territory
)

// Role is a named set of rights.
type Role struct {
	Code    string
	Name    string
	Scope   Scope
	Actions []actor.Action
}

// Roles is the table of rights. It is code and not rows: who may decide over
// people's applications changes by review, not by an UPDATE.
var Roles = []Role{
	// 综合窗口: receives for all departments of the hall (前台综合受理), decides nothing.
	{"clerk", "综合窗口", Territory, []actor.Action{
		IntakeView, IntakeReceive, IntakeAccept, IntakeSupplement, IntakeDecline, PersonalUnmask,
	}},
	// 审查岗: accepts what concerns its own department and examines it. It has no
	// IntakeDecide: who examines must not be who decides (审查与决定分离).
	{"reviewer", "审查岗", OwnOrg, []actor.Action{
		IntakeView, IntakeAccept, IntakeSupplement, IntakeDecline, IntakeReview, LicenceView, PersonalUnmask,
	}},
	// 审批岗: decides for the agency, prolongs, and takes back what it issued.
	{"approver", "审批岗", OwnOrg, []actor.Action{
		IntakeView, IntakeDecide, IntakeExtend, LicenceView, LicenceRevoke, PersonalUnmask,
	}},
	// 系统管理员: keeps directory and catalogue and reads the evidence; sees no
	// case, because administering a system is no ground for reading applications.
	{"admin", "系统管理员", Territory, []actor.Action{
		DirectoryManage, CatalogManage, AuditRead, KeysManage,
	}},
}

func roleByCode(code string) (Role, bool) {
	for _, r := range Roles {
		if r.Code == code {
			return r, true
		}
	}
	return Role{}, false
}

// grants spells out what a post in org with these roles may do. territory is the
// government or zone of org. A role that the table does not know gives nothing.
func grants(roles []string, org, territory *Org) []actor.Grant {
	var out []actor.Grant
	for _, code := range roles {
		role, ok := roleByCode(code)
		if !ok {
			continue
		}
		over := org
		if role.Scope == Territory {
			over = territory
		}
		if over == nil {
			continue
		}
		for _, a := range role.Actions {
			out = append(out, actor.Grant{Role: role.Code, Action: a, OrgPath: over.Path, Region: over.Region})
		}
	}
	return out
}
