package bench

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/app"
	"onedoor/internal/intake"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/story"
)

// clients work at once on each side of every comparison.
const clients = 16

// IntakeOptions are the flags of `onedoor bench intake`.
type IntakeOptions struct {
	Base   string        // the server; its database is App's
	App    *app.App      // for the bare statements and for loading
	Each   time.Duration // of each measure
	Size   int           // cases loaded; 0 measures the empty database only
	Login  string        // an applicant
	Other  bool          // the server is another process: no floor without encryption
	Secret string
	Say    func(format string, args ...any)
}

// Intake measures submitting and reading cases over HTTP against the bare
// statements. With a size it measures empty first, loads, measures again, and
// compares: what grows with the past shows.
func Intake(ctx context.Context, o IntakeOptions) (Result, error) {
	b, err := newIntake(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer b.close()
	r := Result{Bench: "intake"}
	price, err := b.sealing(ctx)
	if err != nil {
		return r, err
	}
	r.Measures = append(r.Measures, price...)
	empty, err := b.measure(ctx, "")
	r.Measures = append(r.Measures, empty...)
	if err != nil || o.Size == 0 {
		return r, err
	}
	began := time.Now()
	o.Say("loading %d cases …", o.Size)
	if err := o.App.PreloadCases(ctx, o.Size, b.session.who); err != nil {
		return r, fmt.Errorf("load cases: %w", err)
	}
	took := time.Since(began)
	r.Measures = append(r.Measures, Measure{Name: "load", Unit: "1/s", Value: float64(o.Size) / took.Seconds(), N: o.Size})
	full, err := b.measure(ctx, fmt.Sprintf("@%d", o.Size))
	r.Measures = append(r.Measures, full...)
	if err != nil {
		return r, err
	}
	for i, m := range full {
		r.Measures = append(r.Measures, Measure{
			Name: m.Name + " vs empty", Unit: m.Unit, Value: m.Value, Floor: empty[i].Value, Ratio: m.Value / empty[i].Value, N: m.N,
		})
	}
	return r, nil
}

type session struct {
	item   app.BenchItem
	who    *actor.Actor
	cookie string
}

type intakeBench struct {
	IntakeOptions
	session  session
	wires    [clients]*wire
	body     []byte
	prepared source
	keys     atomic.Int64
	mine     []string // case numbers of the applicant
}

func newIntake(ctx context.Context, o IntakeOptions) (*intakeBench, error) {
	b := &intakeBench{IntakeOptions: o}
	item, err := o.App.BenchItem(ctx)
	if err != nil {
		return nil, fmt.Errorf("an item to apply for: %w", err)
	}
	b.session.item = item
	c := story.NewClient(o.Base)
	if err := c.SignIn(ctx, o.Login, o.Secret); err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	if b.session.cookie, err = c.Cookie(); err != nil {
		return nil, err
	}
	if b.session.who, err = o.App.ActorOf(ctx, b.session.cookie); err != nil {
		return nil, fmt.Errorf("session of the applicant: %w", err)
	}
	b.body, err = json.Marshal(map[string]any{"item_id": item.ID, "form": item.Form, "files": []string{}, "promise": true})
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for i := range b.wires {
		b.wires[i] = &wire{addr: o.Base[len("http://"):]}
	}
	return b, nil
}

func (b *intakeBench) close() {
	for _, w := range b.wires {
		w.close()
	}
}

func (b *intakeBench) measure(ctx context.Context, suffix string) ([]Measure, error) {
	var out []Measure
	for _, c := range []struct {
		name           string
		floor, product side
	}{
		{"submit", side{op: b.floorSubmit, before: b.prepare}, side{op: b.submit}},
		{"my cases", side{op: b.floorMine}, side{op: b.listMine, before: b.collect}},
		{"case", side{op: b.floorCase}, side{op: b.readCase}},
	} {
		b.Say("%s%s …", c.name, suffix)
		m, err := compare(ctx, c.name+suffix, clients, b.Each, c.floor, c.product)
		if err != nil {
			return out, err
		}
		out = append(out, m)
	}
	return out, nil
}

// sealing compares submitting with a server that encrypts nothing, in the same run: its
// rate is the floor. With a server of somebody else's there is no such floor.
func (b *intakeBench) sealing(ctx context.Context) (out []Measure, err error) {
	if b.Other {
		return nil, nil
	}
	sealed, bare, stop, err := b.App.Twins(ctx)
	if err != nil {
		return nil, fmt.Errorf("twins: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	against := func(base string) side {
		var wires [clients]*wire
		for i := range wires {
			wires[i] = &wire{addr: base[len("http://"):]}
		}
		return side{op: func(_ context.Context, c int) error {
			status, answer, err := wires[c].request(http.MethodPost, "/api/cases", "Cookie: onedoor_session="+b.session.cookie+"\r\nIdempotency-Key: "+b.key()+"\r\n", b.body)
			if err == nil && status != http.StatusCreated {
				err = fmt.Errorf("submit: %d %s", status, answer)
			}
			return err
		}}
	}
	b.Say("submit-plain …")
	m, err := compare(ctx, "submit-plain", clients, b.Each, against(bare), against(sealed))
	return []Measure{m}, err
}

// source hands out batches that were made before the clock started.
type source struct {
	batches []*intake.Prepared
	next    atomic.Int64
}

// prepare checks and builds the submits of the next round of the floor.
func (b *intakeBench) prepare(ctx context.Context, rate float64, d time.Duration) error {
	n := 4000
	if rate > 0 {
		n = int(1.5*rate*d.Seconds()) + 1000
	}
	ctx = actor.With(ctx, b.session.who)
	hash := sha256.Sum256(b.body)
	b.prepared.batches = make([]*intake.Prepared, n)
	b.prepared.next.Store(0)
	for i := range b.prepared.batches {
		p, err := b.App.Intake().Prepare(ctx, intake.Submission{
			ItemID: b.session.item.ID, Form: b.session.item.Form, Promise: true, Key: b.key(), BodyHash: hash[:],
		})
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		b.prepared.batches[i] = p
	}
	return nil
}

func (b *intakeBench) key() string {
	return fmt.Sprintf("bench-%s-%d", b.session.who.SessionID, b.keys.Add(1))
}

func (b *intakeBench) floorSubmit(ctx context.Context, _ int) error {
	i := b.prepared.next.Add(1) - 1
	if int(i) >= len(b.prepared.batches) {
		return errDry
	}
	batch := b.prepared.batches[i].Batch
	b.prepared.batches[i] = nil
	return b.App.DB().Pool.SendBatch(ctx, batch).Close()
}

func (b *intakeBench) submit(_ context.Context, c int) error {
	return b.expect(http.StatusCreated, c, http.MethodPost, "/api/cases", "Idempotency-Key: "+b.key()+"\r\n", b.body)
}

func (b *intakeBench) expect(want, c int, method, path, headers string, body []byte) error {
	status, answer, err := b.wires[c].request(method, path, "Cookie: onedoor_session="+b.session.cookie+"\r\n"+headers, body)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("%s %s: %d %s", method, path, status, answer)
	}
	return nil
}

func (b *intakeBench) floorMine(ctx context.Context, _ int) error {
	sql, args := intake.MineStatement(b.session.who.ApplicantID, 20)
	rows, err := b.App.DB().Pool.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	n, err := readAll(rows)
	if err == nil && n == 0 {
		err = errors.New("the applicant has no cases")
	}
	return err
}

// readAll takes every value out of the rows, as whoever asks must, and drops it.
func readAll(rows pgx.Rows) (n int, err error) {
	defer rows.Close()
	for rows.Next() {
		if _, err := rows.Values(); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func (b *intakeBench) listMine(_ context.Context, c int) error {
	return b.expect(http.StatusOK, c, http.MethodGet, "/api/cases", "", nil)
}

// collect finds cases of the applicant to read.
func (b *intakeBench) collect(ctx context.Context, _ float64, _ time.Duration) error {
	if len(b.mine) > 0 {
		return nil
	}
	rows, err := b.App.DB().Pool.Query(ctx, `SELECT case_no FROM intake.cases WHERE applicant_id = $1 ORDER BY submitted_at DESC LIMIT 2000`, b.session.who.ApplicantID)
	if err != nil {
		return postgres.Fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		var no string
		if err := rows.Scan(&no); err != nil {
			return err
		}
		b.mine = append(b.mine, no)
	}
	return rows.Err()
}

func (b *intakeBench) someCase() string { return b.mine[int(b.keys.Add(7919))%len(b.mine)] }

func (b *intakeBench) floorCase(ctx context.Context, _ int) error {
	batch := intake.CaseStatements(b.someCase())
	res := b.App.DB().Pool.SendBatch(ctx, batch)
	defer res.Close()
	for range batch.Len() {
		rows, err := res.Query()
		if err != nil {
			return err
		}
		if _, err := readAll(rows); err != nil {
			return err
		}
	}
	return res.Close()
}

func (b *intakeBench) readCase(_ context.Context, c int) error {
	return b.expect(http.StatusOK, c, http.MethodGet, "/api/cases/"+b.someCase(), "", nil)
}
