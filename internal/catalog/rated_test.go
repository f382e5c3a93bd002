package catalog_test

import (
	"context"
	"os"
	"testing"

	"onedoor/internal/bench"
	"onedoor/internal/catalog"
	"onedoor/internal/kernel/page"
)

// What people were found to ask for is still found (data/search-eval): `onedoor bench
// search` prints the same figures.
func testRatedQueries(ctx context.Context, t *testing.T, s *catalog.Service) {
	f, err := os.Open("../../data/search-eval/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rated, err := bench.ReadRated(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []catalog.Row
	req := page.Request{Size: page.MaxSize}
	for {
		found, err := s.Search(ctx, catalog.Query{Page: req})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found.Rows...)
		if req.Cursor = found.Next; req.Cursor == "" {
			break
		}
	}
	sum, nothing := 0.0, 0
	for _, q := range rated {
		found, err := s.Search(ctx, catalog.Query{Text: q.Query, Page: page.Request{Size: 10}})
		if err != nil {
			t.Fatal(err)
		}
		if found.Match == catalog.Popular {
			nothing++
			continue
		}
		sum += q.NDCG(found.Rows, all)
	}
	if n := float64(len(rated)); len(rated) < 150 || sum/n < 0.85 || float64(nothing)/n > 0.02 {
		t.Errorf("nDCG@10 %.3f over %d queries, %d without an answer", sum/n, len(rated), nothing)
	}
}
