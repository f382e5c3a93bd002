package sm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// Status is what an administrator sees of the keys. It holds no key.
type Status struct {
	Provider  string    `json:"provider" enum:"file,vault,pkcs11" doc:"主密钥所在：文件、Vault 或密码机"`
	Algorithm string    `json:"algorithm" doc:"新数据密钥的算法"`
	Keys      []KeyInfo `json:"keys"`
	Rotation  *Rotation `json:"rotation,omitempty" doc:"最近一次轮换"`
}

// KeyInfo is one data key without its secret.
type KeyInfo struct {
	ID        int        `json:"id"`
	Purpose   string     `json:"purpose" enum:"data,blind"`
	Org       string     `json:"org" doc:"单位编号，空为公共"`
	Algorithm string     `json:"algorithm"`
	KEK       string     `json:"kek" doc:"由哪一个主密钥保护"`
	State     string     `json:"state" enum:"active,retiring,retired"`
	CreatedAt time.Time  `json:"created_at"`
	RetiredAt *time.Time `json:"retired_at,omitempty"`
}

// Rotation is one replacement of all data keys, with its progress.
type Rotation struct {
	ID         int        `json:"id"`
	Reason     string     `json:"reason"`
	StartedBy  string     `json:"started_by"`
	StartedAt  time.Time  `json:"started_at"`
	Pass       int        `json:"pass"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	Targets    []Target   `json:"targets"`

	passSettled bool // its pass began after the settling time
}

// Target is the progress of one column.
type Target struct {
	Name    string `json:"name"`
	Rows    int64  `json:"rows" doc:"估计的总行数"`
	Changed int64  `json:"changed" doc:"已重新加密"`
	Done    bool   `json:"done"`

	dirty int64
}

var errNoRotation = fault.New(fault.NotFound, "keys.no-rotation", "没有这次密钥轮换，请刷新页面。")

// Status reads keys and the last rotation.
func (r *Rotator) Status(ctx context.Context) (*Status, error) {
	s := &Status{Provider: r.keys.store.KEKs[0].Name(), Algorithm: string(r.keys.store.Algorithm), Keys: []KeyInfo{}}
	rows, err := r.db.Q(ctx).Query(ctx, `SELECT id, purpose, org, algorithm, kek, state, created_at, retired_at FROM keys.data_keys
		ORDER BY state, purpose, org, id DESC LIMIT 1000`)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read data keys: %w", err))
	}
	if s.Keys, err = pgx.CollectRows(rows, pgx.RowToStructByName[KeyInfo]); err != nil {
		return nil, postgres.Fault(fmt.Errorf("read data keys: %w", err))
	}
	var last int
	err = r.db.Q(ctx).QueryRow(ctx, `SELECT id FROM keys.rotations ORDER BY id DESC LIMIT 1`).Scan(&last)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read rotation: %w", err))
	}
	s.Rotation, err = r.Rotation(ctx, last)
	return s, err
}

// Rotation is one rotation with its progress.
func (r *Rotator) Rotation(ctx context.Context, id int) (*Rotation, error) {
	out := &Rotation{ID: id}
	var passAt time.Time
	err := r.db.Q(ctx).QueryRow(ctx, `SELECT reason, started_by, started_at, pass, finished_at, pass_at FROM keys.rotations WHERE id = $1`, id).
		Scan(&out.Reason, &out.StartedBy, &out.StartedAt, &out.Pass, &out.FinishedAt, &passAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNoRotation
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read rotation: %w", err))
	}
	out.passSettled = !passAt.Before(out.StartedAt.Add(r.settle))
	rows, err := r.db.Q(ctx).Query(ctx, `SELECT target, rows, changed, dirty, done FROM keys.progress WHERE rotation = $1 ORDER BY target`, id)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read progress: %w", err))
	}
	out.Targets, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Target, err error) {
		return t, row.Scan(&t.Name, &t.Rows, &t.Changed, &t.dirty, &t.Done)
	})
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read progress: %w", err))
	}
	return out, nil
}

// Left counts the values of a column that do not lie under a key in force. It reads the
// whole table: for tests and for the doubtful.
func (r *Rotator) Left(ctx context.Context, c Column) (n int64, err error) {
	err = r.db.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM `+c.Table+` WHERE `+c.Column+` IS NOT NULL AND substring(`+c.Column+` FROM 1 FOR 5) <> ALL ($1::bytea[])`, r.heads()).Scan(&n)
	return n, postgres.Fault(err)
}
