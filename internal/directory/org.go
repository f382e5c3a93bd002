package directory

import (
	"context"
	"strings"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/region"
)

// Kind is what an organisation is.
type Kind string

// The kinds. A government and a zone (开发区管委会) rule their own territory: the
// roles that reach over a whole territory stop there.
const (
	Government  Kind = "government"
	Department  Kind = "department"
	Institution Kind = "institution"
	Zone        Kind = "zone"
)

// Org is an organisation.
type Org struct {
	ID             string `json:"id"`
	Code           string `json:"code"` // short and fixed: "sz-scjg"
	USCC           string `json:"uscc"`
	Name           string `json:"name"`
	ShortName      string `json:"short_name"`
	Kind           Kind   `json:"kind"`
	Level          int    `json:"level"` // 行使层级, 1 national to 6 village
	Region         string `json:"region"`
	ParentID       string `json:"parent_id"` // "" for the root
	Path           string `json:"path"`      // "/sz/sz-scjg/", the scope of rights
	Phone          string `json:"phone"`
	Address        string `json:"address"`
	GeneralCounter bool   `json:"general_counter"` // its items are received at the general counter (大综窗口)
	Position       int    `json:"-"`
}

var (
	errOrg   = fault.New(fault.NotFound, "directory.org-not-found", "没有找到这个单位，请返回部门列表重新选择。")
	errStaff = fault.New(fault.NotFound, "directory.staff-not-found", "没有找到这位工作人员，请核对后重试。")
)

// OrgFilter narrows a list; empty fields do not.
type OrgFilter struct {
	Region string // 12-digit code: its subtree
	Parent string // code of the organisation right above
	Path   string // subtree
	Kind   Kind
	Level  int
}

func (f OrgFilter) fits(o *Org, parent *Org) bool {
	return (f.Region == "" || region.Code(f.Region).Contains(region.Code(o.Region))) &&
		(f.Parent == "" || parent != nil && parent.Code == f.Parent) &&
		(f.Path == "" || strings.HasPrefix(o.Path, f.Path)) &&
		(f.Kind == "" || o.Kind == f.Kind) &&
		(f.Level == 0 || o.Level == f.Level)
}

// OrgByID finds an organisation; directory.org-not-found otherwise.
func (s *Service) OrgByID(ctx context.Context, id string) (*Org, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	return found(t.byID[id])
}

// OrgByCode finds an organisation by its fixed code; directory.org-not-found otherwise.
func (s *Service) OrgByCode(ctx context.Context, code string) (*Org, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	return found(t.byCode[code])
}

// OrgsByIDs finds several at once; ids that do not exist are left out.
func (s *Service) OrgsByIDs(ctx context.Context, ids []string) (map[string]Org, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Org, len(ids))
	for _, id := range ids {
		if o := t.byID[id]; o != nil {
			out[id] = *o
		}
	}
	return out, nil
}

// Orgs lists organisations in the order of the directory, a parent before its children.
func (s *Service) Orgs(ctx context.Context, f OrgFilter) ([]Org, error) {
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	out := []Org{}
	for i := range t.all {
		if o := &t.all[i]; f.fits(o, t.byID[o.ParentID]) {
			out = append(out, *o)
		}
	}
	return out, nil
}

// found copies, because the tree is shared by all callers.
func found(o *Org) (*Org, error) {
	if o == nil {
		return nil, errOrg
	}
	c := *o
	return &c, nil
}
