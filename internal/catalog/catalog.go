// Package catalog is the list of government services (政务服务事项): what one may
// apply for, at which department, under which conditions, with which papers, how
// long it takes by law and by promise.
//
// The rule it stands for: an item is published by the department that the law
// charges with it; a promise is never longer than the law (rule 17 of the item
// checks); what a source says that fits no rule is set aside with the reason and
// is never lost or guessed at.
package catalog

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"

	"onedoor/internal/directory"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema of the module.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Directory is where departments and regions come from; *directory.Service is one.
type Directory interface {
	OrgByCode(ctx context.Context, code string) (*directory.Org, error)
	RegionNames(ctx context.Context, codes []string) (map[string]string, error)
}

// Recorder writes the evidence log (module audit). It may be nil in tests.
type Recorder interface {
	RecordItem(ctx context.Context, action, itemID, ground string, before, after []byte) error
}

// Deps is what the service needs.
type Deps struct {
	DB        *postgres.DB
	Clock     clock.Clock
	Log       *slog.Logger
	Directory Directory
	Audit     Recorder
	// Data holds items/: the shipped sources (data.FS).
	Data fs.FS
}

// Service is the catalogue.
type Service struct {
	Deps
	cache  itemCache
	facets facetCache
	words  wordCache
	index  indexCache
	seedMu sync.Mutex
}

// New makes the service. Start makes it hear of changes by other processes.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d}
}

// channel carries "<item id>" or "*" when items change.
const channel = "catalog_item"

// Start listens for changes by other processes until ctx ends, and fills the search's
// index. It returns at once.
func (s *Service) Start(ctx context.Context) {
	go s.DB.Listen(ctx, channel, s.forget)
	go func() {
		if _, err := s.findIndex(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "the search's index is filled by the first search", "error", err)
		}
	}()
}

// forget drops what is cached of one item, or of all: "*" after an import, ""
// after a lost connection, when anything may have changed unheard.
func (s *Service) forget(id string) {
	if id == "" || id == "*" {
		s.cache.clear()
	} else {
		s.cache.drop(id)
	}
	s.facets.drop()
	s.words.drop() // the names of the regions that have items are among them
	s.index.stale(id)
}

// changed tells this process and all others, once the transaction has committed.
func (s *Service) changed(ctx context.Context, id string) error {
	postgres.AfterCommit(ctx, func() { s.forget(id) })
	return s.DB.Notify(ctx, channel, id)
}

// ErrNotFound is the answer for an unknown item.
var ErrNotFound = fault.New(fault.NotFound, "catalog.item-not-found", "没有找到这个事项，可能已经取消或地址有误，请重新搜索。")

// ErrClosed is the answer for applying for an item that takes no applications.
var ErrClosed = fault.New(fault.Conflict, "catalog.item-closed", "这个事项目前暂停办理，暂时不能申请，请查看办事指南中的说明或电话咨询。")

// Open fails with ErrClosed unless the item takes applications.
func (it *Item) Open() error {
	if it.Status == Published {
		return nil
	}
	return ErrClosed.WithCurrent(map[string]string{"status": string(it.Status), "reason": it.StatusReason})
}

func isNotFound(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Kind == fault.NotFound
}
