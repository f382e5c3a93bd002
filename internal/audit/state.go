package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// State is how the log stands, for administrators.
type State struct {
	Size      int64            `json:"size"` // numbered entries
	SignedAt  *time.Time       `json:"signed_at,omitempty"`
	Signed    int64            `json:"signed"` // entries under the newest checkpoint
	StampedAt *time.Time       `json:"stamped_at,omitempty"`
	CheckedAt *time.Time       `json:"checked_at,omitempty"`
	Checked   int64            `json:"checked"`
	Problems  []ledger.Problem `json:"problems"`
}

// State tells how the log stands and what the last look through it found.
func (s *Service) State(ctx context.Context) (State, error) {
	a := actor.From(ctx)
	if len(a.Places(Read)) == 0 {
		if err := a.Require(Read, actor.Place{}); err != nil {
			return State{}, err
		}
	}
	st := State{Problems: []ledger.Problem{}}
	var problems []byte
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT l.size, c.at, coalesce(c.size, 0),
			(SELECT max(stamped_at) FROM audit.checkpoints WHERE stamp IS NOT NULL), k.at, coalesce(k.size, 0), coalesce(k.problems, '[]')
		FROM audit.ledger l
		LEFT JOIN LATERAL (SELECT at, size FROM audit.checkpoints ORDER BY size DESC LIMIT 1) c ON true
		LEFT JOIN LATERAL (SELECT at, size, problems FROM audit.checks ORDER BY id DESC LIMIT 1) k ON true`).
		Scan(&st.Size, &st.SignedAt, &st.Signed, &st.StampedAt, &st.CheckedAt, &st.Checked, &problems)
	if err != nil {
		return State{}, postgres.Fault(fmt.Errorf("how the log stands: %w", err))
	}
	if err := json.Unmarshal(problems, &st.Problems); err != nil {
		return State{}, fmt.Errorf("what the last check found: %w", err)
	}
	return st, nil
}

// CheckNow looks through the log at an administrator's wish.
func (s *Service) CheckNow(ctx context.Context) (State, error) {
	if _, err := s.State(ctx); err != nil { // the right first
		return State{}, err
	}
	if err := s.Number(ctx); err != nil {
		return State{}, err
	}
	if err := s.checkAndKeep(ctx); err != nil {
		return State{}, err
	}
	return s.State(ctx)
}

// Proof shows that an entry is in the log: its leaf, its number, and the hashes that lead
// from it to the root of a signed checkpoint. It tells nothing of what the entry says.
type Proof struct {
	Seq        int64    `json:"seq"`
	Leaf       string   `json:"leaf"` // hash of the leaf in the tree, base64
	Hashes     []string `json:"hashes"`
	Checkpoint string   `json:"checkpoint"`
}

var (
	errNoProof = fault.New(fault.NotFound, "audit.no-proof", "这条记录还没有编入留痕日志，请几秒后再试。")
	errNoLog   = fault.New(fault.NotFound, "audit.no-checkpoint", "留痕日志还没有检查点，请几秒后再试。")
	errSizes   = fault.New(fault.Invalid, "audit.bad-sizes", "检查点大小不正确：应当从小到大，且不超过最新检查点。")
)

// Inclusion proves one entry under the newest checkpoint.
func (s *Service) Inclusion(ctx context.Context, entryID string) (Proof, error) {
	if uuid.Validate(entryID) != nil {
		return Proof{}, errNoProof
	}
	var p Proof
	err := s.snapshot(ctx, func(src ledger.Source) error {
		d := src.(stored) //nolint:forcetypeassert // snapshot makes it
		size, text, err := newestNote(ctx, d.tx)
		if err != nil {
			return err
		}
		if err := d.tx.QueryRow(ctx, `SELECT seq FROM audit.leaves WHERE entry_id = $1 AND seq < $2`, entryID, size).Scan(&p.Seq); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return errNoProof
			}
			return err
		}
		hashes, err := ledger.Reader(d.Tile).ReadHashes([]int64{tlog.StoredHashIndex(0, p.Seq)})
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(size, p.Seq, ledger.Reader(d.Tile))
		if err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		p.Leaf, p.Hashes, p.Checkpoint = hashes[0].String(), texts(proof), text
		return nil
	})
	return p, err
}

// Consistency shows that the log at size to only added to what it was at size from.
func (s *Service) Consistency(ctx context.Context, from, to int64) ([]string, error) {
	var out []string
	err := s.snapshot(ctx, func(src ledger.Source) error {
		d := src.(stored) //nolint:forcetypeassert // snapshot makes it
		size, _, err := newestNote(ctx, d.tx)
		if err != nil {
			return err
		}
		if from < 1 || from > to || to > size {
			return errSizes
		}
		proof, err := tlog.ProveTree(to, from, ledger.Reader(d.Tile))
		if err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		out = texts(proof)
		return nil
	})
	return out, err
}

func texts(hashes []tlog.Hash) []string {
	out := make([]string, len(hashes))
	for i, h := range hashes {
		out[i] = h.String()
	}
	return out
}

// NewestCheckpoint is the signed note of the newest checkpoint.
func (s *Service) NewestCheckpoint(ctx context.Context) (text string, err error) {
	_, text, err = newestNote(ctx, s.DB.Q(ctx))
	return text, postgres.Fault(err)
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func newestNote(ctx context.Context, q rowQuerier) (size int64, text string, err error) {
	err = q.QueryRow(ctx, `SELECT size, note FROM audit.checkpoints ORDER BY size DESC LIMIT 1`).Scan(&size, &text)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", errNoLog
	}
	return size, text, err
}
