package identity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// errCredentials is the one answer to every failed sign-in.
var errCredentials = fault.New(fault.Unauthenticated, "session.bad-credentials", "账号或密码不正确，请核对后重试。")

// freeAttempts may fail before the back-off begins: one minute, doubling with
// each further failure up to maxLock.
const (
	freeAttempts = 5
	maxLock      = 15 * time.Minute
	// An attempt is forgotten after a day, and so is its count.
	attemptAge = 24 * time.Hour
)

// SignIn checks the password of login (ID number, phone or staff number) and
// opens a session. The token is given once and kept nowhere.
func (s *Service) SignIn(ctx context.Context, login, password string) (Session, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if login == "" || len(login) > 64 || len(password) > 4*maxPassword {
		return Session{}, errCredentials
	}
	unlock, err := s.attempt(ctx, login)
	if err != nil {
		return Session{}, err
	}
	account, err := s.accountByLogin(ctx, login)
	if err != nil {
		return Session{}, err
	}
	hash := ""
	if account != nil {
		hash = account.PasswordHash
	}
	ok, err := s.hasher.verify(ctx, hash, password)
	if err != nil {
		s.takeBack(ctx, login)
		return Session{}, err
	}
	if !ok || !account.Active {
		return Session{}, errCredentials
	}
	var session Session
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := unlock(ctx); err != nil {
			return err
		}
		session, err = s.open(ctx, account)
		if err != nil {
			return err
		}
		who := *session.Actor
		who.Address = actor.From(ctx).Address
		return s.Audit.Record(actor.With(ctx, &who), audit.Entry{Action: "identity.sign-in", ObjectKind: "account", ObjectID: account.ID})
	})
	return session, err
}

// attempt counts a try before it is made, so that a thousand at once count as a
// thousand; unlock takes the count back after a success. The count is by what
// was typed, in a form that cannot be read.
func (s *Service) attempt(ctx context.Context, login string) (unlock func(context.Context) error, err error) {
	now := s.Clock.Now()
	key := s.Keys.Blind(login, attemptContext)
	// 2^n minutes after the n-th failure beyond the free ones. A locked row is not
	// touched: asking again and again does not prolong the lock.
	tag, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO identity.attempts AS a (login_blind, failures, updated_at) VALUES ($1, 1, $2)
		ON CONFLICT (login_blind) DO UPDATE SET updated_at = $2,
			failures = CASE WHEN a.updated_at < $5 THEN 1 ELSE a.failures + 1 END,
			locked_until = CASE WHEN a.updated_at >= $5 AND a.failures + 1 >= $3
				THEN $2::timestamptz + least(60 * power(2, least(a.failures + 1 - $3, 20)), $4::float8) * interval '1 second' END
		WHERE a.locked_until IS NULL OR a.locked_until <= $2`,
		key, now, freeAttempts, maxLock.Seconds(), now.Add(-attemptAge))
	if err != nil {
		return nil, fmt.Errorf("count sign-in attempt: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil, s.locked(ctx, key, now)
	}
	return func(ctx context.Context) error {
		if _, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM identity.attempts WHERE login_blind = $1`, key); err != nil {
			return fmt.Errorf("forget sign-in attempts: %w", err)
		}
		return nil
	}, nil
}

// takeBack uncounts a try that was never checked because the machine was busy.
func (s *Service) takeBack(ctx context.Context, login string) {
	_, err := s.DB.Q(ctx).Exec(context.WithoutCancel(ctx), `UPDATE identity.attempts SET failures = greatest(failures - 1, 0), locked_until = NULL
		WHERE login_blind = $1`, s.Keys.Blind(login, attemptContext))
	if err != nil {
		s.Log.Warn("take back sign-in attempt", "error", err)
	}
}

func (s *Service) locked(ctx context.Context, key []byte, now time.Time) error {
	var until time.Time
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT locked_until FROM identity.attempts WHERE login_blind = $1 AND locked_until IS NOT NULL`, key).Scan(&until)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read lock: %w", err)
	}
	minutes := max(1, int(math.Ceil(until.Sub(now).Minutes())))
	return fault.New(fault.TooMany, "session.locked", fmt.Sprintf("密码错误次数过多，请 %d 分钟后再试。", minutes))
}

// Sweep removes sessions and attempts that are over.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock.Now()
	if _, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM identity.sessions WHERE expires_at <= $1`, now); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	if _, err := s.DB.Q(ctx).Exec(ctx, `DELETE FROM identity.attempts WHERE updated_at < $1`, now.Add(-attemptAge)); err != nil {
		return fmt.Errorf("sweep attempts: %w", err)
	}
	return nil
}
