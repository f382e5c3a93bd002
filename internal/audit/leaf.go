package audit

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

const insertEntry = `INSERT INTO audit.entries (id, at, actor_kind, account_id, staff_id, actor_name, post_name,
		address, action, object_kind, object_id, on_behalf, subject, ground, org_path, region, before, after, salt, leaf)
	VALUES ($1, $2, $3, nullif($4, '')::uuid, nullif($5, '')::uuid, $6, $7, $8, $9, $10, $11, $12, nullif($13, '')::uuid,
		$14, $15, $16, $17, $18, $19, $20)`

// values are the columns of an entry with its leaf.
func (s *Service) values(ctx context.Context, e Entry) []any {
	a := actor.From(ctx)
	org := e.OrgPath
	if org == "" {
		org = a.OrgPath
	}
	onBehalf := e.OnBehalf
	if onBehalf == "" && a.Kind == actor.Enterprise {
		onBehalf = a.ApplicantID
	}
	subject := e.Subject
	if subject == "" && uuid.Validate(onBehalf) == nil {
		subject = onBehalf
	}
	id, at := postgres.NewID(), s.Clock.Now()
	r := ledger.Record{Salt: make([]byte, ledger.SaltSize), Values: [][]byte{
		[]byte(id), ledger.Instant(at), []byte(a.Kind), []byte(a.AccountID), []byte(a.StaffID), []byte(a.Name), []byte(a.PostName),
		[]byte(a.Address), []byte(e.Action), []byte(e.ObjectKind), []byte(e.ObjectID), []byte(onBehalf), []byte(subject),
		[]byte(e.Ground), []byte(org), []byte(e.Region), e.Before, e.After,
	}}
	_, _ = rand.Read(r.Salt) // never fails since Go 1.24
	return []any{
		id, at, string(a.Kind), a.AccountID, a.StaffID, a.Name, a.PostName, a.Address, e.Action, e.ObjectKind, e.ObjectID,
		onBehalf, subject, e.Ground, org, e.Region, e.Before, e.After, r.Salt, r.Leaf(),
	}
}

// recordColumns read an entry back as the ledger sees it.
const recordColumns = `e.id::text, e.at, e.actor_kind, coalesce(e.account_id::text, ''), coalesce(e.staff_id::text, ''), e.actor_name, e.post_name,
	e.address, e.action, e.object_kind, e.object_id, e.on_behalf, coalesce(e.subject::text, ''), e.ground, e.org_path, e.region,
	e.before, e.after, e.salt, e.salts, e.erased`

// scanRecord reads recordColumns, after what stands before them.
func scanRecord(row pgx.CollectableRow, before ...any) (*ledger.Record, error) {
	var text [15]string // every field but the time and the states
	var r ledger.Record
	var at time.Time
	var then, now []byte
	targets := append(before, &text[0], &at)
	for i := 1; i < len(text); i++ {
		targets = append(targets, &text[i])
	}
	targets = append(targets, &then, &now, &r.Salt, &r.Salts, &r.Erased)
	if err := row.Scan(targets...); err != nil {
		return nil, err
	}
	r.Values = append(r.Values, []byte(text[0]), ledger.Instant(at))
	for _, t := range text[1:] {
		r.Values = append(r.Values, []byte(t))
	}
	r.Values = append(r.Values, then, now)
	return &r, nil
}
