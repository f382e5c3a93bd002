// Package intake is the case (办件): from a person's application to the decision
// and its papers, within the clock of 行政许可法.
//
// The rules it stands for:
//   - Art 32: an application is accepted, declined or answered with ONE notice that
//     names everything missing, within five working days; silence is acceptance from
//     the day the material came in. Acceptance and refusal leave a sealed, dated paper.
//   - Art 42, 82: the decision falls within the statutory working days, counted from
//     acceptance, extended once at most; Art 45 names the procedures that do not count.
//   - Art 38: a refusal gives its reasons and says where to appeal; Art 44: what was
//     granted is delivered within ten days.
//
// Invariants:
//   - A case exists or it does not: number, application, material, evidence and event
//     are written by one batch in one transaction. A repeated submit finds the same case.
//   - Every transition is conditional on the version that its author read: exactly one
//     of two officers wins, and the other learns who did.
//   - A case number is the primary key and the distribution key, and is never given twice.
//
// It does not: decide who may have which right (directory), know what an item demands
// (catalog, form), make the licence (licence) or send messages (notify).
package intake

import (
	"context"
	"embed"
	"log/slog"
	"sync"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
)

// Migrations is the schema of the module.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Deps is what the service needs.
type Deps struct {
	DB       *postgres.DB
	Bus      *events.Bus
	Jobs     *jobs.Jobs
	Clock    clock.Clock
	Log      *slog.Logger
	Calendar *workday.Calendar
	Keys     Keyring
	Blobs    Files
	// Region is the 12-digit code of the place this house serves; items of other
	// places are not taken here.
	Region string

	Items      Items
	Forms      Forms
	Applicants Applicants
	Audit      Audit
	Notices    Notices
	Licences   Licences
	Papers     Papers
}

// Service is the case module.
type Service struct {
	Deps
	numbers    *numbers
	applicants *applicantCache
	views      sync.Map // case and officer → hour of the last view, to spare the database
}

// New makes the service; it subscribes to its own events and registers its jobs, so it
// must be called before the bus and the jobs start.
func New(d Deps) *Service {
	s := &Service{
		Deps:       d,
		numbers:    newNumbers(leaseFrom(d.DB)),
		applicants: &applicantCache{source: d.Applicants, clock: d.Clock},
	}
	s.subscribe()
	s.registerJobs()
	return s
}

func (s *Service) now() time.Time { return s.Clock.Now() }

// applicant answers from memory for a short while: a submit must not pay a round trip
// for a name.
func (s *Service) applicant(ctx context.Context, id string) (Applicant, error) {
	return s.applicants.get(ctx, id)
}

// ActionNames are the Chinese names of the module's entries in the evidence log.
var ActionNames = map[string]string{
	"intake.submit": "提交申请", "intake.check-material": "核对材料", "intake.accept": "受理",
	"intake.accept-by-silence": "逾期视为受理", "intake.request-supplement": "告知补正", "intake.supplement": "提交补正材料",
	"intake.decline": "不予受理", "intake.review": "审查", "intake.suspend": "进入特别程序", "intake.resume": "特别程序结束",
	"intake.extend": "延长办理期限", "intake.grant": "准予许可", "intake.refuse": "不予许可", "intake.make": "制作证件",
	"intake.deliver": "送达", "intake.close": "办结", "intake.withdraw": "撤回申请", "intake.read-form": "查看申请表", "intake.view": "查看办件", "intake.unmask": "查看完整个人信息",
}
