package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/intake"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/licence"
	"onedoor/internal/platform/backup"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
	"onedoor/internal/platform/sm"
)

// fileKeys are the modules' own lists of the files that they refer to. A module that
// keeps files is entered here; TestBackup compares with what the store holds.
func fileKeys() []string { return []string{intake.FileKeys, licence.FileKeys} }

// BackupOptions of one backup.
type BackupOptions struct {
	To     string // a file that does not exist yet, or a folder
	Since  time.Time
	Keep   int // of a folder: how many whole backups stay; 0: all
	Suite  string
	Locks  backup.Locks
	Say    func(format string, args ...any)
	NoRead bool // do not read the archive back
}

// Backup is what was made.
type Backup struct {
	Path string
	backup.About
	Files int
}

var (
	errBackupExists = fault.New(fault.Conflict, "backup.exists", "目标文件已经存在，不会覆盖。请换一个文件名，或用 --to 指定一个目录，由系统按时间命名。")
	errSealing      = fault.New(fault.Conflict, "backup.sealing", "备份期间，升级前的旧文件正在加密，这份备份不完整，已经删除。请等密钥轮换完成（onedoor keys status）后重新备份。")
	errMissing      = fault.New(fault.Internal, "backup.files-missing", "备份已完成，但数据库登记的部分文件在文件存储里找不到，说明文件存储受损。请尽快用更早的备份找回这些文件：")
	errNoTarget     = fault.New(fault.Invalid, "backup.no-target", "保存备份的目录不存在，请先建立该目录，最好在另一块磁盘或另一台机器上。")
)

// MakeBackup writes one archive of everything that cannot be made again: the database in one
// snapshot, the files that this snapshot names, and the keys. It works beside a running
// server and changes nothing.
func MakeBackup(ctx context.Context, cfg config.Config, log *slog.Logger, o BackupOptions) (made Backup, err error) {
	path, err := archivePath(o, time.Now())
	if err != nil {
		return made, err
	}
	src, err := openSource(ctx, cfg, log)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, src.close(context.WithoutCancel(ctx))) }()
	w, err := backup.Create(path, o.Suite, o.Locks, time.Now().In(clock.Shanghai))
	if err != nil {
		return made, err
	}
	about, err := src.write(ctx, w, o)
	if err != nil {
		w.Abandon()
		return made, err
	}
	if made.About, err = w.Close(about); err != nil {
		return made, err
	}
	made.Path, made.Files = path, src.files
	if !o.NoRead {
		o.Say("正在读回核对……")
		if err := w.ReadBack(); err != nil {
			return made, errors.Join(err, os.Rename(path, path+".damaged"))
		}
	}
	if o.Keep > 0 {
		if err := prune(filepath.Dir(path), o.Keep); err != nil {
			return made, err
		}
	}
	if len(about.Missing) > 0 {
		f := *errMissing
		f.Message += strings.Join(about.Missing[:min(len(about.Missing), 5)], "、")
		return made, &f
	}
	return made, nil
}

const (
	archiveName = "onedoor-"
	wholeEnd    = ".odb"
	sinceEnd    = ".since.odb"
)

func archivePath(o BackupOptions, now time.Time) (string, error) {
	info, err := os.Stat(o.To)
	switch {
	case err == nil && info.IsDir():
		end := wholeEnd
		if !o.Since.IsZero() {
			end = sinceEnd
		}
		return filepath.Join(o.To, archiveName+now.In(clock.Shanghai).Format("20060102-150405")+end), nil
	case err == nil:
		return "", errBackupExists
	}
	if info, err := os.Stat(filepath.Dir(o.To)); err != nil || !info.IsDir() {
		return "", errNoTarget
	}
	return o.To, nil
}

