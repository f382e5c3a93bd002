package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"onedoor/data"
	"onedoor/internal/audit"
	"onedoor/internal/audit/ledger"
	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/form"
	"onedoor/internal/identity"
	"onedoor/internal/intake"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/keys"
	"onedoor/internal/licence"
	"onedoor/internal/notify"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/outbound"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/sm"
	"onedoor/internal/seal"
	"onedoor/internal/site"
	"onedoor/web"
)

// MigrationSets are all schemas, platform first.
func MigrationSets() []postgres.MigrationSet {
	return []postgres.MigrationSet{
		jobs.Migrations(),
		{Module: "events", FS: events.Migrations},
		{Module: "keys", FS: sm.Migrations},
		{Module: "audit", FS: audit.Migrations},
		{Module: "notify", FS: notify.Migrations},
		{Module: "directory", FS: directory.Migrations},
		{Module: "identity", FS: identity.Migrations},
		{Module: "catalog", FS: catalog.Migrations},
		{Module: "form", FS: form.Migrations},
		{Module: "seal", FS: seal.Migrations},
		{Module: "licence", FS: licence.Migrations},
		{Module: "intake", FS: intake.Migrations},
	}
}

// parts is what the modules are made of. db is without a pool when only the
// interface is to be described.
type parts struct {
	cfg     config.Config
	allow   []netip.Prefix // private networks that may be called, see platform/outbound
	log     *slog.Logger
	clock   clock.Clock
	db      *postgres.DB
	keys    *sm.Keyring
	blobs   *blob.Store
	observe func(op, method string, status int, took time.Duration)
}

// modules are all modules of one process, ready to serve.
type modules struct {
	api       *httpapi.Server
	bus       *events.Bus
	jobs      *jobs.Jobs
	rotator   *sm.Rotator
	audit     *audit.Service
	directory *directory.Service
	keys      *keys.Service
	identity  *identity.Service
	catalog   *catalog.Service
	form      *form.Service
	seal      *seal.Service
	licence   *licence.Service
	intake    *intake.Service
}

// Fonts of what the product draws.
const (
	sansFont = "fonts/wqy-microhei.ttf"
	kaiFont  = "fonts/onedoor-kai.ttf"
)

// wire makes the modules from the lowest level up and registers their operations.
func wire(p parts) (*modules, error) {
	calendar, err := loadCalendar()
	if err != nil {
		return nil, err
	}
	sans, err := fs.ReadFile(data.FS, sansFont)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	kai, err := fs.ReadFile(data.FS, kaiFont)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	m := &modules{bus: events.NewBus(p.db, p.log, p.clock), jobs: jobs.New(p.db, p.log, p.clock)}
	m.bus.RetryWith(m.jobs)

	files := sm.NewFiles(p.db, p.keys, p.blobs)
	m.rotator = sm.NewRotator(p.db, p.keys, files, m.jobs, p.log, SealedColumns())

	stamps, err := stamping(p)
	if err != nil {
		return nil, err
	}
	m.audit = audit.New(audit.Deps{DB: p.db, Clock: p.clock, Log: p.log, Keys: p.keys, Jobs: m.jobs, Stamps: stamps})
	for _, names := range []map[string]string{audit.ActionNames, identity.ActionNames, catalog.ActionNames, licence.ActionNames, intake.ActionNames, keys.ActionNames} {
		m.audit.Names(names)
	}
	notices := notify.New(notify.Deps{DB: p.db, Bus: m.bus, Clock: p.clock, Log: p.log})
	m.directory = directory.New(directory.Deps{DB: p.db, Clock: p.clock, Log: p.log, Data: data.FS})
	m.keys = keys.New(keys.Deps{DB: p.db, Rotator: m.rotator, Orgs: m.directory, Audit: m.audit})
	m.identity = identity.New(identity.Deps{DB: p.db, Clock: p.clock, Log: p.log, Keys: p.keys, Officials: m.directory, Audit: m.audit})
	m.catalog = catalog.New(catalog.Deps{DB: p.db, Clock: p.clock, Log: p.log, Directory: m.directory, Audit: itemEvidence{m.audit}, Data: data.FS})
	m.form = form.New(form.Deps{DB: p.db, Log: p.log, Data: data.FS})
	m.seal = seal.New(seal.Deps{DB: p.db, Clock: p.clock, Log: p.log, Keys: p.keys, Font: sans, Name: p.cfg.City})
	m.licence, err = licence.New(licence.Deps{
		DB: p.db, Bus: m.bus, Clock: p.clock, Log: p.log, Items: m.catalog, Orgs: m.directory, Seals: m.seal, Audit: m.audit, Holders: m.identity, Notices: notices,
		Keys: p.keys, Files: files, Faces: licence.Faces{Kai: kai, Sans: sans}, PublicURL: p.cfg.Public(), City: p.cfg.City,
	})
	if err != nil {
		return nil, fmt.Errorf("licence: %w", err)
	}
	papers, err := intake.NewPaperMaker(sealer{m.directory, m.seal}, "OnedoorSans", sans)
	if err != nil {
		return nil, fmt.Errorf("papers: %w", err)
	}
	m.intake = intake.New(intake.Deps{
		DB: p.db, Bus: m.bus, Jobs: m.jobs, Clock: p.clock, Log: p.log, Calendar: calendar, Keys: p.keys, Blobs: files,
		Region: p.cfg.Region, Items: items{m.catalog}, Forms: forms{m.form}, Applicants: applicants{m.identity},
		Audit: m.audit, Notices: notices, Licences: licences{m.licence}, Papers: papers,
	})
	pages := site.New(site.Deps{
		Catalog: m.catalog, Directory: m.directory, Licences: m.licence, Clock: p.clock, Log: p.log,
		City: p.cfg.City, Region: p.cfg.Region, PublicURL: p.cfg.PublicURL,
	})

	proxies, err := p.cfg.TrustedProxies()
	if err != nil {
		return nil, err
	}
	m.api = httpapi.New(httpapi.Options{
		Log: p.log, Clock: p.clock, Sessions: m.identity, PublicURL: p.cfg.Public(), TrustedProxies: proxies,
		NoRateLimit: p.cfg.NoRateLimit, Translate: postgres.Fault, Observe: p.observe,
	})
	for _, r := range []interface{ Routes(*httpapi.Server) }{
		m.audit, notices, m.directory, m.identity, m.keys, m.catalog, m.form, m.seal, m.licence, m.intake, pages,
	} {
		r.Routes(m.api)
	}
	return m, serveWeb(m.api.Mux())
}

