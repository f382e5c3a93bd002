// Package keys lets administrators see the keys that protect personal data, and replace
// them. The keys themselves, their rotation and the schema "keys" are platform/sm's;
// here are the right, the evidence and the page.
//
// The rule it stands for: GB/T 39477-2020, who keeps keys is told apart from who uses
// data, and every replacement is on record; 个人信息保护法 Art 51.
//
// Invariants: no key leaves by this module, only numbers, states and progress. Data keys
// belong to all organisations, so only an administrator of the whole city replaces them.
package keys

import (
	"context"
	"strings"
	"unicode/utf8"

	"onedoor/internal/audit"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/sm"
)

// Manage is the right to see and replace keys.
const Manage = directory.KeysManage

// Rotator replaces keys; *sm.Rotator is one.
type Rotator interface {
	Start(ctx context.Context, by, reason string) (id int, begun bool, err error)
	Status(ctx context.Context) (*sm.Status, error)
}

// Orgs names organisations; *directory.Service is one.
type Orgs interface {
	OrgsByIDs(ctx context.Context, ids []string) (map[string]directory.Org, error)
}

// Evidence is the evidence log; *audit.Service is one.
type Evidence interface {
	Record(ctx context.Context, e audit.Entry) error
}

// Deps is what the module needs.
type Deps struct {
	DB      *postgres.DB
	Rotator Rotator
	Orgs    Orgs
	Audit   Evidence
}

// Service is the module.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// ActionNames are the Chinese names of the module's entries in the evidence log.
var ActionNames = map[string]string{"keys.rotate": "轮换数据密钥"}

var errReason = fault.New(fault.Invalid, "keys.reason-missing", "请写明轮换密钥的原因（2 到 200 字），它会留在操作记录里。").
	WithFields(fault.Field{Path: "/reason", Message: "请写明原因，2 到 200 字。"})

// Overview is the page of an administrator.
type Overview struct {
	sm.Status
	Orgs map[string]string `json:"orgs" doc:"单位编号对应的名称"`
}

// Overview shows keys and progress.
func (s *Service) Overview(ctx context.Context) (*Overview, error) {
	if err := require(actor.From(ctx)); err != nil {
		return nil, err
	}
	status, err := s.Rotator.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := &Overview{Status: *status, Orgs: map[string]string{}}
	var ids []string
	for _, k := range status.Keys {
		if len(k.Org) == 36 { // the house's key has no organisation
			ids = append(ids, k.Org)
		}
	}
	orgs, err := s.Deps.Orgs.OrgsByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, o := range orgs {
		out.Orgs[id] = o.Name
	}
	return out, nil
}

// Rotate begins a rotation, or tells of the one that is under way. by is "" for whoever
// acts, the system's user on the command line.
func (s *Service) Rotate(ctx context.Context, by, reason string) (id int, begun bool, err error) {
	who := actor.From(ctx)
	if err := require(who); err != nil {
		return 0, false, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 2 || n > 200 {
		return 0, false, errReason
	}
	if by == "" {
		by = who.Name
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if id, begun, err = s.Rotator.Start(ctx, by, reason); err != nil || !begun {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "keys.rotate", ObjectKind: "keys", ObjectID: "data", Ground: reason})
	})
	return id, begun, err
}

// require: at the root of the organisations, since the keys are everybody's.
func require(who *actor.Actor) error {
	if who.Kind == actor.System {
		return nil
	}
	for _, p := range who.Places(Manage) {
		if strings.Count(p.OrgPath, "/") <= 2 {
			return nil
		}
	}
	return who.Require(Manage, actor.Place{})
}
