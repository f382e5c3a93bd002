package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/postgres"
)

// Read is the right to see the log.
const Read actor.Action = "audit.read"

// Row is an entry as an administrator reads it.
type Row struct {
	ID         string          `json:"id"`
	At         time.Time       `json:"at"`
	ActorKind  string          `json:"actor_kind" enum:"anonymous,citizen,enterprise,staff,system"`
	AccountID  string          `json:"account_id"`
	ActorName  string          `json:"actor_name"`
	PostName   string          `json:"post_name"`
	Address    string          `json:"address"`
	Action     string          `json:"action"`
	ActionName string          `json:"action_name"`
	ObjectKind string          `json:"object_kind"`
	ObjectID   string          `json:"object_id"`
	OnBehalf   string          `json:"on_behalf"`
	Ground     string          `json:"ground"`
	OrgPath    string          `json:"org_path"`
	Region     string          `json:"region"`
	Before     json.RawMessage `json:"before,omitempty"`
	After      json.RawMessage `json:"after,omitempty"`
}

// Filter narrows the list; empty fields do not.
type Filter struct {
	ObjectKind string // with ObjectID: the story of one object
	ObjectID   string
	Action     string
	ActorName  string    // the whole name of who acted
	From, To   time.Time // half open
}

type cursor struct {
	ID string `json:"id"`
}

// newest is above every id: page one then has the same plan as page one thousand.
const newest = "ffffffff-ffff-ffff-ffff-ffffffffffff"

func position(req page.Request) (string, error) {
	var c cursor
	more, err := req.Decode(&c)
	if err != nil || !more {
		return newest, err
	}
	if err := uuid.Validate(c.ID); err != nil {
		_, err := page.Request{Cursor: "?"}.Decode(&c) // the same fault as any other bad cursor
		return "", err
	}
	return c.ID, nil
}

// List is the log, newest first, of what lies where the reader has audit.read.
func (s *Service) List(ctx context.Context, f Filter, req page.Request) (page.Page[Row], error) {
	a := actor.From(ctx)
	places := a.Places(Read)
	if len(places) == 0 {
		if err := a.Require(Read, actor.Place{}); err != nil {
			return page.Page[Row]{}, err
		}
		places = []actor.Place{{OrgPath: "/"}} // the system itself
	}
	before, err := position(req)
	if err != nil {
		return page.Page[Row]{}, err
	}
	paths, regions := make([]string, len(places)), make([]string, len(places))
	whole := false // a root organisation, or the system: also what belongs to no organisation
	for i, p := range places {
		paths[i], regions[i] = p.OrgPath, actor.RegionPrefix(p.Region)
		whole = whole || strings.Count(p.OrgPath, "/") <= 2
	}
	// Two statements, so that each has a plan of its own: the whole log by its
	// primary key, an object's story by its index.
	args, narrow := []any{before, whole, paths, regions, req.Limit() + 1}, ""
	and := func(condition string, value any) {
		args = append(args, value)
		narrow += fmt.Sprintf(" AND "+condition, len(args))
	}
	if f.ObjectKind != "" {
		and("object_kind = $%d", f.ObjectKind)
		and("object_id = $%d", f.ObjectID)
	}
	if f.Action != "" {
		and("action = $%d", f.Action)
	}
	if f.ActorName != "" {
		and("actor_name = $%d", f.ActorName)
	}
	// Ids are made of time: the range of the key bounds what is walked.
	if !f.From.IsZero() {
		and("id >= $%d", idAt(f.From))
		and("at >= $%d", f.From)
	}
	if !f.To.IsZero() {
		and("id < $%d", idAt(f.To.Add(time.Minute)))
		and("at < $%d", f.To)
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id, at, actor_kind, coalesce(account_id::text, '') AS account_id,
			actor_name, post_name, address, action, object_kind, object_id, on_behalf, ground, org_path, region, before, after
		FROM audit.entries e
		WHERE id < $1 `+narrow+`
			AND (($2 AND org_path = '') OR EXISTS (
				SELECT 1 FROM unnest($3::text[], $4::text[]) AS g (path, region)
				WHERE starts_with(e.org_path, g.path) AND (e.region = '' OR starts_with(e.region, g.region))))
		ORDER BY id DESC LIMIT $5`, args...)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("read the evidence log: %w", err))
	}
	out, err := pgx.CollectRows(rows, s.row)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("read the evidence log: %w", err))
	}
	return page.Cut(out, req.Limit(), func(r Row) any { return cursor{r.ID} }), nil
}

// idAt is the least id (UUID version 7) that could have been made at t.
func idAt(t time.Time) string {
	ms := uint64(t.UnixMilli()) //nolint:gosec // no time before 1970 is asked for
	return fmt.Sprintf("%08x-%04x-0000-0000-000000000000", ms>>16&0xffffffff, ms&0xffff)
}

func (s *Service) row(row pgx.CollectableRow) (Row, error) {
	var r Row
	var before, after []byte
	err := row.Scan(&r.ID, &r.At, &r.ActorKind, &r.AccountID, &r.ActorName, &r.PostName, &r.Address, &r.Action,
		&r.ObjectKind, &r.ObjectID, &r.OnBehalf, &r.Ground, &r.OrgPath, &r.Region, &before, &after)
	r.Before, r.After = state(before), state(after)
	if r.ActionName = s.names[r.Action]; r.ActionName == "" {
		r.ActionName = r.Action
	}
	return r, err
}

// state is what was given, as JSON: a caller's mistake must not make the log unreadable.
func state(given []byte) json.RawMessage {
	if len(given) == 0 {
		return nil
	}
	if json.Valid(given) {
		return given
	}
	quoted, err := json.Marshal(string(given))
	if err != nil {
		return nil
	}
	return quoted
}
