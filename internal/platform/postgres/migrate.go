package postgres

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// MigrationSet is one module's schema: FS holds migrations/*.sql in goose format.
type MigrationSet struct {
	Module string
	FS     fs.FS
	// Run takes the place of FS for a library that brings its own migrator (River).
	// The schema exists when it is called; running it again must change nothing.
	Run func(ctx context.Context, db *DB) error
}

// migrationLock is an arbitrary number that every onedoor process agrees on:
// several may start together on one database, and one at a time migrates.
const migrationLock = 0x6f6e65646f6f72 // "onedoor"

// Migrate brings each module's schema up, in the order given. Every module has
// its own version table, module.schema_version, so modules move independently.
func Migrate(ctx context.Context, db *DB, sets ...MigrationSet) error {
	return db.WithLock(ctx, migrationLock, func() error {
		for _, s := range sets {
			if err := migrateOne(ctx, db, s); err != nil {
				return fmt.Errorf("migrate %s: %w", s.Module, err)
			}
		}
		return nil
	})
}

// WithLock runs fn while this process alone holds the advisory lock; a process
// that dies lets go of it.
func (db *DB) WithLock(ctx context.Context, lock int64, fn func() error) error {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return Fault(fmt.Errorf("advisory lock: %w", err))
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return Fault(fmt.Errorf("advisory lock: %w", err))
	}
	defer func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock); err != nil {
			// A connection that may still hold the lock must not go back to the pool.
			_ = conn.Conn().Close(context.WithoutCancel(ctx))
		}
	}()
	return Fault(fn())
}

func migrateOne(ctx context.Context, db *DB, s MigrationSet) error {
	schema := pgx.Identifier{s.Module}.Sanitize()
	if _, err := db.Pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil {
		return fmt.Errorf("create schema: %w", err)
	}
	if s.Run != nil {
		return s.Run(ctx, db)
	}
	files, err := fs.Sub(s.FS, "migrations")
	if err != nil {
		return err
	}
	std := stdlib.OpenDBFromPool(db.Pool)
	defer func() { _ = std.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, std, files,
		goose.WithTableName(s.Module+".schema_version"),
		// Go migrations registered by some library must not run in every module.
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}
