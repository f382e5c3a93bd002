package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"onedoor/internal/app"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/backup"
	"onedoor/internal/platform/config"
)

type backupCmd struct {
	Create backupCreateCmd `cmd:"" default:"withargs" help:"Write an encrypted archive of database, files and keys, beside the running server."`
	Verify backupVerifyCmd `cmd:"" help:"Read an archive to its end and check every byte."`
	Keygen backupKeygenCmd `cmd:"" help:"Make a pair of keys, so that the server holds nothing that opens its backups."`
}

// passphraseFlags are how somebody proves that an archive is theirs.
type passphraseFlags struct {
	Passphrase     string `env:"ONEDOOR_BACKUP_PASSPHRASE" hidden:"" help:"The passphrase; arguments are seen by everybody on the machine, so better the variable or --passphrase-file."`
	PassphraseFile string `type:"existingfile" env:"ONEDOOR_BACKUP_PASSPHRASE_FILE" help:"File with the passphrase in its first line."`
}

func (f passphraseFlags) read() (string, error) {
	if f.PassphraseFile == "" {
		return f.Passphrase, nil
	}
	raw, err := os.ReadFile(f.PassphraseFile)
	if err != nil {
		return "", fmt.Errorf("passphrase: %w", err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimRight(line, "\r"), nil
}

type keyFlags struct {
	passphraseFlags `embed:""`
	Identity        []string `type:"existingfile" env:"ONEDOOR_BACKUP_IDENTITY" help:"File with the secret key (onedoor backup keygen)."`
}

func (f keyFlags) keys() (k backup.Keys, err error) {
	if k.Passphrase, err = f.read(); err != nil {
		return k, err
	}
	for _, path := range f.Identity {
		raw, err := os.ReadFile(path)
		if err != nil {
			return k, fmt.Errorf("secret key: %w", err)
		}
		k.Identities = append(k.Identities, string(raw))
	}
	return k, nil
}

type backupCreateCmd struct {
	passphraseFlags `embed:""`
	To              string   `required:"" help:"A new file, or a folder in which the archive is named by its time."`
	Recipient       []string `env:"ONEDOOR_BACKUP_RECIPIENT" help:"Public key that may open the archive (onedoor backup keygen)."`
	Since           string   `help:"Leave out files older than this (2026-11-22 or 2026-11-22T03:00:00+08:00): the earlier whole backup is needed too. The database is always whole."`
	Keep            int      `help:"Of the whole backups in the folder keep so many, delete older ones. 0 keeps all."`
	Suite           string   `default:"aes" enum:"aes,sm4" help:"Cipher of the archive: aes (AES-256-GCM) or sm4 (SM4-GCM)."`
	NoCheck         bool     `help:"Do not read the archive back when it is written."`
}

var suites = map[string]string{"aes": backup.AES, "sm4": backup.SM4}

// Run makes one backup.
func (c backupCreateCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	o := app.BackupOptions{To: c.To, Keep: c.Keep, Suite: suites[c.Suite], Locks: backup.Locks{Recipients: c.Recipient}, Say: tell, NoRead: c.NoCheck}
	var err error
	if o.Locks.Passphrase, err = c.read(); err != nil {
		return err
	}
	if o.Since, err = moment(c.Since); err != nil {
		return err
	}
	if !o.Since.IsZero() && c.Keep > 0 {
		return errors.New("--keep 只用于完整备份，请不要与 --since 一起使用")
	}
	began := time.Now()
	made, err := app.MakeBackup(ctx, cfg, quiet(cfg, log), o)
	if err != nil {
		return err
	}
	fmt.Println(made.Path)
	tell("备份完成：%d 个文件，%s，用时 %v", made.Files, size(made.Bytes), time.Since(began).Round(time.Millisecond))
	return nil
}

func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, clock.Shanghai); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("--since 的时间写法不对，请写成 2026-11-22 或 2026-11-22T03:00:00+08:00")
}

type backupVerifyCmd struct {
	keyFlags `embed:""`
	File     string `arg:"" help:"The archive."`
}

// Run reads an archive; nothing is written.
func (c backupVerifyCmd) Run() error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	about, err := backup.Read(c.File, keys, backup.Visitor{})
	if err != nil {
		return err
	}
	fmt.Printf("备份完好：%s（%s），快照时间 %s，%d 项，%s，PostgreSQL %d\n", about.City, about.Region,
		about.Made.Format("2006-01-02 15:04:05"), about.Parts, size(about.Bytes), about.Postgres)
	if about.Absent > 0 {
		fmt.Printf("增量备份：另有 %d 个文件在 %s 之前的备份里\n", about.Absent, about.Since.Format("2006-01-02 15:04:05"))
	}
	if len(about.Missing) > 0 {
		fmt.Printf("注意：备份时有 %d 个文件在文件存储里找不到\n", len(about.Missing))
	}
	fmt.Printf("主密钥：%s\n", about.KeyFrom)
	return nil
}

type backupKeygenCmd struct {
	To string `required:"" help:"New file for the secret key. Keep it away from the server, in two places."`
}

// Run writes the secret and prints the public key.
func (c backupKeygenCmd) Run() error {
	id, err := backup.NewIdentity()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.To, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("secret key: %w", err)
	}
	_, err = fmt.Fprintf(f, "# Opens the backups made for %s\n%s\n", id.Recipient, id.Secret)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("secret key: %w", err)
	}
	fmt.Println(id.Recipient)
	return nil
}

type restoreCmd struct {
	keyFlags `embed:""`
	From     []string `required:"" help:"The archive; after a whole one, those made with --since, in their order."`
}

// Run restores into an empty data folder (or an empty database and store).
func (c restoreCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	began := time.Now()
	about, err := app.Restore(ctx, cfg, quiet(cfg, log), app.RestoreOptions{From: c.From, Keys: keys, Say: tell})
	if err != nil {
		return err
	}
	tell("恢复完成：%s %s 的状态，用时 %v。", about.City, about.Made.Format("2006-01-02 15:04:05"), time.Since(began).Round(time.Millisecond))
	if !strings.Contains(about.KeyFrom, "file:") {
		tell("主密钥不在备份里，启动前请配置密钥服务：%s", about.KeyFrom)
	}
	tell("现在可以启动：onedoor serve --data %s", cfg.Data)
	return nil
}

func tell(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// quiet leaves the log to those who ask for it: the command says itself how far it is.
func quiet(cfg config.Config, log *slog.Logger) *slog.Logger {
	if cfg.LogLevel == "debug" {
		return log
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KB", float64(n)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
