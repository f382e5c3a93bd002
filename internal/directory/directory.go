// Package directory is who governs where: administrative regions, organisations,
// and the posts through which officials hold their rights.
//
// The rule it stands for: power belongs to a post in an organisation and never
// to a person (定岗定权). What an official may do is what the roles of the posts
// say, within the organisation and region of the post; somebody who leaves a post
// leaves its rights there. role.go is the whole table of rights.
//
// Invariants: organisations form one tree whose path is the right's scope; a role
// that the table does not know grants nothing; an inactive official has no rights.
//
// It does not know accounts or passwords (identity), nor what an item demands
// (catalog).
package directory

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync/atomic"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "directory".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Deps is what the module needs.
type Deps struct {
	DB    *postgres.DB
	Clock clock.Clock
	Log   *slog.Logger
	Data  fs.FS // data.FS, or a city's own folder with the same names
}

// Service answers for regions, organisations and posts.
type Service struct {
	Deps
	orgs      atomic.Pointer[tree]
	changes   atomic.Int64 // counts what makes a loaded tree stale
	listening atomic.Bool
}

// New makes the service; it holds nothing until it is asked.
func New(d Deps) *Service { return &Service{Deps: d} }

// Start keeps the organisations in memory until ctx ends, dropped whenever any
// process changes them. Without it every question goes to the database.
func (s *Service) Start(ctx context.Context) {
	go func() {
		defer s.listening.Store(false)
		s.DB.Listen(ctx, "directory", func(string) {
			s.forget()
			s.listening.Store(true)
		})
	}()
}
