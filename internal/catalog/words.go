package catalog

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/catalog/find"
	"onedoor/internal/platform/postgres"
)

type wordCache struct{ snapshot[find.Vocabulary] }

// vocabulary is what the search knows of words, regions and departments.
func (s *Service) vocabulary(ctx context.Context) (*find.Vocabulary, error) {
	return s.words.get(func() (*find.Vocabulary, error) {
		regions, err := s.Regions(ctx)
		if err != nil {
			return nil, err
		}
		places := make([]find.Place, len(regions))
		for i, r := range regions {
			places[i] = find.Place{Name: r.Name, Code: r.Code}
		}
		synonyms, err := wordRows(ctx, s.DB, `SELECT word, target, weight::int FROM catalog.synonym ORDER BY word, weight DESC, target`,
			func(row pgx.CollectableRow) (w find.Synonym, err error) {
				return w, row.Scan(&w.Word, &w.Target, &w.Weight)
			})
		if err != nil {
			return nil, err
		}
		orgs, err := wordRows(ctx, s.DB, `SELECT word, suffix FROM catalog.org_word ORDER BY word`,
			func(row pgx.CollectableRow) (p find.Place, err error) { return p, row.Scan(&p.Name, &p.Code) })
		if err != nil {
			return nil, err
		}
		return find.NewVocabulary(synonyms, places, orgs), nil
	})
}

func wordRows[T any](ctx context.Context, db *postgres.DB, sql string, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := db.Q(ctx).Query(ctx, sql)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read the search's words: %w", err))
	}
	list, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("read the search's words: %w", err))
	}
	return list, nil
}

// storeSynonyms replaces the table by a file of "word,target,weight" lines.
func (s *Service) storeSynonyms(ctx context.Context, r io.Reader) error {
	return s.storeWords(ctx, r, `DELETE FROM catalog.synonym`, func(b *pgx.Batch, l []string) error {
		weight, err := strconv.Atoi(l[2])
		if err != nil {
			return fmt.Errorf("weight of %s: %w", l[0], err)
		}
		b.Queue(`INSERT INTO catalog.synonym (word, target, weight) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			find.Plain(l[0]), strings.TrimSpace(l[1]), weight)
		return nil
	})
}

// storeOrgWords replaces the table by a file of "word,suffix" lines.
func (s *Service) storeOrgWords(ctx context.Context, r io.Reader) error {
	return s.storeWords(ctx, r, `DELETE FROM catalog.org_word`, func(b *pgx.Batch, l []string) error {
		b.Queue(`INSERT INTO catalog.org_word (word, suffix) VALUES ($1, $2) ON CONFLICT DO NOTHING`, find.Plain(l[0]), l[1])
		return nil
	})
}

func (s *Service) storeWords(ctx context.Context, r io.Reader, clear string, insert func(*pgx.Batch, []string) error) error {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	b := &pgx.Batch{}
	b.Queue(clear)
	for _, l := range lines[1:] { // the first line names the columns
		if err := insert(b, l); err != nil {
			return err
		}
	}
	return s.DB.Send(ctx, b)
}
