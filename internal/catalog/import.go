package catalog

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/postgres"
)

// Manage is the right to import, suspend and publish items.
const Manage actor.Action = "catalog.manage"

// city is whose catalogue this is; imports need the right over all of it.
var city = actor.Place{OrgPath: "/sz/", Region: "421300000000"}

// sources are the dialects that can be read.
var sources = map[string]func(io.Reader, func(draft) error) error{
	"guangdong": readGuangdong,
	"guangan":   readGuangan,
	"complete":  readComplete,
}

// Report is what one import did. Read = Added + Changed + Same + Quarantined.
type Report struct {
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	Read        int       `json:"read"`
	Added       int       `json:"added"`
	Changed     int       `json:"changed"`
	Same        int       `json:"same"`
	Quarantined int       `json:"quarantined"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
}

// Quarantined is a row that fits no rule, with the reason.
type Quarantined struct {
	Source     string    `json:"source"`
	SourceCode string    `json:"source_code"`
	Line       int       `json:"line"`
	Name       string    `json:"name"`
	Reason     string    `json:"reason"`
	Message    string    `json:"message"`
	SeenAt     time.Time `json:"seen_at"`
}

// chunk is how many rows are compared and written at a time.
const chunk = 1000

// Import reads a source's rows into the catalogue, all or none. What a rule does
// not fit is set aside with the reason; a row that has not changed is left alone.
func (s *Service) Import(ctx context.Context, source string, r io.Reader) (Report, error) {
	if err := actor.From(ctx).Require(Manage, city); err != nil {
		return Report{}, err
	}
	read, known := sources[source]
	if !known {
		return Report{}, fault.New(fault.Invalid, "catalog.unknown-source", "不认识这种来源，可用的来源有 guangdong、guangan、complete。")
	}
	rep := Report{ID: postgres.NewID(), Source: source, StartedAt: s.Clock.Now()}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		// Two imports of one source at once would both find a row missing.
		if _, err := s.DB.Q(ctx).Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf(source)); err != nil {
			return fmt.Errorf("lock the source: %w", err)
		}
		im := &importing{s: s, source: source, rep: &rep, orgs: map[string]*directory.Org{}, seen: map[string]bool{}}
		if err := read(r, func(d draft) error { return im.take(ctx, d) }); err != nil {
			return err
		}
		if err := im.flush(ctx); err != nil {
			return err
		}
		rep.FinishedAt = s.Clock.Now()
		return s.finishImport(ctx, rep)
	})
	if err != nil {
		return Report{}, fmt.Errorf("import %s: %w", source, err)
	}
	return rep, nil
}

func lockOf(source string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("catalog.import." + source)) // never fails
	return int64(h.Sum64())                            //nolint:gosec // any number serves as a lock's name
}

func (s *Service) finishImport(ctx context.Context, rep Report) error {
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO catalog.import_run (id, source, read, added, changed, same, quarantined, started_at, finished_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		rep.ID, rep.Source, rep.Read, rep.Added, rep.Changed, rep.Same, rep.Quarantined, rep.StartedAt, rep.FinishedAt)
	if rep.Added+rep.Changed > 0 {
		// Entries still waiting to be merged would be read one by one by every search.
		b.Queue(`SELECT gin_clean_pending_list('catalog.item_tokens')`)
		b.Queue(`ANALYZE catalog.item`) // the planner chooses between list and word index by it
	}
	if err := s.DB.Send(ctx, b); err != nil {
		return fmt.Errorf("record the import: %w", err)
	}
	if rep.Added+rep.Changed == 0 {
		return nil
	}
	return s.changed(ctx, "*")
}

// importing is one import under way.
type importing struct {
	s      *Service
	source string
	rep    *Report
	orgs   map[string]*directory.Org // nil: there is no such department
	names  map[string]string
	seen   map[string]bool
	drafts []draft
}

// take places a row and keeps it for the next flush.
func (im *importing) take(ctx context.Context, d draft) error {
	im.rep.Read++
	if d.code == "" {
		d.code = fmt.Sprintf("line-%d", d.line)
	}
	if im.seen[d.code] {
		d.code = fmt.Sprintf("%s#line-%d", d.code, d.line)
		d.refused = twice
	}
	im.seen[d.code] = true
	if d.refused == nil {
		if err := im.place(ctx, &d); err != nil {
			return err
		}
	}
	im.drafts = append(im.drafts, d)
	if len(im.drafts) < chunk {
		return nil
	}
	return im.flush(ctx)
}

// place gives the row to the first of its departments that exists.
func (im *importing) place(ctx context.Context, d *draft) error {
	for _, code := range d.orgs {
		org, err := im.org(ctx, code)
		if err != nil {
			return err
		}
		if org == nil {
			continue
		}
		name, err := im.regionName(ctx, org.Region)
		if err != nil {
			return err
		}
		if d.complete != nil {
			d.complete(d.item, org)
		}
		d.finish(im.source, org, name)
		return nil
	}
	d.refused = noDepartment
	return nil
}

func (im *importing) org(ctx context.Context, code string) (*directory.Org, error) {
	if org, known := im.orgs[code]; known {
		return org, nil
	}
	org, err := im.s.Directory.OrgByCode(ctx, code)
	switch {
	case isNotFound(err):
		im.orgs[code] = nil
	case err != nil:
		return nil, fmt.Errorf("department %s: %w", code, err)
	default:
		im.orgs[code] = org
	}
	return im.orgs[code], nil
}

func (im *importing) regionName(ctx context.Context, region string) (string, error) {
	if name, known := im.names[region]; known {
		return name, nil
	}
	found, err := im.s.Directory.RegionNames(ctx, []string{region})
	if err != nil {
		return "", fmt.Errorf("region %s: %w", region, err)
	}
	if im.names == nil {
		im.names = map[string]string{}
	}
	im.names[region] = found[region]
	return found[region], nil
}

// ImportReport lists the rows set aside, of one source or of all (""), in the
// order of their files.
func (s *Service) ImportReport(ctx context.Context, source string, p page.Request) (page.Page[Quarantined], error) {
	if err := actor.From(ctx).Require(Manage, city); err != nil {
		return page.Page[Quarantined]{}, err
	}
	type position struct{ Source, Code string }
	var after position
	if _, err := p.Decode(&after); err != nil {
		return page.Page[Quarantined]{}, err
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `
		SELECT source, source_code, line, name, reason, message, seen_at FROM catalog.quarantine
		WHERE ($1 = '' OR source = $1) AND (source, source_code) > ($2, $3)
		ORDER BY source, source_code LIMIT $4`, source, after.Source, after.Code, p.Limit()+1)
	if err != nil {
		return page.Page[Quarantined]{}, postgres.Fault(fmt.Errorf("list quarantine: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Quarantined])
	if err != nil {
		return page.Page[Quarantined]{}, postgres.Fault(fmt.Errorf("list quarantine: %w", err))
	}
	return page.Cut(list, p.Limit(), func(q Quarantined) any { return position{q.Source, q.SourceCode} }), nil
}

// ReasonCount is how many rows of a source were set aside for one reason.
type ReasonCount struct {
	Source  string `json:"source"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Rows    int    `json:"rows"`
}

// ImportReasons sums the rows set aside up by reason.
func (s *Service) ImportReasons(ctx context.Context) ([]ReasonCount, error) {
	if err := actor.From(ctx).Require(Manage, city); err != nil {
		return nil, err
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `
		SELECT source, reason, max(message) AS message, count(*)::int AS rows FROM catalog.quarantine
		GROUP BY source, reason ORDER BY source, rows DESC, reason`)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("sum quarantine up: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ReasonCount])
	return list, postgres.Fault(err)
}

// ImportRuns are the last fifty imports, the latest first.
func (s *Service) ImportRuns(ctx context.Context) ([]Report, error) {
	if err := actor.From(ctx).Require(Manage, city); err != nil {
		return nil, err
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `
		SELECT id, source, read, added, changed, same, quarantined, started_at, finished_at
		FROM catalog.import_run ORDER BY finished_at DESC, id DESC LIMIT 50`)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list imports: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Report])
	return list, postgres.Fault(err)
}
