package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"onedoor/internal/app"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/config"
)

type importCmd struct {
	Items  importItemsCmd  `cmd:"" help:"Read service items into the catalogue. Reading a file twice changes nothing."`
	Report importReportCmd `cmd:"" help:"List what was read and what was quarantined, with the reason."`
}

type importItemsCmd struct {
	Source string `required:"" enum:"guangdong,guangan" help:"Dialect of the file: guangdong (gd-policy.jsonl) or guangan (guangan-items.csv)."`
	File   string `arg:"" type:"existingfile" help:"The file; .gz is unpacked."`
}

// Run imports one file and prints what became of its rows.
func (c importItemsCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer f.Close()
	r, err := a.ImportItems(ctx, c.Source, c.File, f)
	if err != nil {
		return err
	}
	fmt.Printf("读取 %d 行：新增 %d，更新 %d，未变 %d，隔离 %d\n", r.Read, r.Added, r.Changed, r.Same, r.Quarantined)
	if r.Quarantined > 0 {
		fmt.Println("被隔离的行和原因：onedoor import report --source " + c.Source)
	}
	return nil
}

type importReportCmd struct {
	Source string `enum:"guangdong,guangan," default:"" help:"Only this source."`
}

// Run prints the imports so far and every quarantined row.
func (c importReportCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	runs, err := a.ImportRuns(ctx)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(out, "来源\t读取\t新增\t更新\t未变\t隔离\t完成时间")
	for _, r := range runs {
		if c.Source == "" || r.Source == c.Source {
			fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Source, r.Read, r.Added, r.Changed, r.Same, r.Quarantined, r.FinishedAt.Format("2006-01-02 15:04:05"))
		}
	}
	fmt.Fprintln(out, "\n来源\t行\t编码\t名称\t原因")
	req := page.Request{Size: page.MaxSize}
	for {
		p, err := a.Quarantined(ctx, c.Source, req)
		if err != nil {
			return err
		}
		for _, q := range p.Rows {
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\n", q.Source, q.Line, q.SourceCode, q.Name, q.Message)
		}
		if p.Next == "" {
			return out.Flush()
		}
		req.Cursor = p.Next
	}
}
