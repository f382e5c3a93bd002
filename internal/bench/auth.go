package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"onedoor/internal/intake"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/httpapi"
)

// Auth measures what session and access cost: an applicant's case over HTTP with the
// session read and checked, against the same use case mounted again without a session.
// The floor gets the actor for nothing; everything else (routing, limits of size and
// time, the reading itself, the reply) is the same code in the same process.
func Auth(ctx context.Context, o IntakeOptions) (Result, error) {
	b, err := newIntake(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer b.close()
	if err := b.submit(ctx, 0); err != nil { // something to read
		return Result{}, err
	}
	if err := b.collect(ctx, 0, 0); err != nil {
		return Result{}, err
	}
	bare, stop, err := b.bareServer(ctx)
	if err != nil {
		return Result{}, err
	}
	defer stop()
	var wires [clients]*wire
	for i := range wires {
		wires[i] = &wire{addr: bare}
		defer wires[i].close()
	}
	floor := func(_ context.Context, c int) error {
		path := "/api/cases/" + b.someCase()
		// The cookie is sent here too: reading a header is not what is measured.
		status, answer, err := wires[c].request(http.MethodGet, path, "Cookie: onedoor_session="+b.session.cookie+"\r\n", nil)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s: %d %s", path, status, answer)
		}
		return err
	}
	o.Say("signed-in request …")
	m, err := compare(ctx, "signed in", clients, o.Each, side{op: floor}, side{op: b.readCase})
	if err != nil {
		return Result{}, err
	}
	return Result{Bench: "auth", Measures: []Measure{m}}, nil
}

type bareIn struct {
	No string `path:"no" maxLength:"22"`
}

type bareOut struct{ Body *intake.Case }

// bareServer serves one operation, without sessions.
func (b *intakeBench) bareServer(ctx context.Context) (addr string, stop func(), err error) {
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), NoRateLimit: true})
	httpapi.Handle(api, httpapi.Op{
		ID: "bench-case", Method: http.MethodGet, Path: "/api/cases/{no}", Tag: "bench", Summary: "办件详情（测速用）", Access: httpapi.Public,
	}, func(ctx context.Context, in *bareIn) (*bareOut, error) {
		c, err := b.App.Intake().Case(actor.With(ctx, b.session.who), in.No)
		return &bareOut{c}, err
	})
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := api.HTTPServer(l.Addr().String())
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			b.Say("the bare server: %v", err)
		}
	}()
	return l.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}
