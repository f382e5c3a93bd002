package main

import (
	"context"
	"log/slog"
	"time"

	"onedoor/internal/platform/config"
)

type benchCmd struct {
	Intake benchIntakeCmd `cmd:"" help:"Submitting and reading cases over HTTP against the bare statements."`
}

type benchIntakeCmd struct {
	URL     string        `help:"A running instance; the floor is then measured on ONEDOOR_DATABASE_URL. Without it a private one is started."`
	Seconds time.Duration `default:"30s" help:"Time of each measure."`
	Size    int           `default:"0" help:"Cases loaded before measuring."`
	JSON    bool          `help:"Print one JSON object."`
}

func (benchIntakeCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error { return nil }
