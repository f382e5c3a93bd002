package main

import (
	"fmt"
	"os"

	"onedoor/internal/app"
	"onedoor/internal/platform/config"
)

type openAPICmd struct{}

// Run prints the interface description; it needs no database.
func (openAPICmd) Run() error {
	doc, err := app.Describe()
	if err != nil {
		return err
	}
	if _, err := os.Stdout.Write(append(doc, '\n')); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

type configCmd struct{}

// Run prints the settings in force.
func (configCmd) Run(cfg config.Config) error { return cfg.Print(os.Stdout) }
