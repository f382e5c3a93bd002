package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/backup"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/cluster"
)

// RestoreOptions of one restore.
type RestoreOptions struct {
	From []string // the whole backup first, then those since
	Keys backup.Keys
	Say  func(format string, args ...any)
}

// staging is where a restore works inside the data folder. While it is there the server
// does not start: half an installation must not be taken for one.
const staging = ".restoring"

var (
	errNotEmpty = fault.New(fault.Conflict, "restore.not-empty", "目标不是空的，为了不覆盖数据，恢复没有开始。请用 --data 指定一个新的目录；确实要替换时，请先停止服务，把原目录改名保存。")
	errDBInUse  = fault.New(fault.Conflict, "restore.database-not-empty", "目标数据库里已经有表，为了不覆盖数据，恢复没有开始。请新建一个空数据库（createdb），并把 --database-url 指向它。")
	errStoreUse = fault.New(fault.Conflict, "restore.files-not-empty", "目标文件存储里已经有文件，为了不混在一起，恢复没有开始。请指定一个空的目录或存储桶。")
	errHalfDone = fault.New(fault.Conflict, "restore.unfinished", "上一次恢复没有完成。请删除数据目录里的内容（包括 .restoring），再运行一次 onedoor restore。")
	errNeedBase = fault.New(fault.Invalid, "restore.base-missing", "这是增量备份，还缺少它所依据的更早的备份，什么都没有改动。请把完整备份和之后的增量备份依次列在 --from 里。")
	errOlderPG  = fault.New(fault.Invalid, "restore.postgres-too-old", "备份来自更新版本的 PostgreSQL，这里的版本太旧，不能恢复。请先安装相同或更新版本的 PostgreSQL。")
	errRestore  = fault.New(fault.Internal, "restore.failed", "恢复没有完成，备份文件没有任何改动。请按下面的原因处理后，删除目标目录里的内容，再运行一次：")
)

// Restore brings an installation back into an empty place. It reads every archive to its
// end before it writes anything.
func Restore(ctx context.Context, cfg config.Config, log *slog.Logger, o RestoreOptions) (backup.About, error) {
	r := &restore{cfg: cfg, log: log, opts: o, stage: filepath.Join(cfg.Data, staging)}
	if err := r.refuse(ctx); err != nil {
		return backup.About{}, err
	}
	about, err := r.verify()
	if err != nil {
		return about, err
	}
	if err := r.run(ctx, about); err != nil {
		if errors.As(err, new(*fault.Fault)) || errors.As(err, new(*cluster.Problem)) {
			return about, err
		}
		f := *errRestore.Because(err)
		f.Message += err.Error()
		return about, &f
	}
	return about, nil
}

type restore struct {
	cfg   config.Config
	log   *slog.Logger
	opts  RestoreOptions
	stage string
	blobs *blob.Store
}

// refuse looks at the target, and changes nothing.
func (r *restore) refuse(ctx context.Context) error {
	entries, err := os.ReadDir(r.cfg.Data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("data folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() == staging {
			return errHalfDone
		}
		if e.Name() != "lost+found" {
			return errNotEmpty
		}
	}
	if r.cfg.KeyFile != "" {
		if _, err := os.Stat(r.cfg.KeyFile); err == nil {
			return errNotEmpty
		}
	}
	if r.cfg.DatabaseURL != "" {
		conn, err := connect(ctx, r.cfg.DatabaseURL)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		var used bool
		err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema')`).Scan(&used)
		if err != nil {
			return fmt.Errorf("look at the target database: %w", err)
		}
		if used {
			return errDBInUse
		}
	}
	if r.cfg.BlobURL != "" {
		store, err := blob.Open(ctx, r.cfg.BlobURL)
		if err != nil {
			return err
		}
		defer store.Close()
		used := false
		if err := store.Each(ctx, "", func(string) bool { used = true; return false }); err != nil {
			return err
		}
		if used {
			return errStoreUse
		}
	}
	return nil
}

// verify reads all archives; the last one speaks for the whole.
func (r *restore) verify() (about backup.About, err error) {
	needed := map[string]bool{}
	for i, path := range r.opts.From {
		r.opts.Say("正在核对 %s ……", filepath.Base(path))
		last := i == len(r.opts.From)-1
		about, err = backup.Read(path, r.opts.Keys, backup.Visitor{Elsewhere: func(name string) {
			if last {
				needed[name] = true
			}
		}})
		if err != nil {
			return about, err
		}
	}
	if len(needed) == 0 {
		return about, nil
	}
	for _, path := range r.opts.From[:len(r.opts.From)-1] {
		if _, err := backup.Read(path, r.opts.Keys, backup.Visitor{Part: func(name, _ string, _ int64, _ io.Reader) error {
			delete(needed, name)
			return nil
		}}); err != nil {
			return about, err
		}
	}
	if len(needed) > 0 {
		return about, errNeedBase
	}
	return about, nil
}