// prune keeps the newest whole backups of a folder and what builds upon them. Names sort by time.
func prune(dir string, keep int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("old backups: %w", err)
	}
	var ours []string
	whole := 0
	for _, e := range slices.Backward(entries) {
		if n := e.Name(); e.Type().IsRegular() && strings.HasPrefix(n, archiveName) && strings.HasSuffix(n, wholeEnd) {
			if whole >= keep {
				ours = append(ours, n)
			}
			if !strings.HasSuffix(n, sinceEnd) {
				whole++
			}
		}
	}
	for _, n := range ours {
		if err := os.Remove(filepath.Join(dir, n)); err != nil {
			return fmt.Errorf("old backups: %w", err)
		}
	}
	return nil
}

// source is an installation that is backed up.
type source struct {
	cfg     config.Config
	cluster *cluster.Cluster
	dsn     string
	dump    string // pg_dump
	blobs   *blob.Store
	conn    *pgx.Conn // holds the snapshot
	version int
	files   int
}

func openSource(ctx context.Context, cfg config.Config, log *slog.Logger) (s *source, err error) {
	s = &source{cfg: cfg, dsn: cfg.DatabaseURL}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.dsn == "" {
		if s.cluster, err = cluster.Attach(ctx, cluster.Options{DataDir: filepath.Join(cfg.Data, "db"), Log: log}); err != nil {
			return s, err
		}
		s.dsn = s.cluster.DSN()
	}
	if s.conn, err = connect(ctx, s.dsn); err != nil {
		return s, err
	}
	if s.version, err = serverVersion(ctx, s.conn); err != nil {
		return s, err
	}
	if s.cluster != nil {
		s.dump = s.cluster.Tool("pg_dump")
	} else if s.dump, err = cluster.FindTool(ctx, "pg_dump", s.version); err != nil {
		return s, err
	}
	url, err := cfg.Blobs()
	if err != nil {
		return s, err
	}
	s.blobs, err = blob.Open(ctx, url)
	return s, err
}

func (s *source) close(ctx context.Context) error {
	var errs []error
	if s.conn != nil {
		_ = s.conn.Close(ctx)
	}
	if s.blobs != nil {
		errs = append(errs, s.blobs.Close())
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.Stop(ctx))
	}
	return errors.Join(errs...)
}

func connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	// The pool's own words would hinder pgx.
	address, password, err := postgres.ToolAddress(dsn)
	if err != nil {
		return nil, err
	}
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	c.Password = password
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}

func serverVersion(ctx context.Context, conn *pgx.Conn) (major int, err error) {
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int / 10000`).Scan(&major); err != nil {
		return 0, fmt.Errorf("version of the server: %w", err)
	}
	return major, nil
}

// write puts the parts into the archive, in the order in which a restore needs them.
func (s *source) write(ctx context.Context, w *backup.Writer, o BackupOptions) (backup.About, error) {
	about := backup.About{Version: version(), Postgres: s.version, City: s.cfg.City, Region: s.cfg.Region, Since: o.Since}
	tx, err := s.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return about, fmt.Errorf("snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var snapshot string
	err = tx.QueryRow(ctx, `SELECT set_config('idle_in_transaction_session_timeout', '0', true),
		pg_export_snapshot(), clock_timestamp()`).Scan(new(string), &snapshot, &about.Made)
	if err != nil {
		return about, fmt.Errorf("snapshot: %w", err)
	}
	about.Made = about.Made.In(clock.Shanghai)
	if about.KeyFrom, err = s.writeKeys(ctx, tx, w); err != nil {
		return about, err
	}
	list, err := s.named(ctx, tx)
	if err != nil {
		return about, err
	}
	defer list.Close()
	o.Say("快照时间 %s，正在导出数据库……", about.Made.Format("2006-01-02 15:04:05"))
	if err := s.writeDatabase(ctx, w, snapshot); err != nil {
		return about, err
	}
	// The dump is out: nothing holds the server's old rows any longer.
	if err := tx.Rollback(ctx); err != nil {
		return about, fmt.Errorf("snapshot: %w", err)
	}
	return about, s.writeFiles(ctx, w, list, o, &about)
}

// writeKeys takes the key files, and says who keeps the key of keys.
func (s *source) writeKeys(ctx context.Context, tx pgx.Tx, w *backup.Writer) (from string, err error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT kek FROM keys.data_keys ORDER BY kek`)
	if err != nil {
		return "", fmt.Errorf("which keys: %w", err)
	}
	used, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("which keys: %w", err)
	}
	master := s.cfg.MasterKey()
	inFile := slices.ContainsFunc(used, func(k string) bool { return strings.HasPrefix(k, "file:") })
	if inFile {
		if err := addKey(w, "master.key", master); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(s.cfg.Data, "keys")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("key folder: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || path == master || e.Name() == "master.key" {
			continue
		}
		if err := addKey(w, e.Name(), path); err != nil {
			return "", err
		}
	}
	return strings.Join(used, " "), nil
}

