package app

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"onedoor/internal/audit"
	"onedoor/internal/audit/ledger"
	"onedoor/internal/catalog"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
)

// system is who acts when a command of the binary does.
func system(ctx context.Context) context.Context {
	return actor.With(ctx, &actor.Actor{Kind: actor.System, Name: "命令行"})
}

// ImportItems reads a source's file into the catalogue; a name that ends in .gz is unpacked.
func (a *App) ImportItems(ctx context.Context, source, name string, r io.Reader) (catalog.Report, error) {
	if err := a.modules.directory.Seed(ctx); err != nil {
		return catalog.Report{}, fmt.Errorf("load the departments: %w", err)
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return catalog.Report{}, fmt.Errorf("unpack: %w", err)
		}
		defer z.Close()
		r = z
	}
	return a.modules.catalog.Import(system(ctx), source, r)
}

// ImportRuns are the imports so far, newest first.
func (a *App) ImportRuns(ctx context.Context) ([]catalog.Report, error) {
	return a.modules.catalog.ImportRuns(system(ctx))
}

// Quarantined is one page of the rows that fit no rule; source "" is all.
func (a *App) Quarantined(ctx context.Context, source string, req page.Request) (page.Page[catalog.Quarantined], error) {
	return a.modules.catalog.ImportReport(system(ctx), source, req)
}

// Trust is what others need to verify this installation's seals offline.
func (a *App) Trust(ctx context.Context) ([]byte, error) {
	t, err := a.modules.seal.Trust(ctx)
	if err != nil {
		return nil, err
	}
	return t.Export(), nil
}

// exportTrust leaves the roots in the data folder, so that `onedoor verify` works
// on this machine without a database.
func (a *App) exportTrust(ctx context.Context) error {
	raw, err := a.Trust(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.cfg.Data, 0o755); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(a.cfg.Data, "trust.json"), raw, 0o644); err != nil {
		return fmt.Errorf("roots of trust: %w", err)
	}
	return nil
}

// ExportLog writes the whole evidence log as one file.
func (a *App) ExportLog(ctx context.Context, w io.Writer) error {
	ctx = system(ctx)
	if err := a.modules.audit.Record(ctx, audit.Entry{Action: "audit.export", ObjectKind: "log", Ground: "命令行导出"}); err != nil {
		return err
	}
	return a.modules.audit.Export(ctx, w)
}

// CheckLog looks through the evidence log in the database.
func (a *App) CheckLog(ctx context.Context) (*ledger.Report, error) {
	if err := a.modules.audit.Number(ctx); err != nil {
		return nil, err
	}
	return a.modules.audit.Check(ctx)
}
