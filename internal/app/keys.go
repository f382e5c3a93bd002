package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"onedoor/internal/audit"
	"onedoor/internal/identity"
	"onedoor/internal/intake"
	"onedoor/internal/licence"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/outbound"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/sm"
	"onedoor/internal/seal"
)

// SealedColumns are the sealed columns of all modules: what a rotation seals again.
func SealedColumns() []sm.Column {
	var out []sm.Column
	for _, list := range [][]sm.Column{audit.SealedColumns(), identity.SealedColumns(), seal.SealedColumns(), licence.SealedColumns(), intake.SealedColumns()} {
		out = append(out, list...)
	}
	return out
}

// keks are the key services that are configured, the one in force first: the others
// still unwrap what they wrapped, until a rewrap.
func keks(cfg config.Config, allow []netip.Prefix) (sm.KEKs, error) {
	file := sm.FileKEK{Path: cfg.MasterKey()}
	vault := &sm.VaultKEK{
		URL: cfg.VaultURL, Mount: cfg.VaultMount, Key: cfg.VaultKey, TokenFile: cfg.VaultTokenFile, Namespace: cfg.VaultNamespace,
		Client: outbound.New(outbound.Options{Allow: allow}),
	}
	hsm := &sm.PKCS11KEK{Helper: cfg.PKCS11Helper, Module: cfg.PKCS11Module, Token: cfg.PKCS11Token, Key: cfg.PKCS11Key, PINFile: cfg.PKCS11PINFile}
	hasVault, hasHSM := cfg.VaultURL != "" && cfg.VaultTokenFile != "", cfg.PKCS11Module != "" && cfg.PKCS11PINFile != ""
	var out sm.KEKs
	switch cfg.KEK {
	case "", "file":
		out = append(out, file)
	case "vault":
		if !hasVault {
			return nil, errors.New("ONEDOOR_KEK=vault needs ONEDOOR_VAULT_URL and ONEDOOR_VAULT_TOKEN_FILE")
		}
		out = append(out, vault)
	case "pkcs11":
		if !hasHSM {
			return nil, errors.New("ONEDOOR_KEK=pkcs11 needs ONEDOOR_PKCS11_MODULE, ONEDOOR_PKCS11_TOKEN and ONEDOOR_PKCS11_PIN_FILE")
		}
		out = append(out, hsm)
	default:
		return nil, fmt.Errorf("ONEDOOR_KEK=%s is none of file, vault, pkcs11", cfg.KEK)
	}
	if _, err := os.Stat(file.Path); err == nil && cfg.KEK != "" && cfg.KEK != "file" {
		out = append(out, file)
	}
	if hasVault && cfg.KEK != "vault" {
		out = append(out, vault)
	}
	if hasHSM && cfg.KEK != "pkcs11" {
		out = append(out, hsm)
	}
	return out, nil
}

func openKeys(ctx context.Context, cfg config.Config, allow []netip.Prefix, db *postgres.DB, log *slog.Logger) (*sm.Keyring, error) {
	services, err := keks(cfg, allow)
	if err != nil {
		return nil, err
	}
	keys, err := sm.Open(ctx, sm.Options{DB: db, KEKs: services, KeyFile: cfg.MasterKey(), Algorithm: sm.Algorithm(cfg.Cipher), Log: log})
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	return keys, nil
}

// OpenBeside is Open for a command that may work while a server runs on the same data
// folder: it then uses the server's private database.
func OpenBeside(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	if cfg.DatabaseURL == "" {
		if dsn, ok := cluster.Running(filepath.Join(cfg.Data, "db")); ok {
			cfg.DatabaseURL = dsn
		}
	}
	return Open(ctx, cfg, log)
}

// Rotator replaces data keys and tells how far it is.
func (a *App) Rotator() *sm.Rotator { return a.modules.rotator }

// RotateKeys begins a rotation, or finds the one that is under way, and leaves its entry
// in the evidence log.
func (a *App) RotateKeys(ctx context.Context, by, reason string) (id int, begun bool, err error) {
	return a.modules.keys.Rotate(system(ctx), by, reason)
}

// CreateKEK makes the key in the HSM that the settings name.
func CreateKEK(ctx context.Context, cfg config.Config) error {
	if cfg.KEK != "pkcs11" {
		return errors.New("only a PKCS#11 token's key is made from here: set ONEDOOR_KEK=pkcs11. In Vault: vault write transit/keys/onedoor type=aes256-gcm96")
	}
	services, err := keks(cfg, nil)
	if err != nil {
		return err
	}
	for _, k := range services {
		if hsm, ok := k.(*sm.PKCS11KEK); ok {
			return hsm.Create(ctx)
		}
	}
	return errors.New("no token is configured")
}
