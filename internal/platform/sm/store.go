package sm

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "keys".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Options say where the keys of a keyring are.
type Options struct {
	DB   *postgres.DB
	KEKs KEKs // the first wraps
	// KeyFile are the master keys: the file provider's, and what values from before
	// there were data keys were sealed with. It is made when the file provider is the
	// first one; with another provider it need not be there.
	KeyFile   string
	Algorithm Algorithm // of new data keys; "" is SM4
	Log       *slog.Logger
}

const (
	purposeData  = "data"
	purposeBlind = "blind"

	channel = "keys"
	// refresh bounds how long a process may seal under a key that rotation has
	// replaced; a rotation ends only when that time is over for all.
	refresh = 5 * time.Second
	// patience bounds what a use case waits for the first key of an organisation.
	patience = 5 * time.Second
)

// Open reads the keys of the database, unwrapped by the key service, and makes those
// of a new installation.
func Open(ctx context.Context, o Options) (*Keyring, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Algorithm == "" {
		o.Algorithm = SM4
	}
	if len(o.KEKs) == 0 {
		return nil, errNoKEK
	}
	s := &store{Options: o, secrets: map[uint32][]byte{}}
	var masters [][]byte
	var err error
	switch {
	case o.KEKs[0].Name() == "file":
		masters, err = ensureMasters(o.KeyFile)
	case hasFile(o.KeyFile):
		masters, err = readMasters(o.KeyFile)
	}
	if err != nil {
		return nil, err
	}
	if s.base, err = legacyRing(masters); err != nil {
		return nil, fmt.Errorf("master key %s: %w", o.KeyFile, err)
	}
	k := &Keyring{store: s}
	k.now.Store(s.base)
	if err := s.begin(ctx, masters); err != nil {
		return nil, err
	}
	_, err = s.load(ctx, k)
	return k, err
}

// store keeps the wrapped keys in the database.
type store struct {
	Options
	base *ring // what the key file gives

	mu      sync.Mutex // one change of the ring at a time
	secrets map[uint32][]byte
	asked   map[uint32]time.Time // ids that were looked for and not found
	failed  time.Time            // when a key could last not be made
}

type keyRow struct {
	ID        uint32
	Purpose   string
	Org       string
	Algorithm Algorithm
	Wrapped   []byte
	KEK       string
	State     string
}

func bound(purpose, org string) string { return "onedoor/" + purpose + "/" + org }

func (r keyRow) wrapped() Wrapped {
	return Wrapped{Bytes: r.Wrapped, Key: r.KEK, Bound: bound(r.Purpose, r.Org)}
}

