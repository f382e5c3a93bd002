// Package postgres is the only door to the database: the pool, transactions that
// travel in the context, migrations per module, and the private cluster that the
// binary runs when no server is given.
package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Querier is what stores use; it is the transaction of the context, or the pool.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error)
}

// DB is one database. Open makes it.
type DB struct {
	Pool *pgxpool.Pool
}

type txKey struct{}

type txState struct {
	tx    pgx.Tx
	after []func()
}

// Q is the querier to use in ctx.
func (db *DB) Q(ctx context.Context) Querier {
	if s, ok := ctx.Value(txKey{}).(*txState); ok {
		return s.tx
	}
	return db.Pool
}

// Tx is the transaction of the context, for libraries that insist on one (River).
func Tx(ctx context.Context) (pgx.Tx, bool) {
	s, ok := ctx.Value(txKey{}).(*txState)
	if !ok {
		return nil, false
	}
	return s.tx, true
}

// InTx runs fn in a transaction that travels in its context; inside a running
// one it joins it. The transaction commits when fn returns nil.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if _, ok := ctx.Value(txKey{}).(*txState); ok {
		return fn(ctx)
	}
	tx, err := db.Pool.Begin(ctx)
	if err != nil {
		return Fault(fmt.Errorf("begin: %w", err))
	}
	state := &txState{tx: tx}
	// A panic in fn must not leave the connection in a transaction.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(context.WithValue(ctx, txKey{}, state)); err != nil {
		return Fault(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return faultOfCommit(fmt.Errorf("commit: %w", err))
	}
	for _, f := range state.after {
		f()
	}
	return nil
}

// Savepoint runs fn so that its failure undoes only its own statements.
// It needs a running transaction.
func (db *DB) Savepoint(ctx context.Context, fn func(ctx context.Context) error) error {
	s, ok := ctx.Value(txKey{}).(*txState)
	if !ok {
		return errors.New("savepoint outside a transaction")
	}
	sub, err := s.tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	inner := &txState{tx: sub}
	if err := fn(context.WithValue(ctx, txKey{}, inner)); err != nil {
		if rerr := sub.Rollback(ctx); rerr != nil {
			return errors.Join(err, rerr)
		}
		return err
	}
	if err := sub.Commit(ctx); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	s.after = append(s.after, inner.after...)
	return nil
}

// AfterCommit runs f once the transaction of ctx has committed, or at once
// outside one. For wake-ups only: a crash may lose it.
func AfterCommit(ctx context.Context, f func()) {
	if s, ok := ctx.Value(txKey{}).(*txState); ok {
		s.after = append(s.after, f)
		return
	}
	f()
}

// Send runs the statements of one use case in one round trip. Outside a
// transaction PostgreSQL treats them as one: all happen or none.
func (db *DB) Send(ctx context.Context, b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	err := db.Q(ctx).SendBatch(ctx, b).Close()
	if _, ok := Tx(ctx); !ok {
		return faultOfCommit(err) // the batch was its own transaction
	}
	return Fault(err)
}

// NewID is a time-ordered UUID (version 7), so that primary keys insert at the
// right edge of their index.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// IsUnique reports whether err is a violation of the named unique constraint or
// index ("" for any).
func IsUnique(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && (constraint == "" || pg.ConstraintName == constraint)
}
