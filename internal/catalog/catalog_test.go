package catalog_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

var (
	sets = []postgres.MigrationSet{{Module: "directory", FS: directory.Migrations}, {Module: "catalog", FS: catalog.Migrations}}
	day  = time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)
)

// empty is a catalogue over the reference city, without items.
func empty(t testing.TB) (*catalog.Service, context.Context) {
	t.Helper()
	db := pgtest.New(t, sets...)
	now := clock.NewFake(day)
	files := os.DirFS("../../data")
	dir := directory.New(directory.Deps{DB: db, Clock: now, Data: files})
	ctx := actor.With(context.Background(), &actor.Actor{Kind: actor.System})
	if err := dir.Seed(ctx); err != nil {
		t.Fatalf("seed the directory: %v", err)
	}
	return catalog.New(catalog.Deps{DB: db, Clock: now, Directory: dir, Data: files}), ctx
}

// seeded has everything that ships.
func seeded(t testing.TB) (*catalog.Service, context.Context) {
	t.Helper()
	s, ctx := empty(t)
	if err := s.Seed(ctx); err != nil {
		t.Fatalf("seed: %v", err)
	}
	return s, ctx
}

func wantFault(t testing.TB, err error, code string) *fault.Fault {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("error %v, want fault %s", err, code)
	}
	return f
}

// What only reads shares one catalogue: seeding is the costly part.
func TestShippedCatalogue(t *testing.T) {
	t.Parallel()
	s, ctx := seeded(t)
	for name, test := range map[string]func(context.Context, *testing.T, *catalog.Service){
		"search":         testSearch,
		"rated queries":  testRatedQueries,
		"pages":          testPagesAreCompleteAndWithoutDoubles,
		"suggest":        testSuggest,
		"counts":         testCounts,
		"original rows":  testEveryRowIsKeptAsWritten,
		"guangdong row":  testGuangdongRowIsReadRight,
		"complete items": testCompleteItems,
		"http":           testHTTP,
	} {
		t.Run(name, func(t *testing.T) { test(ctx, t, s) })
	}
}
