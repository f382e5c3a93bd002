package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/platform/config"
	"onedoor/internal/seal"
)

// trustFile is where serve leaves the roots of its own authority.
func trustFile(cfg config.Config) string { return filepath.Join(cfg.Data, "trust.json") }

type verifyCmd struct {
	File  string `arg:"" type:"existingfile" help:"The OFD file."`
	Trust string `type:"existingfile" help:"Roots of trust (onedoor trust). Default: those of the data folder."`
}

// maxOFD bounds what is read into memory, as the verification page does.
const maxOFD = 20 << 20

// Run prints every check and fails unless the file is valid. It asks no server:
// whether a licence was revoked since only the verification page knows.
func (c verifyCmd) Run(cfg config.Config) error {
	info, err := os.Stat(c.File)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	if info.Size() > maxOFD {
		return fmt.Errorf("%s is larger than %d MiB", c.File, maxOFD>>20)
	}
	doc, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	path := c.Trust
	if path == "" {
		path = trustFile(cfg)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("没有信任的根证书：请用 --trust 指定（在签发方运行 onedoor trust 得到）: %w", err)
	}
	trust, err := seal.ParseTrust(raw)
	if err != nil {
		return err
	}
	r := seal.VerifyOFD(doc, trust, time.Now())
	marks := map[string]string{"pass": "✓", "fail": "✗", "warn": "!", "skip": "–"}
	for _, k := range r.Checks {
		fmt.Printf("%s %s  %s\n", marks[string(k.Result)], k.Name, k.Detail)
	}
	fmt.Println(r.Summary)
	if !r.Valid {
		return errFailed
	}
	fmt.Println("离线验证不能知道证照之后是否被撤销或注销，请以网上核验为准。")
	return nil
}

type trustCmd struct {
	File string `arg:"" optional:"" help:"Where to write; standard output without it."`
}

// Run exports the roots, the revoked certificates and the register of seals.
func (c trustCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	raw, err := a.Trust(ctx)
	if err != nil {
		return err
	}
	if c.File == "" {
		_, err = os.Stdout.Write(raw)
		return err
	}
	return os.WriteFile(c.File, raw, 0o644)
}