// query runs outside the pool and any transaction of the caller: a key outlives the use
// case that asked for it first, and waiting for a connection of the pool while the
// callers hold all of them would never end.
func (s *store) query(ctx context.Context, fn func(pgx.Tx) error) error {
	conn, err := pgx.ConnectConfig(ctx, s.DB.Pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("data keys: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginFunc(ctx, conn, fn)
}

func rowsOf(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]keyRow, error) {
	rows, err := tx.Query(ctx, `SELECT id, purpose, org, algorithm, wrapped, kek, state FROM keys.data_keys `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read data keys: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fmt.Errorf("read data keys: %w", err)
	}
	return out, nil
}

// begin makes the blind key and the house's key of an installation that has none.
// One that sealed with the master key file keeps its blind index.
func (s *store) begin(ctx context.Context, masters [][]byte) error {
	return s.query(ctx, func(tx pgx.Tx) error {
		var purposes []string
		if err := tx.QueryRow(ctx, `SELECT coalesce(array_agg(purpose), '{}') FROM keys.data_keys WHERE org = '' AND state = 'active'`).Scan(&purposes); err != nil {
			return fmt.Errorf("read data keys: %w", err)
		}
		has := map[string]bool{}
		for _, p := range purposes {
			has[p] = true
		}
		if !has[purposeBlind] {
			secret := random()
			if len(masters) > 0 {
				secret = blindOf(masters[0])
			}
			if err := s.add(ctx, tx, purposeBlind, "hmac-sm3", []string{House}, [][]byte{secret}); err != nil {
				return err
			}
		}
		if !has[purposeData] {
			return s.add(ctx, tx, purposeData, s.Algorithm, []string{House}, [][]byte{random()})
		}
		return nil
	})
}

func random() []byte {
	b := make([]byte, keySize)
	rand.Read(b) //nolint:errcheck // see SealFor
	return b
}

// add wraps and writes keys; where another process was faster, its key stays.
func (s *store) add(ctx context.Context, tx pgx.Tx, purpose string, alg Algorithm, orgs []string, secrets [][]byte) error {
	plain := make([]Plain, len(orgs))
	for i, org := range orgs {
		plain[i] = Plain{secrets[i], bound(purpose, org)}
	}
	wrapped, err := s.KEKs.Wrap(ctx, plain)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for i, w := range wrapped {
		b.Queue(`INSERT INTO keys.data_keys (purpose, org, algorithm, wrapped, kek, state, created_at)
			VALUES ($1, $2, $3, $4, $5, 'active', now()) ON CONFLICT (purpose, org) WHERE state = 'active' DO NOTHING`, purpose, orgs[i], alg, w.Bytes, w.Key)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write data keys: %w", err)
	}
	return nil
}

// load reads the keys and puts a new ring in force. Keys known already are not
// unwrapped again, so a lost key service stops nobody who is at work.
func (s *store) load(ctx context.Context, k *Keyring) (*ring, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loadLocked(ctx, k)
}

func (s *store) loadLocked(ctx context.Context, k *Keyring) (*ring, error) {
	var found []keyRow
	err := s.query(ctx, func(tx pgx.Tx) (err error) {
		found, err = rowsOf(ctx, tx, `ORDER BY id`)
		return err
	})
	if err != nil {
		return k.now.Load(), err
	}
	if err := s.unwrap(ctx, found); err != nil {
		return k.now.Load(), err
	}
	r := &ring{legacy: s.base.legacy, keys: make(map[uint32]*dataKey, len(found)), active: map[string]*dataKey{}}
	old := k.now.Load()
	for _, f := range found {
		if f.Purpose == purposeBlind {
			if f.State == "active" {
				r.blind = s.secrets[f.ID]
			}
			continue
		}
		key := old.keys[f.ID]
		if key == nil {
			if key, err = newDataKey(f.ID, f.Algorithm, s.secrets[f.ID]); err != nil {
				return old, err
			}
		}
		r.keys[f.ID] = key
		if f.State == "active" {
			r.active[f.Org] = key
		}
	}
	if r.blind == nil || r.active[House] == nil {
		return old, errors.New("the database has no key of the house: keys.data_keys is not whole")
	}
	k.now.Store(r)
	return r, nil
}

func (s *store) unwrap(ctx context.Context, found []keyRow) error {
	var fresh []Wrapped
	var ids []uint32
	for _, f := range found {
		if s.secrets[f.ID] == nil {
			fresh, ids = append(fresh, f.wrapped()), append(ids, f.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	plain, err := s.KEKs.Unwrap(ctx, fresh)
	if err != nil {
		return err
	}
	for i, id := range ids {
		s.secrets[id] = plain[i]
	}
	return nil
}

// make gives the organisation its first key; the ring that comes back may be without
// it when that failed.
func (s *store) make(k *Keyring, org string) *ring {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := k.now.Load()
	if r.active[org] != nil || time.Since(s.failed) < patience {
		return r
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.query(ctx, func(tx pgx.Tx) error {
		return s.add(ctx, tx, purposeData, s.Algorithm, []string{org}, [][]byte{random()})
	})
	if err == nil {
		r, err = s.loadLocked(ctx, k)
	}
	if err != nil {
		s.failed = time.Now()
		s.Log.Warn("no data key for an organisation yet: the house's seals in its place", "org", org, "error", err)
	}
	return r
}

// missed looks for a key that an envelope names and this process has not heard of.
func (s *store) missed(k *Keyring, id uint32) *ring {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := k.now.Load()
	// An envelope of noise must not ask the database each time.
	if r.keys[id] != nil || time.Since(s.asked[id]) < refresh {
		return r
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := s.loadLocked(ctx, k)
	if err != nil {
		s.Log.Warn("read data keys", "error", err)
	}
	if r.keys[id] == nil {
		if s.asked == nil || len(s.asked) > 1000 {
			s.asked = map[uint32]time.Time{}
		}
		s.asked[id] = time.Now()
	}
	return r
}

// follow reads the keys again when somebody changed them, and now and then for a
// notification that was lost.
func (s *store) follow(ctx context.Context, k *Keyring) {
	news := make(chan struct{}, 1)
	go s.DB.Listen(ctx, channel, func(string) {
		select {
		case news <- struct{}{}:
		default:
		}
	})
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-tick.C:
			if same, err := s.unchanged(ctx, k); err == nil && same {
				continue
			}
		}
		if _, err := s.load(ctx, k); err != nil && ctx.Err() == nil {
			s.Log.Warn("read data keys", "error", err)
		}
	}
}

// unchanged compares the active keys in the database with those in force, by the pool.
func (s *store) unchanged(ctx context.Context, k *Keyring) (bool, error) {
	rows, err := s.DB.Pool.Query(ctx, `SELECT org, id FROM keys.data_keys WHERE purpose = 'data' AND state = 'active'`)
	if err != nil {
		return false, err
	}
	there := map[string]uint32{}
	var org string
	var id uint32
	if _, err := pgx.ForEachRow(rows, []any{&org, &id}, func() error { there[org] = id; return nil }); err != nil {
		return false, err
	}
	r := k.now.Load()
	here := map[string]uint32{}
	for org, key := range r.active {
		here[org] = key.id
	}
	return maps.Equal(here, there), nil
}

// replace makes new data keys for every organisation that has one; the old ones go on
// opening and seal no more. It runs in the transaction of ctx.
func (s *store) replace(ctx context.Context) error {
	tx, ok := postgres.Tx(ctx)
	if !ok {
		return errors.New("replace data keys: outside a transaction")
	}
	rows, err := tx.Query(ctx, `UPDATE keys.data_keys SET state = 'retiring' WHERE purpose = 'data' AND state = 'active' RETURNING org`)
	if err != nil {
		return fmt.Errorf("replace data keys: %w", err)
	}
	orgs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("replace data keys: %w", err)
	}
	secrets := make([][]byte, len(orgs))
	for i := range secrets {
		secrets[i] = random()
	}
	return s.add(ctx, tx, purposeData, s.Algorithm, orgs, secrets)
}

// rewrap wraps every key, old ones too, under the first provider's newest key. After it
// nothing needs the former key service or the former line of the key file.
func (s *store) rewrap(ctx context.Context) (int, error) {
	tx, ok := postgres.Tx(ctx)
	if !ok {
		return 0, errors.New("rewrap data keys: outside a transaction")
	}
	found, err := rowsOf(ctx, tx, `ORDER BY id FOR UPDATE`)
	if err != nil {
		return 0, err
	}
	wrapped := make([]Wrapped, len(found))
	for i, f := range found {
		wrapped[i] = f.wrapped()
	}
	// Unwrapped anew and not taken from memory: this is also the proof that they open.
	secrets, err := s.KEKs.Unwrap(ctx, wrapped)
	if err != nil {
		return 0, err
	}
	plain := make([]Plain, len(found))
	for i, f := range found {
		plain[i] = Plain{secrets[i], bound(f.Purpose, f.Org)}
	}
	again, err := s.KEKs.Wrap(ctx, plain)
	if err != nil {
		return 0, err
	}
	b := &pgx.Batch{}
	for i, f := range found {
		b.Queue(`UPDATE keys.data_keys SET wrapped = $2, kek = $3 WHERE id = $1`, f.ID, again[i].Bytes, again[i].Key)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("write data keys: %w", err)
	}
	return len(found), nil
}
