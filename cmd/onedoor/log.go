package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/audit/ledger"
	"onedoor/internal/platform/config"
)

type verifyCmds struct {
	File verifyCmd    `cmd:"" default:"withargs" help:"A sealed OFD file."`
	Log  verifyLogCmd `cmd:"" help:"The evidence log: an exported file, or with --database the live one."`
}

type exportCmd struct {
	Log exportLogCmd `cmd:"" help:"The evidence log with its tree, checkpoints and public keys."`
}

type exportLogCmd struct {
	File string `arg:"" help:"Where to write; it must not exist."`
}

// Run writes to a temporary name first: half an export is none.
func (c exportLogCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	if _, err := os.Stat(c.File); err == nil {
		return fmt.Errorf("%s is there already", c.File)
	}
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	f, err := os.CreateTemp(filepath.Dir(c.File), ".log-*") // mode 0600: it holds what entries say
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	defer os.Remove(f.Name())
	err = a.ExportLog(ctx, f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return os.Rename(f.Name(), c.File)
}

type verifyLogCmd struct {
	File     string   `arg:"" optional:"" type:"existingfile" help:"An exported log."`
	Database bool     `help:"Check the live log of this installation in place of a file."`
	Keys     string   `type:"existingfile" help:"The log's public keys as published at /api/log/keys. Without it the file's own are used, and shown to be compared."`
	Older    []string `type:"existingfile" help:"Checkpoints (/api/log/checkpoint) that were kept: the log must contain them."`
	TSARoots string   `name:"stamp-roots" type:"existingfile" help:"Root certificates of the time-stamping authority (PEM)."`
}

// Run prints what is wrong and fails unless nothing is.
func (c verifyLogCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	if c.Database == (c.File != "") {
		return errors.New("name an exported file, or --database")
	}
	if c.Database {
		a, err := app.Open(ctx, cfg, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
		r, err := a.CheckLog(ctx)
		if err != nil {
			return err
		}
		return printReport(r)
	}
	f, err := ledger.OpenFile(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	o := ledger.Options{Keys: f.Keys}
	if c.Keys != "" {
		if o.Keys, err = readKeys(c.Keys); err != nil {
			return err
		}
	} else {
		fmt.Printf("keys of the file itself: %s. Compare them with those that were published.\n", o.Keys.Fingerprint())
	}
	for _, path := range c.Older {
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("kept checkpoint: %w", err)
		}
		o.Older = append(o.Older, ledger.SplitNotes(raw)...)
	}
	if c.TSARoots != "" {
		raw, err := os.ReadFile(c.TSARoots)
		if err != nil {
			return fmt.Errorf("roots of the time-stamping authority: %w", err)
		}
		if o.Roots, err = ledger.ParseStampTrust(raw); err != nil {
			return err
		}
	}
	r, err := ledger.Check(f, o)
	if err != nil {
		return err
	}
	return printReport(r)
}

func readKeys(path string) (k ledger.Keys, err error) {
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err != nil {
		err = fmt.Errorf("public keys: %w", err)
	}
	return k, err
}

func printReport(r *ledger.Report) error {
	fmt.Printf("%d entries under %d signed checkpoints, the newest of %s, root %s\n", r.Size, r.Checkpoints, r.At.Local().Format(time.DateTime), r.Root)
	if r.Stamped > 0 {
		fmt.Printf("%d checkpoints carry a time stamp\n", r.Stamped)
	}
	if r.Waiting > 0 {
		fmt.Printf("%d entries are newer than the newest checkpoint\n", r.Waiting)
	}
	if r.Erased > 0 {
		fmt.Printf("%d entries have fields that were erased by law; they are proved by their digests\n", r.Erased)
	}
	if r.Valid() {
		fmt.Println("valid: every entry is what it was when it was written, none is missing, none was slipped in")
		return nil
	}
	for _, p := range r.Problems {
		var where []string
		if p.Seq >= 0 {
			where = append(where, fmt.Sprintf("number %d", p.Seq))
		}
		if p.Entry != "" {
			where = append(where, "entry "+p.Entry)
		}
		fmt.Printf("%-10s %s: %s\n", p.Kind, strings.Join(where, ", "), p.Text)
	}
	fmt.Printf("NOT valid: %d problems\n", len(r.Problems))
	return errFailed
}
