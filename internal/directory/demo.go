package directory

import (
	"context"
	"fmt"

	"onedoor/internal/platform/postgres"
)

// DemoPost is a post of a demo official: the code of its organisation and its roles.
type DemoPost struct {
	Org   string
	Name  string
	Roles []string
}

// DemoOfficial is a made-up official of the reference city. Code is the staff
// number and the sign-in name; identity makes the account.
type DemoOfficial struct {
	Code  string
	Name  string
	Org   string
	Posts []DemoPost // the first is the main post
}

// DemoStaff are the officials of the reference city. The city government's joint
// posts (联审) work for every department, so that an item of any department can be
// taken to its end in a demonstration.
var DemoStaff = []DemoOfficial{
	{"chuangkou", "陈静", "sz-zwfw", []DemoPost{{"sz-zwfw", "综合窗口", []string{"clerk"}}}},
	{"shenhe1", "王磊", "sz-scjg", []DemoPost{{"sz-scjg", "审查岗", []string{"reviewer"}}}},
	{"shenhe2", "刘敏", "sz-wjw", []DemoPost{{"sz-wjw", "审查岗", []string{"reviewer"}}}},
	{"shenpi", "赵建国", "sz-scjg", []DemoPost{
		{"sz-scjg", "审批岗", []string{"approver"}},
		{"sz-wjw", "审批岗", []string{"approver"}},
	}},
	{"guanli", "孙丽", "sz-zwfw", []DemoPost{{"sz-zwfw", "系统管理岗", []string{"admin"}}}},
	{"lianshen", "何伟", "sz", []DemoPost{{"sz", "联审岗", []string{"reviewer"}}}},
	{"lianpi", "吴晓东", "sz", []DemoPost{{"sz", "联合审批岗", []string{"approver"}}}},
}

type seedStaff struct {
	Staff
	posts []Post
}

func (s *Service) seedStaff(ctx context.Context) error {
	orgs, err := s.allOrgs(ctx) // past the memory: this transaction wrote them
	if err != nil {
		return err
	}
	byCode := newTree(orgs).byCode
	staff := make([]seedStaff, 0, len(DemoStaff))
	for _, d := range DemoStaff {
		home := byCode[d.Org]
		if home == nil {
			return fmt.Errorf("demo official %s: no organisation %s", d.Code, d.Org)
		}
		row := seedStaff{Staff: Staff{ID: postgres.NewID(), Code: d.Code, Name: d.Name, OrgID: home.ID}}
		for _, p := range d.Posts {
			org := byCode[p.Org]
			if org == nil {
				return fmt.Errorf("demo official %s: no organisation %s", d.Code, p.Org)
			}
			row.posts = append(row.posts, Post{
				ID: postgres.NewID(), Code: p.Org + ":" + p.Roles[0], Name: p.Name, OrgID: org.ID, Roles: p.Roles,
			})
		}
		staff = append(staff, row)
	}
	return s.putStaff(ctx, staff)
}
