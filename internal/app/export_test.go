package app

import (
	"log/slog"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
)

// Operations are all operations and pages of the product, as the handlers register them.
func Operations() (map[string]httpapi.Op, error) {
	m, err := wire(parts{
		cfg: config.Config{Region: "421300000000", City: "随州市"}, log: slog.New(slog.DiscardHandler), clock: clock.System{},
		db: &postgres.DB{},
	})
	if err != nil {
		return nil, err
	}
	return m.api.Operations(), nil
}

// FileKeys are the modules' lists of their files, as a backup asks for them.
func FileKeys() []string { return fileKeys() }
