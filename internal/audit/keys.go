package audit

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit/ledger"
	"onedoor/internal/platform/postgres"
)

type keyCache struct {
	mu      sync.Mutex
	signers *ledger.Signers
	public  ledger.Keys
}

// PublicKeys are what checkpoints are checked with.
func (s *Service) PublicKeys(ctx context.Context) (ledger.Keys, error) {
	_, keys, err := s.signing(ctx)
	return keys, err
}

// signing are the log's keys, made at first use. Of two processes that start together
// one wins, and both use its keys.
func (s *Service) signing(ctx context.Context) (*ledger.Signers, ledger.Keys, error) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if s.keys.signers != nil {
		return s.keys.signers, s.keys.public, nil
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		q := s.DB.Q(ctx)
		if _, err := q.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, keyLock); err != nil {
			return fmt.Errorf("lock the log's keys: %w", err)
		}
		ed, sm, public, err := s.storedKeys(ctx)
		if err != nil {
			return err
		}
		if ed == "" {
			if public, ed, sm, err = ledger.NewKeys(); err != nil {
				return err
			}
			const insert = `INSERT INTO audit.log_keys (name, secret, public, made_at) VALUES ($1, $2, $3, $4)`
			b := &pgx.Batch{}
			b.Queue(insert, "ed25519", s.Keys.Seal([]byte(ed), keyContext), public.Ed25519, s.Clock.Now())
			b.Queue(insert, "sm2", s.Keys.Seal([]byte(sm), keyContext), public.SM2, s.Clock.Now())
			if err := s.DB.Send(ctx, b); err != nil {
				return fmt.Errorf("keep the log's keys: %w", err)
			}
		}
		signers, err := ledger.OpenSigners(ed, sm)
		if err != nil {
			return err
		}
		s.keys.signers, s.keys.public = &signers, public
		return nil
	})
	return s.keys.signers, s.keys.public, err
}

// Locks of the log, any numbers that nobody else uses.
const (
	keyLock = 0x6175_6469_7401
	seqLock = 0x6175_6469_7402
)

func (s *Service) storedKeys(ctx context.Context) (ed, sm string, public ledger.Keys, err error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT name, secret, public FROM audit.log_keys`)
	if err != nil {
		return "", "", public, postgres.Fault(fmt.Errorf("read the log's keys: %w", err))
	}
	var name, text string
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&name, &sealed, &text}, func() error {
		plain, err := s.Keys.Open(sealed, keyContext)
		if err != nil {
			return fmt.Errorf("the log's %s key: %w", name, err)
		}
		if name == "ed25519" {
			ed, public.Ed25519 = string(plain), text
		} else {
			sm, public.SM2 = string(plain), text
		}
		return nil
	})
	return ed, sm, public, err
}
