package directory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
)

// Staff is an official.
type Staff struct {
	ID     string `json:"id"`
	Code   string `json:"code"` // staff number, also the sign-in name
	Name   string `json:"name"`
	OrgID  string `json:"org_id"`
	Active bool   `json:"active"`
}

// Post is a place in an organisation, with the roles that go with it (岗位).
type Post struct {
	ID    string   `json:"id"`
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	OrgID string   `json:"org_id"`
	Roles []string `json:"roles"`
}

// StaffByID finds an official, active or not; directory.staff-not-found otherwise.
func (s *Service) StaffByID(ctx context.Context, id string) (*Staff, error) {
	return s.oneStaff(ctx, `SELECT id, code, name, org_id, active FROM directory.staff WHERE id = $1`, id)
}

// StaffByCode finds an official by staff number.
func (s *Service) StaffByCode(ctx context.Context, code string) (*Staff, error) {
	return s.oneStaff(ctx, `SELECT id, code, name, org_id, active FROM directory.staff WHERE code = $1`, code)
}

func (s *Service) oneStaff(ctx context.Context, sql, arg string) (*Staff, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, sql, arg)
	if err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Staff])
	if err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	if len(found) == 0 {
		return nil, errStaff
	}
	return &found[0], nil
}

// StaffNames gives the names of several officials; unknown ids are left out.
func (s *Service) StaffNames(ctx context.Context, ids []string) (map[string]string, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id, name FROM directory.staff WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return nil, fmt.Errorf("read staff names: %w", err)
	}
	out := make(map[string]string, len(ids))
	var id, name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[id] = name; return nil }); err != nil {
		return nil, fmt.Errorf("read staff names: %w", err)
	}
	return out, nil
}

// PostsOf lists the posts of an active official, the main one first; none for
// somebody who has left.
func (s *Service) PostsOf(ctx context.Context, staffID string) ([]Post, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT p.id, p.code, p.name, p.org_id, p.roles
		FROM directory.staff_posts sp
		JOIN directory.staff s ON s.id = sp.staff_id AND s.active
		JOIN directory.posts p ON p.id = sp.post_id
		WHERE sp.staff_id = $1 ORDER BY sp.position, p.code`, staffID)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Post])
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return out, nil
}

// GrantsOf is what an official may do in a post, or, with postID "", in all
// posts held at once (兼任). Whoever does not hold the post gets no grants, which
// is no error: rights are denied by default.
func (s *Service) GrantsOf(ctx context.Context, staffID, postID string) ([]actor.Grant, error) {
	posts, err := s.PostsOf(ctx, staffID)
	if err != nil {
		return nil, err
	}
	t, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []actor.Grant
	for _, p := range posts {
		if postID != "" && p.ID != postID {
			continue
		}
		org := t.byID[p.OrgID]
		out = append(out, grants(p.Roles, org, t.territory(org))...)
	}
	return out, nil
}
