package form

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// ErrVersionTaken says that the version exists with another content.
var ErrVersionTaken = fault.New(fault.Conflict, "form.version-taken", "这个表单版本已经存在且内容不同，请使用新的版本号。")

func (s *Service) read(ctx context.Context, id string, version int) (Definition, error) {
	var d Definition
	err := s.DB.Q(ctx).QueryRow(ctx, `
		SELECT id, version, title, schema, ui FROM form.definition
		WHERE id = $1 AND (version = $2 OR $2 = 0)
		ORDER BY version DESC LIMIT 1`, id, version).
		Scan(&d.ID, &d.Version, &d.Title, &d.Schema, &d.UI)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Definition{}, ErrNotFound
	case err != nil:
		return Definition{}, postgres.Fault(fmt.Errorf("read form %s: %w", id, err))
	}
	return s.withExamples(d)
}

// Store keeps a new version. Storing the same again changes nothing; the same
// version with another content is refused.
func (s *Service) Store(ctx context.Context, d Definition) error {
	if _, err := compile(d); err != nil {
		return err
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `
		INSERT INTO form.definition (id, version, title, schema, ui) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, d.ID, d.Version, d.Title, d.Schema, d.UI)
	if err != nil {
		return postgres.Fault(fmt.Errorf("store form %s: %w", d.ID, err))
	}
	if tag.RowsAffected() == 0 {
		old, err := s.read(ctx, d.ID, d.Version)
		if err != nil {
			return err
		}
		if digest(old) != digest(d) {
			return ErrVersionTaken.Because(fmt.Errorf("form %s version %d", d.ID, d.Version))
		}
	}
	postgres.AfterCommit(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.latest[d.ID] = max(s.latest[d.ID], d.Version)
	})
	return nil
}

// digest tells two definitions apart by their meaning, not their white space.
func digest(d Definition) [sha256.Size]byte {
	var schema, ui any
	_ = json.Unmarshal(d.Schema, &schema) // compiled before, so it is JSON
	if m, ok := schema.(map[string]any); ok {
		delete(m, "examples") // they are no part of what is asked
	}
	_ = json.Unmarshal(d.UI, &ui)
	raw, _ := json.Marshal([]any{d.Title, schema, ui})
	return sha256.Sum256(raw)
}

// Shipped reads the definitions that come with the product (forms/*.json).
func (s *Service) Shipped() ([]Definition, error) {
	names, err := fs.Glob(s.Data, "forms/*.json")
	if err != nil {
		return nil, err
	}
	out := make([]Definition, 0, len(names))
	for _, name := range names {
		raw, err := fs.ReadFile(s.Data, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var d Definition
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		out = append(out, d)
	}
	return out, nil
}

// Seed stores the shipped definitions; at a second start it changes nothing.
func (s *Service) Seed(ctx context.Context) error {
	defs, err := s.Shipped()
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		for _, d := range defs {
			if d.Schema, _, err = split(d.Schema); err != nil {
				return fmt.Errorf("form %s: %w", d.ID, err)
			}
			if err := s.Store(ctx, d); err != nil {
				return fmt.Errorf("form %s: %w", d.ID, err)
			}
		}
		return nil
	})
}
