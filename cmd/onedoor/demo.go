package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/platform/config"
)

type demoCmd struct {
	URL string `help:"A running instance of the reference city. Without it a private one is started and removed."`
}

// Run plays the story for each complete item of the cast and prints the steps.
func (c demoCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	base := c.URL
	if base == "" {
		p, err := startPrivate(ctx, cfg, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		base = p.base
	}
	began := time.Now()
	fmt.Printf("在 %s 上走完整个过程\n", base)
	for _, s := range app.DemoStories(base) {
		fmt.Printf("\n%s（申请人 %s）\n", s.Search, s.Cast.Applicant)
		n := 0
		s.Tell = func(step, detail string, took time.Duration) {
			n++
			fmt.Printf("  %2d  %-6d ms  %s  %s  %s\n", n, took.Milliseconds(), s.CaseNo(), step, detail)
		}
		if err := s.Run(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "失败：%v\n", err)
			return errFailed
		}
	}
	fmt.Printf("\n全部完成，用时 %v\n", time.Since(began).Round(time.Millisecond))
	return nil
}

// private is an instance in a temporary folder, in this process.
type private struct {
	app    *app.App
	base   string
	dir    string
	cancel context.CancelFunc
	done   chan error
}

// startPrivate serves the reference city on a free loopback port.
func startPrivate(ctx context.Context, cfg config.Config, log *slog.Logger) (*private, error) {
	dir, err := privateFolder()
	if err != nil {
		return nil, err
	}
	// The database runs as another user when we are root; its own folder inside stays closed.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	cfg.Listen, cfg.AdminListen, cfg.PublicURL = l.Addr().String(), "", ""
	l.Close()
	cfg.Data, cfg.DatabaseURL, cfg.BlobURL, cfg.KeyFile = dir, "", "", ""
	cfg.DemoCity, cfg.NoRateLimit = true, true
	if cfg.LogLevel == "info" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	p := &private{dir: dir, base: "http://" + cfg.Listen, done: make(chan error, 1)}
	if p.app, err = app.Open(ctx, cfg, log); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	ctx, p.cancel = context.WithCancel(ctx)
	ready := make(chan struct{})
	go func() {
		err := p.app.Seed(ctx)
		if err == nil {
			err = p.app.Start(ctx)
		}
		if err == nil {
			err = p.app.Serve(ctx, func() { close(ready) })
		}
		p.done <- err
	}()
	select {
	case <-ready:
		return p, nil
	case err := <-p.done:
		p.done <- err
		return nil, errors.Join(err, p.close())
	}
}

// privateFolder is a temporary one that the database's account may pass. Into a closed
// one, as MkdirTemp makes them, it could not: the cluster would be made elsewhere and
// stay there when the folder is removed.
func privateFolder() (string, error) {
	dir, err := os.MkdirTemp("", "onedoor-private-")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		return "", fmt.Errorf("temporary folder: %w", err)
	}
	return dir, nil
}

func (p *private) close() error {
	p.cancel()
	return errors.Join(<-p.done, p.app.Close(context.Background()), os.RemoveAll(p.dir))
}
