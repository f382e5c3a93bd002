package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"onedoor/data"
	"onedoor/internal/app"
	"onedoor/internal/bench"
	"onedoor/internal/identity"
	"onedoor/internal/platform/config"
)

type benchCmd struct {
	Intake   benchIntakeCmd   `cmd:"" help:"Submitting and reading cases over HTTP against the bare statements."`
	Auth     benchAuthCmd     `cmd:"" help:"A signed-in request against the same handler without a session."`
	Evidence benchEvidenceCmd `cmd:"" help:"Entries of the evidence log a second, and what they take from submitting."`
	Search   benchSearchCmd   `cmd:"" help:"How well the search answers rated queries: nDCG@10 and queries without an answer."`
}

// benchFlags are those of every bench.
type benchFlags struct {
	URL     string `help:"A running instance with the reference city; its database is then given by --database-url. Without it a private one is started in a temporary folder."`
	Seconds int    `default:"30" help:"Seconds of each measure."`
	Size    int    `default:"0" help:"Rows loaded before measuring again."`
	JSON    bool   `name:"json" help:"Print one JSON object in place of the table."`
}

type benchIntakeCmd struct {
	benchFlags `embed:""`
}

// Run measures and prints.
func (c benchIntakeCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return c.with(ctx, cfg, log, bench.Intake)
}

type benchAuthCmd struct {
	benchFlags `embed:""`
}

// Run measures and prints.
func (c benchAuthCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return c.with(ctx, cfg, log, bench.Auth)
}

type benchEvidenceCmd struct {
	benchFlags `embed:""`
}

// Run measures and prints.
func (c benchEvidenceCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return c.with(ctx, cfg, log, bench.Evidence)
}

// with measures against a given or a private instance and prints.
func (c benchFlags) with(ctx context.Context, cfg config.Config, log *slog.Logger, measure func(context.Context, bench.IntakeOptions) (bench.Result, error)) (err error) {
	o := bench.IntakeOptions{
		Base: c.URL, Each: time.Duration(c.Seconds) * time.Second, Size: c.Size,
		Login: app.BenchLogin, Secret: identity.DemoPassword,
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	}
	if c.URL == "" {
		p, err := startPrivate(ctx, cfg, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		o.App, o.Base = p.app, p.base
	} else {
		if cfg.DatabaseURL == "" {
			return errors.New("--url needs --database-url too: the floor is measured on the same database")
		}
		o.Other = true
		if o.App, err = app.Open(ctx, cfg, log); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.App.Close(context.WithoutCancel(ctx))) }()
	}
	r, err := measure(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return r.WriteJSON(os.Stdout)
	}
	return r.WriteTable(os.Stdout)
}

type benchSearchCmd struct {
	Set   string `type:"existingfile" help:"Rated queries; without it, those of data/search-eval."`
	Worst int    `default:"20" help:"How many of the worst queries to tell."`
	JSON  bool   `name:"json" help:"Print one JSON object in place of the table."`
}

// Run rates the search over the reference city's catalogue in a private instance.
func (c benchSearchCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	var set io.ReadCloser
	if c.Set != "" {
		set, err = os.Open(c.Set)
	} else {
		set, err = data.FS.Open(data.RatedQueries)
	}
	if err != nil {
		return fmt.Errorf("rated queries: %w", err)
	}
	defer set.Close()
	p, err := startPrivate(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r, err := bench.Search(ctx, bench.SearchOptions{
		App: p.app, Set: set, Worst: c.Worst,
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return r.WriteJSON(os.Stdout)
	}
	return r.WriteTable(os.Stdout)
}
