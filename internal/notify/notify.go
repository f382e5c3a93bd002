// Package notify is what the platform tells a person: messages in the personal
// space (站内消息), unread until they are opened.
//
// The rule it stands for: whoever must act or wait is told at once and told once.
// 行政许可法 Art 32(4) lets silence count as acceptance and Art 44 gives days for
// delivery; a message is how the applicant learns, and the paper in the case is
// what counts.
//
// Invariants: a message is written in the transaction of what it tells of; the
// same DedupKey reaches an account once; only the account reads it.
//
// It does not know who should be told what: the module that acts says so. Text
// messages and mail are channels that do not exist yet.
package notify

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"strings"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "notify".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Deps is what the module needs.
type Deps struct {
	DB    *postgres.DB
	Bus   *events.Bus // for its live hub
	Clock clock.Clock
	Log   *slog.Logger
}

// Service sends and lists messages.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// Message is what one account is told.
type Message struct {
	AccountID string
	Kind      string // what it is about: "case", "licence"; the page picks an icon by it
	Title     string // one line: "您的申请已受理"
	Body      string // plain text; no ID numbers and no phones, since screens are seen by others
	Link      string // page of ours to go to, "/my/cases/…"; "" for none
	DedupKey  string // "intake.accepted:4213…"; "" sends every time
}

// Topic is the live topic of an account's messages.
func Topic(accountID string) string { return "notice:" + accountID }

// Send writes the message in the transaction of ctx. A message that was sent
// before under its DedupKey is left as it is.
func (s *Service) Send(ctx context.Context, m Message) error {
	if m.Link != "" && (!strings.HasPrefix(m.Link, "/") || strings.HasPrefix(m.Link, "//")) {
		return fmt.Errorf("notice %s: the link must be a path of ours", m.DedupKey)
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO notify.notices
			(id, account_id, kind, title, body, link, dedup_key, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (account_id, dedup_key) WHERE dedup_key <> '' DO NOTHING`,
		postgres.NewID(), m.AccountID, m.Kind, m.Title, m.Body, m.Link, m.DedupKey, s.Clock.Now())
	if err != nil {
		return postgres.Fault(fmt.Errorf("send notice %s: %w", m.DedupKey, err))
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return s.Bus.Live().Publish(ctx, Topic(m.AccountID), "new")
}
