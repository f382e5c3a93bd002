package catalog

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

// shipped are the files that come with the product, in the order they are read.
var shipped = []struct{ file, source string }{
	{"items/gd-policy.jsonl.gz", "guangdong"},
	{"items/guangan-items.csv.gz", "guangan"},
	{"items/complete", "complete"},
	{"items/synonyms.csv", "synonyms"},
	{"items/departments.csv", "departments"},
}

// Seed brings the shipped items and synonyms into the catalogue. What has been
// seeded before is known by its content and left alone, so a second start costs
// one query; departments must be there first.
func (s *Service) Seed(ctx context.Context) error {
	s.seedMu.Lock()
	defer s.seedMu.Unlock()
	ctx = actor.With(ctx, &actor.Actor{Kind: actor.System, Name: "系统"})
	for _, f := range shipped {
		raw, err := s.shippedFile(f.file)
		if err != nil {
			return fmt.Errorf("seed %s: %w", f.file, err)
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", readingVersion, raw))
		if err := s.seedOnce(ctx, f.file, sum[:], func(ctx context.Context) error {
			return s.seedFile(ctx, f.source, raw)
		}); err != nil {
			return fmt.Errorf("seed %s: %w", f.file, err)
		}
	}
	return nil
}

func (s *Service) seedOnce(ctx context.Context, name string, hash []byte, load func(context.Context) error) error {
	var old []byte
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT hash FROM catalog.seed WHERE name = $1`, name).Scan(&old)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return postgres.Fault(fmt.Errorf("what was seeded: %w", err))
	}
	if bytes.Equal(old, hash) {
		return nil
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := load(ctx); err != nil {
			return err
		}
		_, err := s.DB.Q(ctx).Exec(ctx, `
			INSERT INTO catalog.seed (name, hash) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET hash = EXCLUDED.hash`, name, hash)
		return err
	})
}

func (s *Service) seedFile(ctx context.Context, source string, raw []byte) error {
	store := map[string]func(context.Context, io.Reader) error{"synonyms": s.storeSynonyms, "departments": s.storeOrgWords}[source]
	if store != nil {
		if err := store(ctx, bytes.NewReader(raw)); err != nil {
			return err
		}
		return s.changed(ctx, "*")
	}
	var r io.Reader = bytes.NewReader(raw)
	if source != "complete" {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = z
	}
	rep, err := s.Import(ctx, source, r)
	if err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "items seeded", "source", source, "read", rep.Read, "added", rep.Added,
		"changed", rep.Changed, "same", rep.Same, "quarantined", rep.Quarantined, "took", rep.FinishedAt.Sub(rep.StartedAt))
	return nil
}

// shippedFile reads a file, or the entries of a folder as one JSON list.
func (s *Service) shippedFile(name string) ([]byte, error) {
	info, err := fs.Stat(s.Data, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return fs.ReadFile(s.Data, name)
	}
	files, err := fs.Glob(s.Data, name+"/*.json")
	if err != nil {
		return nil, err
	}
	entries := make([]json.RawMessage, 0, len(files))
	for _, f := range files {
		raw, err := fs.ReadFile(s.Data, f)
		if err != nil {
			return nil, err
		}
		if !json.Valid(raw) {
			return nil, fmt.Errorf("%s is not JSON", f)
		}
		entries = append(entries, raw)
	}
	return json.Marshal(entries)
}
