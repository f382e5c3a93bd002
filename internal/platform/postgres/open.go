package postgres

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
)

// Option refines Open.
type Option func(*pgxpool.Config)

// WithMaxConns bounds the pool; without it the pool suits the machine.
func WithMaxConns(n int32) Option {
	return func(c *pgxpool.Config) { c.MaxConns = n }
}

// WithApplicationName is what the server shows in pg_stat_activity.
func WithApplicationName(name string) Option {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["application_name"] = name }
}

// WithTracer observes every statement, for metrics.
func WithTracer(t pgx.QueryTracer) Option {
	return func(c *pgxpool.Config) { c.ConnConfig.Tracer = t }
}

// connectTimeout also bounds how long a request waits for a server that is
// restarting before it gets its 503.
const connectTimeout = 5 * time.Second

// Open connects the pool and proves that the server answers. pool_max_conns in
// the DSN wins over the default, an option over both.
func Open(ctx context.Context, dsn string, opts ...Option) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	if given, err := pgxConfigHasMaxConns(dsn); err == nil && !given {
		cfg.MaxConns = defaultMaxConns()
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 10 * time.Minute
	cfg.HealthCheckPeriod = 15 * time.Second

	cc := cfg.ConnConfig
	cc.ConnectTimeout = connectTimeout
	setDefault(cc.RuntimeParams, "application_name", "onedoor")
	// Legal days begin and end in Shanghai, also in date_trunc and ::date.
	setDefault(cc.RuntimeParams, "timezone", "Asia/Shanghai")
	// A transaction that somebody forgot must not hold its locks for ever.
	setDefault(cc.RuntimeParams, "idle_in_transaction_session_timeout", "60s")
	dial := cc.DialFunc
	cc.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, &lostError{err}
		}
		return &watchedConn{Conn: c}, nil
	}
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		// Instants come back in Shanghai time, as clock.System gives them.
		c.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: clock.Shanghai},
		})
		return nil
	}
	for _, o := range opts {
		o(cfg)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("database pool: %w", err)
	}
	db := &DB{Pool: pool}
	if err := db.checkVersion(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return db, nil
}

// oldest is the first server version with everything we use.
const oldest = 150000

// checkVersion refuses a server on which the migrations would stop half-way.
func (db *DB) checkVersion(ctx context.Context) error {
	var version int
	if err := db.Pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return Fault(err)
	}
	if version < oldest {
		return fault.New(fault.Unavailable, "database.too-old",
			fmt.Sprintf("数据库服务器是 PostgreSQL %d，需要 %d 或更新版本，请升级服务器。", version/10000, oldest/10000)).
			Because(fmt.Errorf("the server is PostgreSQL %d, %d or newer is needed", version/10000, oldest/10000))
	}
	return nil
}

// Close waits for borrowed connections and closes the pool.
func (db *DB) Close() { db.Pool.Close() }

// Ping tells whether the server answers now; readiness asks it.
func (db *DB) Ping(ctx context.Context) error { return Fault(db.Pool.Ping(ctx)) }

func setDefault(params map[string]string, key, value string) {
	if _, ok := params[key]; !ok {
		params[key] = value
	}
}

// defaultMaxConns: past a few connections a core, PostgreSQL only queues inside;
// the floor leaves room for the listener, the drainer and the job workers.
func defaultMaxConns() int32 {
	n := int32(runtime.GOMAXPROCS(0)) * 4 //nolint:gosec // a count of processors
	return min(max(n, 24), 80)
}

// pgxConfigHasMaxConns tells whether the DSN itself bounds the pool: the parsed
// pool configuration no longer shows it.
func pgxConfigHasMaxConns(dsn string) (bool, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return false, err
	}
	_, ok := c.RuntimeParams["pool_max_conns"]
	return ok, nil
}

// watchedConn marks every failure of the wire as the database's, so that Fault
// can tell a lost server from, say, an upload that was cut off in mid-use case.
type watchedConn struct{ net.Conn }

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, lost(err)
}

func (c *watchedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, lost(err)
}