func (r *restore) run(ctx context.Context, about backup.About) (err error) {
	// The private database runs as another user, who must be able to pass.
	if err := os.MkdirAll(r.cfg.Data, 0o711); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := os.Mkdir(r.stage, 0o711); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	url := r.cfg.BlobURL
	if url == "" {
		url = filepath.Join(r.stage, "files")
	}
	if r.blobs, err = blob.Open(ctx, url); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.blobs.Close()) }()
	db, err := r.openDatabase(ctx, about)
	if err != nil {
		return err
	}
	for i, path := range r.opts.From {
		r.opts.Say("正在恢复 %s ……", filepath.Base(path))
		v := backup.Visitor{Part: func(name, kind string, _ int64, body io.Reader) error { return r.file(ctx, name, kind, body) }}
		if i == len(r.opts.From)-1 {
			v.Part = func(name, kind string, _ int64, body io.Reader) error { return r.part(ctx, name, kind, body) }
			v.Stream = func(in io.Reader) error { return db.fill(ctx, in) }
		}
		if _, err := backup.Read(path, r.opts.Keys, v); err != nil {
			return errors.Join(err, db.close(ctx))
		}
	}
	if err := db.close(ctx); err != nil {
		return err
	}
	return r.settle()
}

// settle moves what was made to its places. The database comes last but one, the mark
// that the restore is unfinished last of all.
func (r *restore) settle() error {
	for _, name := range []string{"keys", "files", "db"} {
		err := os.Rename(filepath.Join(r.stage, name), filepath.Join(r.cfg.Data, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("data folder: %w", err)
		}
	}
	if err := os.Remove(r.stage); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	d, err := os.Open(r.cfg.Data)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// part places a key or a file.
func (r *restore) part(ctx context.Context, name, kind string, body io.Reader) error {
	if key, ok := strings.CutPrefix(name, "keys/"); ok {
		return r.key(key, body)
	}
	return r.file(ctx, name, kind, body)
}

func (r *restore) file(ctx context.Context, name, kind string, body io.Reader) error {
	key, ok := strings.CutPrefix(name, "files/")
	if !ok {
		return nil // keys of an earlier backup
	}
	_, _, err := r.blobs.Put(ctx, key, body, kind)
	return err
}

var keyName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func (r *restore) key(name string, body io.Reader) error {
	if !keyName.MatchString(name) {
		return backup.ErrDamaged
	}
	path := filepath.Join(r.stage, "keys", name)
	if name == "master.key" && r.cfg.KeyFile != "" {
		path = r.cfg.KeyFile
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Sync(), f.Close())
}

// target is the database that is filled.
type target struct {
	dsn, tool string
	cluster   *cluster.Cluster
}

func (r *restore) openDatabase(ctx context.Context, about backup.About) (*target, error) {
	t := &target{dsn: r.cfg.DatabaseURL}
	if t.dsn == "" {
		c, err := cluster.Start(ctx, cluster.Options{DataDir: filepath.Join(r.stage, "db"), Log: r.log})
		if err != nil {
			return nil, err
		}
		t.cluster, t.dsn, t.tool = c, c.DSN(), c.Tool("pg_restore")
	}
	conn, err := connect(ctx, t.dsn)
	if err != nil {
		return nil, errors.Join(err, t.close(ctx))
	}
	major, err := serverVersion(ctx, conn)
	_ = conn.Close(ctx)
	if err == nil && major < about.Postgres {
		err = errOlderPG
	}
	if err == nil && t.tool == "" {
		t.tool, err = cluster.FindTool(ctx, "pg_restore", max(major, about.Postgres))
	}
	if err != nil {
		return nil, errors.Join(err, t.close(ctx))
	}
	return t, nil
}

// fill is all or nothing, and ends with fresh statistics: without them the first hours are slow.
func (t *target) fill(ctx context.Context, in io.Reader) error {
	if err := postgres.RunTool(ctx, t.tool, t.dsn, in, io.Discard, "--no-owner", "--exit-on-error", "--single-transaction"); err != nil {
		return err
	}
	conn, err := connect(ctx, t.dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `ANALYZE`, pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("statistics: %w", err)
	}
	return nil
}

func (t *target) close(ctx context.Context) error {
	if t.cluster == nil {
		return nil
	}
	return t.cluster.Stop(context.WithoutCancel(ctx))
}

// unfinished refuses to serve from a folder in which a restore was interrupted.
func unfinished(cfg config.Config) error {
	if _, err := os.Stat(filepath.Join(cfg.Data, staging)); err == nil {
		return errHalfDone
	}
	return nil
}