// stamping is the time-stamping authority of the settings.
func stamping(p parts) (audit.Stamping, error) {
	st := audit.Stamping{URL: p.cfg.TSAURL, Client: outbound.New(outbound.Options{Allow: p.allow})}
	if p.cfg.TSARoots == "" {
		return st, nil
	}
	raw, err := os.ReadFile(p.cfg.TSARoots)
	if err != nil {
		return st, fmt.Errorf("roots of the time-stamping authority: %w", err)
	}
	st.Roots, err = ledger.ParseStampTrust(raw)
	return st, err
}

func loadCalendar() (*workday.Calendar, error) {
	f, err := data.FS.Open(data.Holidays)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	defer f.Close()
	c, err := workday.Load(f)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return c, nil
}

// start begins what runs by itself. The order matters: subscribers and workers
// were registered by wire.
func (m *modules) start(ctx context.Context) error {
	m.audit.Start(ctx)
	m.directory.Start(ctx)
	m.identity.Start(ctx)
	m.catalog.Start(ctx)
	if err := m.bus.Start(ctx); err != nil {
		return fmt.Errorf("start events: %w", err)
	}
	if err := m.jobs.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// stop ends jobs before events: a job may still publish.
func (m *modules) stop(ctx context.Context) error {
	err := m.jobs.Stop(ctx)
	m.bus.Stop()
	return err
}

// Describe writes the interface description without a database.
func Describe() ([]byte, error) {
	m, err := wire(parts{
		cfg: config.Config{Region: "421300000000", City: "随州市"}, log: slog.New(slog.DiscardHandler), clock: clock.System{},
		db: &postgres.DB{},
	})
	if err != nil {
		return nil, err
	}
	return m.api.OpenAPI()
}

// serveWeb adds the built tools: hashed files under /assets/, and the two shells
// for every address that the browser's router knows.
func serveWeb(mux *http.ServeMux) error {
	dist, err := fs.Sub(web.Dist, "dist")
	if err != nil {
		return fmt.Errorf("web pages: %w", err)
	}
	files, err := httpapi.Assets(dist, false)
	if err != nil {
		return fmt.Errorf("web pages: %w", err)
	}
	hashed, err := httpapi.Assets(dist, true)
	if err != nil {
		return errors.Join(errors.New("web pages"), err)
	}
	mux.Handle("GET /assets/", hashed)
	shell := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			r2 := r.Clone(r.Context())
			r2.URL.Path = "/" + name
			files.ServeHTTP(w, r2)
		}
	}
	for _, path := range []string{"/sign-in", "/register", "/my", "/my/{rest...}", "/apply/{rest...}"} {
		mux.Handle("GET "+path, shell("portal.html"))
	}
	for _, path := range []string{"/desk", "/desk/{rest...}"} {
		mux.Handle("GET "+path, shell("desk.html"))
	}
	mux.Handle("GET /ofd-viewer.html", files)
	return nil
}
