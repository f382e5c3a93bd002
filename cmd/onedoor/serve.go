package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/platform/config"
)

type serveCmd struct{}

// Run serves until Ctrl-C or SIGTERM.
func (serveCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	began := time.Now()
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	// The stop must not be cut short by the signal that asked for it.
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	if err := a.Seed(ctx); err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return err
	}
	return a.Serve(ctx, func() {
		log.Info("serving", "address", cfg.Public(), "after", time.Since(began).Round(time.Millisecond))
		if cfg.DemoCity {
			fmt.Print(app.Welcome(cfg))
		}
	})
}
