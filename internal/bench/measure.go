// Package bench measures the product against a raw floor in the same run: the
// same statements on the same cluster without HTTP. A figure is a ratio, since
// seconds on a shared machine say little.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// Measure is one figure. Value and Floor are in Unit; Ratio is Value/Floor, 0
// when there is no floor; the percentiles are of single operations, in milliseconds.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Floor float64 `json:"floor"`
	Ratio float64 `json:"ratio"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	N     int     `json:"n"`
}

// Result is what one bench prints.
type Result struct {
	Bench    string    `json:"bench"`
	Measures []Measure `json:"measures"`
}

// WriteJSON prints the result as one object on one line.
func (r Result) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// WriteTable prints the result for people.
func (r Result) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\tvalue\tunit\tfloor\tratio\tp50 ms\tp99 ms\tn\t\n", r.Bench)
	for _, m := range r.Measures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.2f\t%.2f\t%d\t\n", m.Name, figure(m.Value), m.Unit, blank(m.Floor, "%.0f"), blank(m.Ratio, "%.2f"), m.P50, m.P99, m.N)
	}
	return t.Flush()
}

// figure shows shares with decimals and rates without.
func figure(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func blank(v float64, format string) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// round is what one pass of one side measured.
type round struct {
	n         int
	elapsed   time.Duration
	latencies []time.Duration
}

func (r round) rate() float64 { return float64(r.n) / r.elapsed.Seconds() }

// operation is one unit of work of client number c; it is called again and again.
type operation func(ctx context.Context, c int) error

// run lets clients work for d and gathers what they did. The first error stops it.
func run(ctx context.Context, clients int, d time.Duration, op operation) (round, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		all  []time.Duration
		stop atomic.Bool
	)
	start := time.Now()
	timer := time.AfterFunc(d, func() { stop.Store(true) })
	defer timer.Stop()
	for c := range clients {
		wg.Go(func() {
			own := make([]time.Duration, 0, 4096)
			for !stop.Load() && ctx.Err() == nil {
				began := time.Now()
				if err := op(ctx, c); errors.Is(err, errDry) {
					stop.Store(true)
					break
				} else if err != nil {
					cancel(fmt.Errorf("client %d: %w", c, err))
					break
				}
				own = append(own, time.Since(began))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	r := round{n: len(all), elapsed: time.Since(start), latencies: all}
	return r, context.Cause(ctx)
}

// errDry ends a round early: everything prepared for it has been used.
var errDry = errors.New("nothing is left to do")

// side is one contender of a comparison.
type side struct {
	op operation
	// before prepares a round of d, outside its time; rate is what the last one reached, 0 at first.
	before func(ctx context.Context, rate float64, d time.Duration) error
	rounds []round
}

func (s *side) play(ctx context.Context, clients int, d time.Duration) (round, error) {
	if s.before != nil {
		rate := 0.0
		if n := len(s.rounds); n > 0 {
			rate = s.rounds[n-1].rate()
		}
		if err := s.before(ctx, rate, d); err != nil {
			return round{}, err
		}
	}
	return run(ctx, clients, d, s.op)
}

// compare alternates floor and product so that a slow minute hits both, and
// reports the medians. clients work on both sides in turn for total in all.
func compare(ctx context.Context, name string, clients int, total time.Duration, f, p side) (Measure, error) {
	const rounds = 5
	each := total / (2 * rounds)
	// One pass of each warms caches, plans and connections, and is not counted.
	for _, s := range []*side{&f, &p} {
		r, err := s.play(ctx, clients, each)
		if err != nil {
			return Measure{}, fmt.Errorf("%s, warming up: %w", name, err)
		}
		s.rounds = append(s.rounds, r)
	}
	for range rounds {
		for _, s := range []*side{&f, &p} {
			r, err := s.play(ctx, clients, each)
			if err != nil {
				return Measure{}, fmt.Errorf("%s: %w", name, err)
			}
			s.rounds = append(s.rounds, r)
		}
	}
	f.rounds, p.rounds = f.rounds[1:], p.rounds[1:]
	m := Measure{Name: name, Unit: "1/s", Value: p.median(), Floor: f.median()}
	m.Ratio = m.Value / m.Floor
	lat := p.latencies()
	m.N, m.P50, m.P99 = len(lat), percentile(lat, 0.50), percentile(lat, 0.99)
	return m, nil
}

func (s side) median() float64 {
	rates := make([]float64, len(s.rounds))
	for i, r := range s.rounds {
		rates[i] = r.rate()
	}
	slices.Sort(rates)
	return rates[len(rates)/2]
}

func (s side) latencies() []time.Duration {
	var all []time.Duration
	for _, r := range s.rounds {
		all = append(all, r.latencies...)
	}
	slices.Sort(all)
	return all
}

// percentile of sorted durations, in milliseconds.
func percentile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(int(q*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}