func addKey(w *backup.Writer, name, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return w.Add("keys/"+name, int64(len(raw)), "", bytes.NewReader(raw))
}

func (s *source) writeDatabase(ctx context.Context, w *backup.Writer, snapshot string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := postgres.RunTool(ctx, s.dump, s.dsn, nil, out, "--format=custom", "--no-owner", "--compress=6", "--lock-wait-timeout=60000", "--snapshot="+snapshot)
		_ = out.CloseWithError(err) // nil is the end of the file
	}()
	err := w.AddStream(r)
	cancel()
	_ = r.Close()
	<-ended
	return err
}

// named spools the files that the snapshot names to disk: there may be millions, and the
// snapshot must not be held while they are copied. Each line says whether the file is sealed.
func (s *source) named(ctx context.Context, tx pgx.Tx) (*os.File, error) {
	rows, err := tx.Query(ctx, `SELECT key || ' ' || EXISTS (SELECT FROM keys.files f WHERE f.blob_key = key)
		FROM (`+strings.Join(fileKeys(), " UNION ")+`) AS named ORDER BY key`)
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	defer rows.Close()
	f, err := os.CreateTemp("", "onedoor-files-")
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	out := bufio.NewWriter(f)
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		_, _ = out.WriteString(line + "\n") // Flush tells
	}
	err = errors.Join(rows.Err(), out.Flush())
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list the files: %w", err), f.Close())
	}
	return f, nil
}

func (s *source) writeFiles(ctx context.Context, w *backup.Writer, list io.Reader, o BackupOptions, about *backup.About) error {
	told := time.Now()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		key, sealed, _ := strings.Cut(lines.Text(), " ")
		if err := s.writeFile(ctx, w, key, sealed == "true", o.Since, about); err != nil {
			return err
		}
		if s.files++; time.Since(told) > 5*time.Second {
			told = time.Now()
			o.Say("已处理 %d 个文件……", s.files)
		}
	}
	return nil
}

func (s *source) writeFile(ctx context.Context, w *backup.Writer, key string, sealed bool, since time.Time, about *backup.About) error {
	r, attr, err := s.blobs.Open(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		return s.absent(ctx, key, about)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	if attr.Modified.Before(since) {
		return w.Elsewhere("files/" + key)
	}
	body := bufio.NewReader(r)
	if head, _ := body.Peek(8); !sealed && sm.Sealed(head) {
		// Its key came after our snapshot: restored, nobody could read it.
		return errSealing
	}
	return w.Add("files/"+key, attr.Size, attr.ContentType, body)
}

// absent tells a file that was deleted after the snapshot from one that is lost.
func (s *source) absent(ctx context.Context, key string, about *backup.About) error {
	var still bool
	err := s.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM (`+strings.Join(fileKeys(), " UNION ")+`) AS named WHERE key = $1)`, key).Scan(&still)
	switch {
	case err != nil:
		return fmt.Errorf("look for a file again: %w", err)
	case !still:
		about.Deleted++
	case len(about.Missing) < 1000:
		about.Missing = append(about.Missing, key)
	}
	return nil
}

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
