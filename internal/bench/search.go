package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/catalog"
	"onedoor/internal/kernel/page"
)

// SearchOptions are the flags of `onedoor bench search`.
type SearchOptions struct {
	App   *app.App
	Set   io.Reader // rated queries, see ReadRated
	Worst int       // how many of the worst queries to tell
	Say   func(format string, args ...any)
}

// Rated is one query with its judgements.
type Rated struct {
	Query, Kind string
	Grades      []Grade // the highest that matches counts
}

// Grade says how good an answer an item is (3 what was meant, 2 close, 1 in the field),
// by its name and, if Region is not "", the significant digits of its region.
type Grade struct {
	Value  int
	Name   *regexp.Regexp
	Region string
}

// depth is how far down a list is judged: nDCG@10.
const depth = 10

// ReadRated reads lines of "query TAB kind TAB grade=name ;; grade=name@region"; names are
// regular expressions, lines with # are comments.
func ReadRated(r io.Reader) ([]Rated, error) {
	var out []Rated
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 3 {
			return nil, fmt.Errorf("rated queries: line %d has %d cells, not 3", n, len(cells))
		}
		q := Rated{Query: cells[0], Kind: cells[1]}
		for _, text := range strings.Split(cells[2], " ;; ") {
			g, err := readGrade(text)
			if err != nil {
				return nil, fmt.Errorf("rated queries: line %d: %w", n, err)
			}
			q.Grades = append(q.Grades, g)
		}
		slices.SortStableFunc(q.Grades, func(a, b Grade) int { return b.Value - a.Value })
		out = append(out, q)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("rated queries: %w", err)
	}
	return out, nil
}

func readGrade(text string) (Grade, error) {
	value, name, ok := strings.Cut(text, "=")
	n, err := strconv.Atoi(value)
	if !ok || err != nil || n < 1 || n > 3 {
		return Grade{}, fmt.Errorf("%q is not grade=name with a grade of 1 to 3", text)
	}
	g := Grade{Value: n}
	if at := strings.LastIndexByte(name, '@'); at >= 0 {
		name, g.Region = name[:at], name[at+1:]
	}
	if g.Name, err = regexp.Compile(name); err != nil {
		return Grade{}, fmt.Errorf("judgement: %w", err)
	}
	return g, nil
}

// of is the grade of an item, 0 for no answer at all.
func (q Rated) of(r catalog.Row) int {
	for _, g := range q.Grades {
		if g.Name.MatchString(r.Name) && strings.HasPrefix(r.Region, g.Region) {
			return g.Value
		}
	}
	return 0
}

// NDCG is the discounted gain of the rows shown over that of the best order of all items.
func (q Rated) NDCG(shown, all []catalog.Row) float64 {
	var got, best []int
	for _, r := range shown[:min(len(shown), depth)] {
		got = append(got, q.of(r))
	}
	for _, r := range all {
		best = append(best, q.of(r))
	}
	slices.SortFunc(best, func(a, b int) int { return b - a })
	ideal := gain(best)
	if ideal == 0 {
		return math.NaN()
	}
	return gain(got) / ideal
}

func gain(grades []int) float64 {
	sum := 0.0
	for i, g := range grades[:min(len(grades), depth)] {
		sum += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}

// Search rates the catalogue's search: nDCG@10 and the share of queries that only the
// popular items answer, in all and by kind of query.
func Search(ctx context.Context, o SearchOptions) (Result, error) {
	rated, err := ReadRated(o.Set)
	if err != nil {
		return Result{}, err
	}
	all, err := allItems(ctx, o.App)
	if err != nil {
		return Result{}, err
	}
	type score struct {
		q     Rated
		value float64
		first string
	}
	var scores []score
	kinds := map[string][]float64{}
	var took []time.Duration
	nothing := 0
	var unanswered []string // by no item of the catalogue: the judgement is wrong
	for _, q := range rated {
		began := time.Now()
		found, err := o.App.SearchItems(ctx, catalog.Query{Text: q.Query, Page: page.Request{Size: depth}})
		if err != nil {
			return Result{}, fmt.Errorf("search %q: %w", q.Query, err)
		}
		took = append(took, time.Since(began))
		value := q.NDCG(found.Rows, all)
		if math.IsNaN(value) {
			unanswered = append(unanswered, q.Query)
			continue
		}
		if found.Match == catalog.Popular {
			nothing++
			value = 0
		}
		first := ""
		for _, r := range found.Rows[:min(3, len(found.Rows))] {
			first += " / " + r.Name
		}
		scores = append(scores, score{q, value, first})
		kinds[q.Kind] = append(kinds[q.Kind], value)
	}
	if len(unanswered) > 0 {
		return Result{}, fmt.Errorf("no item of the catalogue is a rated answer to %s", strings.Join(unanswered, ", "))
	}
	if len(scores) == 0 {
		return Result{}, errors.New("the set has no queries")
	}
	slices.SortStableFunc(scores, func(a, b score) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	for _, s := range scores[:min(o.Worst, len(scores))] {
		o.Say("%.2f  %-12s %s →%s", s.value, s.q.Kind, s.q.Query, s.first)
	}
	values := make([]float64, len(scores))
	for i, s := range scores {
		values[i] = s.value
	}
	slices.Sort(took)
	r := Result{Bench: "search", Measures: []Measure{
		{Name: "ndcg@10", Value: mean(values), N: len(values), P50: percentile(took, 0.50), P99: percentile(took, 0.99)},
		{Name: "zero results", Value: float64(nothing) / float64(len(values)), N: nothing},
	}}
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		r.Measures = append(r.Measures, Measure{Name: "ndcg@10 " + k, Value: mean(kinds[k]), N: len(kinds[k])})
	}
	return r, nil
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func allItems(ctx context.Context, a *app.App) ([]catalog.Row, error) {
	var out []catalog.Row
	req := page.Request{Size: page.MaxSize}
	for {
		found, err := a.SearchItems(ctx, catalog.Query{Page: req})
		if err != nil {
			return nil, fmt.Errorf("list the items: %w", err)
		}
		out = append(out, found.Rows...)
		if found.Next == "" {
			return out, nil
		}
		req.Cursor = found.Next
	}
}
