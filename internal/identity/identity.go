// Package identity is who people are: accounts, sign-in, sessions, and the
// applicants (申请人) in whose name things are applied for.
//
// The rules it stands for: 国务院令第716号 (在线政务服务) Art 8 and 9, one identity
// for all online services; GB 11643 for citizen numbers and GB 32100 for credit
// codes; 个人信息保护法 Art 51, personal numbers encrypted and shown masked.
//
// Invariants: the database holds no password, no token, no ID number and no phone
// that can be read without the keyring. A failed sign-in says the same and takes
// the same time whatever the reason. A revoked session ends in every process as
// soon as the database says so, and within cacheFor at the latest.
//
// It does not know rights (directory has the table) nor who may act for whom by
// mandate; an enterprise's agent has one enterprise.
package identity

import (
	"context"
	"embed"
	"log/slog"
	"time"

	"onedoor/internal/audit"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema "identity".
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Keyring seals personal data; *sm.Keyring is one.
type Keyring interface {
	Seal(plain []byte, context string) []byte
	Open(sealed []byte, context string) ([]byte, error)
	Blind(value, context string) []byte
}

// Officials tells who works where with which rights; *directory.Service is one.
type Officials interface {
	StaffByID(ctx context.Context, id string) (*directory.Staff, error)
	StaffByCode(ctx context.Context, code string) (*directory.Staff, error)
	PostsOf(ctx context.Context, staffID string) ([]directory.Post, error)
	GrantsOf(ctx context.Context, staffID, postID string) ([]actor.Grant, error)
	OrgsByIDs(ctx context.Context, ids []string) (map[string]directory.Org, error)
}

// Evidence is the log of who did what; *audit.Service is one.
type Evidence interface {
	Record(ctx context.Context, e audit.Entry) error
}

// Deps is what the module needs.
type Deps struct {
	DB        *postgres.DB
	Clock     clock.Clock
	Log       *slog.Logger
	Keys      Keyring
	Officials Officials
	Audit     Evidence
}

// Service signs people in and knows who they are.
type Service struct {
	Deps
	hasher *hasher
	cache  *cache
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, hasher: newHasher(), cache: newCache()} }

// channel carries what ends sessions: the id of an account, or "" for anything.
const channel = "identity"

// Start hears of sessions that end in other processes and sweeps what is over,
// until ctx ends. Without it a revoked session lives on for cacheFor elsewhere.
func (s *Service) Start(ctx context.Context) {
	go s.DB.Listen(ctx, channel, s.cache.drop)
	go func() {
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		for {
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("sweep sessions", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

// contexts of sealed values and blind indexes. Changing one loses the data.
const (
	numberContext  = "identity.number"
	phoneContext   = "identity.phone"
	attemptContext = "identity.attempt"
)

// ActionNames are the Chinese names of the module's entries in the evidence log.
var ActionNames = map[string]string{
	"identity.register": "注册账号", "identity.sign-in": "登录", "identity.sign-out": "退出登录",
	"identity.switch-post": "切换岗位", "identity.change-password": "修改密码",
}
