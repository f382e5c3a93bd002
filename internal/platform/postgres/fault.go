package postgres

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"onedoor/internal/kernel/fault"
)

// ErrUnavailable is what a caller gets while the server is away; nothing that
// was not acknowledged should be relied on, and the same request may be repeated.
var ErrUnavailable = fault.New(fault.Unavailable, "database.unavailable",
	"系统繁忙或正在恢复，这次操作没有完成，请稍后重试。")

// errOutcomeUnknown: the connection broke while a commit was under way. Only the
// server knows; the Idempotency-Key makes repeating safe.
var errOutcomeUnknown = fault.New(fault.Unavailable, "database.unavailable",
	"提交时系统中断，暂时无法确认是否成功，请稍后刷新查看；如未成功，请重试。")

// Fault turns "the database is away" (connection lost, server stopping or
// starting, no connection or memory or disk left, deadline passed, deadlock) into
// ErrUnavailable with its cause. Faults and all other errors pass unchanged.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Fault
	if errors.As(err, &f) || !unavailable(err) {
		return err
	}
	return ErrUnavailable.Because(err)
}

// faultOfCommit is Fault for the one statement whose loss leaves the outcome open.
func faultOfCommit(err error) error {
	var (
		l  *lostError
		pg *pgconn.PgError
	)
	cut := errors.As(err, &l) || errors.As(err, &pg) && (pg.Code == "57P01" || pg.Code == "57P02")
	if cut && !pgconn.SafeToRetry(err) {
		return errOutcomeUnknown.Because(err)
	}
	return Fault(err)
}

func unavailable(err error) bool {
	var (
		pg      *pgconn.PgError
		l       *lostError
		connect *pgconn.ConnectError
	)
	switch {
	case errors.As(err, &pg):
		return unavailableState(pg.Code)
	case errors.As(err, &l), errors.As(err, &connect), errors.Is(err, pgconn.ErrConnClosed):
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return true
	case errors.Is(err, context.Canceled):
		return false // the caller went away: nobody reads the answer
	case pgconn.Timeout(err):
		return true
	}
	return strings.HasSuffix(err.Error(), "closed pool") // puddle's error, when shutting down
}

// unavailableState lists the SQLSTATEs after which the same request may succeed.
func unavailableState(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", // admin shutdown, crash shutdown, cannot connect now
		"57014",          // cancelled by statement_timeout or our deadline
		"25P03", "25006", // idle transaction ended; server became read-only (failover)
		"40001", "40P01", // serialization failure, deadlock
		"55P03": // lock_timeout
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53")
}

// lostError is a failure of the connection itself.
type lostError struct{ err error }

func lost(err error) error {
	if err == nil {
		return nil
	}
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		return err // pgx cancels queries by deadlines on the wire and needs to see them
	}
	return &lostError{err}
}

func (e *lostError) Error() string { return "database connection: " + e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }
