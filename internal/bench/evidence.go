package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
)

// Evidence measures the evidence log: entries a second that are written, numbered, in the
// tree and signed, against the same rows copied into a bare table; and what 5,000 a second
// beside it take from submitting.
func Evidence(ctx context.Context, o IntakeOptions) (Result, error) {
	b, err := newIntake(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer b.close()
	r := Result{Bench: "evidence"}
	e := &evidence{b: b, log: o.App.Audit(), ctx: actor.With(ctx, b.session.who)}
	if _, err := o.App.DB().Pool.Exec(ctx, `CREATE TABLE IF NOT EXISTS audit.bench_floor (LIKE audit.entries INCLUDING DEFAULTS)`); err != nil {
		return r, fmt.Errorf("table of the floor: %w", err)
	}
	defer func() { _, _ = o.App.DB().Pool.Exec(context.WithoutCancel(ctx), `DROP TABLE audit.bench_floor`) }()
	o.Say("leaves …")
	m, err := e.leaves(o.Each)
	if err != nil {
		return r, err
	}
	r.Measures = append(r.Measures, m)
	o.Say("submit with and without %d leaves a second beside …", besideRate)
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() { e.beside(stop) })
	set := func(on bool) func(context.Context, float64, time.Duration) error {
		return func(context.Context, float64, time.Duration) error {
			e.on.Store(on)
			return nil
		}
	}
	m, err = compare(ctx, "submit beside leaves", clients, o.Each, side{op: b.submit, before: set(false)}, side{op: b.submit, before: set(true)})
	close(stop)
	done.Wait()
	if err = errors.Join(err, e.failed); err != nil {
		return r, err
	}
	r.Measures = append(r.Measures, m, Measure{Name: "leaves beside", Unit: "1/s", Value: float64(e.written) / e.worked.Seconds(), N: e.written})
	return r, nil
}

const (
	besideRate  = 5000 // leaves a second
	besideEvery = 100 * time.Millisecond
	leafBatch   = 500
	leafWriters = 4
)

type evidence struct {
	b       *intakeBench
	log     *audit.Service
	ctx     context.Context
	on      atomic.Bool
	written int
	worked  time.Duration
	failed  error
}

func entries(n int) []audit.Entry {
	out := make([]audit.Entry, n)
	for i := range out {
		out[i] = audit.Entry{
			Action: "exchange.answer", ObjectKind: "record", ObjectID: fmt.Sprint(i), Ground: "数据共享：核验营业执照", OrgPath: "/sz/sz-scjg/",
			Region: "421300000000", After: []byte(`{"resource":"421300-000123","rows":1}`),
		}
	}
	return out
}

// leaves lets writers work and waits until what they wrote is signed: the rate is of the
// whole way.
func (e *evidence) leaves(d time.Duration) (Measure, error) {
	batch := entries(leafBatch)
	floor, err := run(e.ctx, leafWriters, d/2, func(context.Context, int) error {
		return e.log.CopyInto(e.ctx, "bench_floor", batch)
	})
	if err != nil {
		return Measure{}, fmt.Errorf("floor: %w", err)
	}
	before, _, err := e.log.Numbered(e.ctx)
	if err != nil {
		return Measure{}, err
	}
	began := time.Now()
	full, err := run(e.ctx, leafWriters, d/2, func(context.Context, int) error { return e.log.RecordAll(e.ctx, batch) })
	if err != nil {
		return Measure{}, fmt.Errorf("leaves: %w", err)
	}
	if err := e.log.Number(e.ctx); err != nil {
		return Measure{}, err
	}
	size, signed, err := e.log.Numbered(e.ctx)
	if err != nil {
		return Measure{}, err
	}
	n := full.n * leafBatch
	if signed-before < int64(n) {
		return Measure{}, fmt.Errorf("%d of %d leaves are signed, %d numbered", signed-before, n, size-before)
	}
	m := Measure{Name: "leaves", Unit: "1/s", Value: float64(n) / time.Since(began).Seconds(), Floor: floor.rate() * leafBatch, N: n}
	m.Ratio = m.Value / m.Floor
	return m, nil
}

// beside writes 5,000 leaves a second while it is told to.
func (e *evidence) beside(stop chan struct{}) {
	batch := entries(besideRate / int(time.Second/besideEvery))
	tick := time.NewTicker(besideEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if !e.on.Load() {
			continue
		}
		if err := e.log.RecordAll(e.ctx, batch); err != nil {
			e.failed = err
			return
		}
		e.written += len(batch)
		e.worked += besideEvery
	}
}
