package seal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

// sealRow is the register's row with what only this module sees.
type sealRow struct {
	Seal
	ESL         []byte `db:"esl"`
	Picture     []byte `db:"picture"`
	Certificate []byte `db:"certificate"`
	Serial      string `db:"serial"`
	SealedKey   []byte `db:"sealed_key"`
}

const sealColumns = `id, org_id, org_name, uscc, name, status, status_at, valid_from, valid_to, created_at,
	esl, picture, certificate, serial, sealed_key`

// newest is the organisation's latest seal, whatever its state.
func (s *Service) newest(ctx context.Context, orgID string) (sealRow, error) {
	rows, err := s.db.Q(ctx).Query(ctx,
		`SELECT `+sealColumns+` FROM seal.seal WHERE org_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`, orgID)
	if err != nil {
		return sealRow{}, fmt.Errorf("read seal: %w", postgres.Fault(err))
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sealRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return sealRow{}, errMissing
	}
	if err != nil {
		return sealRow{}, fmt.Errorf("read seal: %w", postgres.Fault(err))
	}
	return row, nil
}

func (s *Service) insertSeal(ctx context.Context, r sealRow) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO seal.seal (`+sealColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		r.ID, r.OrgID, r.OrgName, r.USCC, r.Name, r.Status, r.StatusAt, r.ValidFrom, r.ValidTo, r.CreatedAt,
		r.ESL, r.Picture, r.Certificate, r.Serial, r.SealedKey)
	if postgres.IsUnique(err, "seal_living") {
		return errLiving
	}
	return wrap("insert seal", err)
}

func (s *Service) nextNumber(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT nextval('seal.number')`).Scan(&n)
	return n, wrap("next seal number", err)
}

// setStatus moves a seal on, if it still is in one of the states given.
func (s *Service) setStatus(ctx context.Context, id string, from []Status, to Status, at time.Time) (bool, error) {
	tag, err := s.db.Q(ctx).Exec(ctx,
		`UPDATE seal.seal SET status = $2, status_at = $3 WHERE id = $1 AND status = ANY($4)`, id, to, at, from)
	return err == nil && tag.RowsAffected() == 1, wrap("set seal status", err)
}

// lock keeps others from making the same thing until the transaction ends.
func (s *Service) lock(ctx context.Context, what string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "seal/"+what)
	return wrap("lock "+what, err)
}

// record writes one operation to the append-only log.
func (s *Service) record(ctx context.Context, sealID, action, detail string, at time.Time) error {
	who := "system"
	if a := actor.From(ctx); a != nil && a.AccountID != "" {
		who = a.AccountID
	}
	_, err := s.db.Q(ctx).Exec(ctx,
		`INSERT INTO seal.operation (id, seal_id, action, detail, actor_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		postgres.NewID(), sealID, action, detail, who, at)
	return wrap("record seal operation", err)
}

type registerRow struct {
	ID       string    `db:"id"`
	Status   Status    `db:"status"`
	StatusAt time.Time `db:"status_at"`
	Serial   string    `db:"serial"`
}

func (s *Service) register(ctx context.Context) ([]registerRow, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, status, status_at, serial FROM seal.seal ORDER BY id`)
	if err != nil {
		return nil, wrap("read seal register", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[registerRow])
	return out, wrap("read seal register", err)
}

// publicAuthority is the authority's certificates by role, without their keys.
func (s *Service) publicAuthority(ctx context.Context) (map[string][]byte, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT role, certificate FROM seal.authority`)
	if err != nil {
		return nil, wrap("read authority", err)
	}
	found := map[string][]byte{}
	var role string
	var der []byte
	_, err = pgx.ForEachRow(rows, []any{&role, &der}, func() error {
		found[role] = slices.Clone(der)
		return nil
	})
	return found, wrap("read authority", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, postgres.Fault(err))
}
