package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// nearest bounds the answer, candidates what is compared for it.
const (
	nearest    = 20
	candidates = 500
	// alike is the least resemblance worth showing, of 1.
	alike = 0.34
)

// near finds items that resemble the text: the same sounds written otherwise
// (食品经赢许可), or most of its characters (some mistyped, missing or too many).
func (s *Service) near(ctx context.Context, a asked) ([]Row, error) {
	rows, err := s.homophones(ctx, a)
	if err != nil || len(rows) > 0 || ascii(a.plain) {
		return rows, err // letters in common say nothing of Chinese names
	}
	return s.resembling(ctx, a)
}

// homophones have all the syllables of the text, in order.
func (s *Service) homophones(ctx context.Context, a asked) ([]Row, error) {
	sy := syllables(a.plain)
	if len(sy) < 2 {
		return nil, nil
	}
	w := way{column: "pinyin", words: []string{strings.Join(sy, "")}, rank: 1000}
	for _, syllable := range sy {
		w.tokens = append(w.tokens, ":"+syllable)
	}
	found, err := s.page(ctx, Query{}, asked{ways: []way{w}}, nil, Near)
	return found.Rows, err
}

// resembling compares by the share of two-character pieces in common, among the
// items that hold one of the text's rarer pieces: common ones (许可, 登记) tell
// nothing apart and would fetch half the catalogue.
func (s *Service) resembling(ctx context.Context, a asked) ([]Row, error) {
	pieces := grams(a.plain)
	if len([]rune(a.plain)) > 1 {
		for _, r := range a.plain {
			pieces = append(pieces, string(r))
		}
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `
		SELECT token FROM catalog.token_use WHERE token = ANY($1) ORDER BY items LIMIT 4`, pieces)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("rarest words: %w", err))
	}
	rare, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("rarest words: %w", err))
	}
	if len(rare) == 0 {
		return nil, nil
	}
	rows, err = s.DB.Q(ctx).Query(ctx, `
		SELECT `+rowColumns+`, weight AS rank FROM catalog.item
		WHERE status <> 'cancelled' AND tokens && $1::text[] LIMIT $2`, rare, candidates)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("resembling items: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("resembling items: %w", err))
	}
	type scored struct {
		row   Row
		score float64
	}
	var best []scored
	for _, r := range list {
		if score := resemblance(a.plain, plain(r.Name)); score >= alike {
			best = append(best, scored{r.Row, score + float64(r.rank)/100000})
		}
	}
	slices.SortStableFunc(best, func(x, y scored) int {
		switch {
		case x.score > y.score:
			return -1
		case x.score < y.score:
			return 1
		}
		return strings.Compare(x.row.ID, y.row.ID)
	})
	out := make([]Row, 0, nearest)
	for _, b := range best[:min(len(best), nearest)] {
		out = append(out, b.row)
	}
	return out, nil
}

// resemblance is the share of the text's pieces that the name holds; characters
// count half of what pairs count.
func resemblance(text, name string) float64 {
	var all, held float64
	for _, r := range text {
		all += 0.5
		if strings.ContainsRune(name, r) {
			held += 0.5
		}
	}
	if len([]rune(text)) > 1 {
		for _, g := range grams(text) {
			all++
			if strings.Contains(name, g) {
				held++
			}
		}
	}
	return held / all
}
