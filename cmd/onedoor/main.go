// Command onedoor is the whole system in one binary: the server with its web
// pages, and the commands that load, check and measure it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/telemetry"
)

type cli struct {
	config.Config `embed:""`

	Serve   serveCmd   `cmd:"" help:"Start the server."`
	Demo    demoCmd    `cmd:"" help:"Drive the whole story over HTTP, against a running (--url) or a private instance."`
	Import  importCmd  `cmd:"" help:"Read service items from other systems, or report on what was read."`
	Backup  backupCmd  `cmd:"" help:"Back up database, files and keys into one encrypted file, or check such a file."`
	Restore restoreCmd `cmd:"" help:"Bring an installation back from a backup, into an empty place."`
	Verify  verifyCmds `cmd:"" help:"Check a sealed OFD file, or the evidence log, offline."`
	Export  exportCmd  `cmd:"" help:"Write the evidence log as a file that verify log checks anywhere."`
	Trust   trustCmd   `cmd:"" help:"Write the roots of trust of this installation, for verify --trust elsewhere."`
	Bench   benchCmd   `cmd:"" help:"Measure against a raw floor in the same run."`
	Keys    keysCmd    `cmd:"" help:"Keys of personal data: status, rotation, re-wrapping."`
	OpenAPI openAPICmd `cmd:"" name:"openapi" help:"Print the interface description."`
	Config_ configCmd  `cmd:"" name:"config" help:"Print the settings in force, secrets masked."`
}

// gcPercent trades memory (some hundred MB) for a third less collecting: the live
// heap is small beside what requests allocate and drop. GOGC overrules it.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	var c cli
	k := kong.Parse(&c, kong.Name("onedoor"), kong.Description("一扇门：一座城市政务服务的一套系统。One system for a city's government services."), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := telemetry.Logger(os.Stderr, c.LogLevel, c.LogFormat)
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(c.Config, log)
	if err := k.Run(); err != nil {
		report(log, err)
		stop()
		os.Exit(1)
	}
}

// report says what went wrong: to people in words when there are any, else with its causes.
func report(log *slog.Logger, err error) {
	var problem *cluster.Problem
	var f *fault.Fault
	switch {
	case errors.As(err, &problem):
		fmt.Fprintln(os.Stderr, problem.Error())
	case errors.Is(err, errFailed): // has said it already
	case errors.As(err, &f):
		fmt.Fprintln(os.Stderr, f.Message)
		for _, field := range f.Fields {
			fmt.Fprintln(os.Stderr, "  "+field.Path+": "+field.Message)
		}
		log.Debug("failed", "error", err)
	default:
		fmt.Fprintln(os.Stderr, "onedoor: "+err.Error())
	}
}

// errFailed ends a command that has printed why it fails.
var errFailed = errors.New("failed")
