package catalog

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// synonym is an everyday word and the official ones that it means.
type synonym struct {
	word    string
	targets []string
}

type wordCache struct{ snapshot[[]synonym] }

// synonyms are all, the longest word first.
func (s *Service) synonyms(ctx context.Context) ([]synonym, error) {
	list, err := s.words.get(func() (*[]synonym, error) {
		rows, err := s.DB.Q(ctx).Query(ctx, `SELECT word, array_agg(target ORDER BY target) FROM catalog.synonym GROUP BY word`)
		if err != nil {
			return nil, postgres.Fault(fmt.Errorf("read synonyms: %w", err))
		}
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (synonym, error) {
			var w synonym
			err := row.Scan(&w.word, &w.targets)
			return w, err
		})
		if err != nil {
			return nil, postgres.Fault(fmt.Errorf("read synonyms: %w", err))
		}
		slices.SortFunc(list, func(a, b synonym) int {
			if d := utf8.RuneCountInString(b.word) - utf8.RuneCountInString(a.word); d != 0 {
				return d
			}
			return strings.Compare(a.word, b.word)
		})
		return &list, nil
	})
	if err != nil {
		return nil, err
	}
	return *list, nil
}

// storeSynonyms replaces the table by a file of "word,target" lines.
func (s *Service) storeSynonyms(ctx context.Context, r io.Reader) error {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return fmt.Errorf("read synonyms: %w", err)
	}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM catalog.synonym`)
	for _, l := range lines[1:] { // the first line names the columns
		b.Queue(`INSERT INTO catalog.synonym (word, target) VALUES ($1, $2) ON CONFLICT DO NOTHING`, plain(l[0]), strings.TrimSpace(l[1]))
	}
	return s.DB.Send(ctx, b)
}
