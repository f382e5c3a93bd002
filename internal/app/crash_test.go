package app_test

import (
	"context"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"onedoor/internal/identity"
)

// TestCrash kills what can be killed under load. The parts share one data folder: what
// one of them lost, the next would find missing.
func TestCrash(t *testing.T) {
	t.Parallel()
	p := newCityProcess(t, "--no-rate-limit")
	p.start()
	c := newCrowd(t, p)
	t.Run("the server killed", func(t *testing.T) { serverKilled(t, c) })
	t.Run("the database killed", func(t *testing.T) { databaseAway(t, c, syscall.SIGKILL) })
	t.Run("the database restarted", func(t *testing.T) { databaseAway(t, c, syscall.SIGINT) })
	t.Run("a second start", func(t *testing.T) { secondStart(t, c) })
}

func serverKilled(t *testing.T, c *crowd) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var half draft
	c.founder.must(t, "POST", "/api/drafts", map[string]string{"item_id": c.item.ID}, &half)
	var load sync.WaitGroup
	for _, who := range c.applicants {
		load.Go(func() { c.apply(ctx, who, false) })
	}
	load.Go(func() { c.found(ctx) })
	load.Go(func() { c.cutUpload(ctx, half.ID) })
	// Right after a decision its papers, its licence and its events are on their way.
	c.await("enough load", 60*time.Second, func() bool { return c.acked.Load() >= 200 && c.decided.Load() >= 3 })
	now := c.decided.Load()
	c.await("one more decision", 60*time.Second, func() bool { return c.decided.Load() > now })
	c.kill()
	cancel()
	load.Wait()

	restarted := time.Now()
	c.start()
	if n := one[int](t, c.database(t), `SELECT count(*) FROM intake.uploads WHERE draft_id = $1`, half.ID); n != 0 {
		t.Errorf("%d uploads of a file that was cut off", n)
	}
	c.settle(t)
	late := one[int](t, c.database(t), `SELECT count(*) FROM river.river_job WHERE kind LIKE 'intake\_%' AND created_at < $1 AND finalized_at > $1`, restarted)
	if late == 0 {
		t.Error("no job was left for after the crash: the test did not test it")
	}
}

// databaseAway ends the postmaster under load; the server brings it back.
func databaseAway(t *testing.T, c *crowd, how syscall.Signal) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var load sync.WaitGroup
	for _, who := range c.applicants {
		load.Go(func() { c.apply(ctx, who, true) })
	}
	visitor := newCaller(c.base)
	for _, read := range []struct {
		who  *caller
		path string
	}{
		{c.founder, "/api/cases"},
		{c.clerk, "/api/desk/cases"},
		{visitor, "/api/items?q=%E5%87%BA%E7%94%9F"},
		{visitor, "/search?q=%E5%87%BA%E7%94%9F"},
	} {
		load.Go(func() {
			for ctx.Err() == nil {
				a := read.who.send(ctx, "GET", read.path, nil)
				if ctx.Err() == nil {
					c.judge(read.path, a)
				}
				breathe(ctx)
			}
		})
	}
	load.Go(func() {
		for ctx.Err() == nil {
			who := newCaller(c.base)
			a := who.send(ctx, "POST", "/api/session", map[string]string{"login": citizenLogin, "password": identity.DemoPassword})
			if ctx.Err() == nil {
				c.judge("sign-in", a)
			}
			who.http.CloseIdleConnections()
			breathe(ctx)
		}
	})
	more := func() {
		t.Helper()
		now := c.acked.Load()
		c.await("more cases", 30*time.Second, func() bool { return c.acked.Load() >= now+50 })
	}
	more()
	refused := c.refused.Load()
	pid, _ := c.postmaster()
	if err := syscall.Kill(pid, how); err != nil {
		t.Fatal(err)
	}
	c.await("readiness says that the database is away", 30*time.Second, func() bool {
		return c.status(c.admin+"/readyz") == http.StatusServiceUnavailable
	})
	c.await("readiness says that it is back", 60*time.Second, func() bool { return c.status(c.admin+"/readyz") == http.StatusOK })
	if c.status(c.admin+"/healthz") != http.StatusOK {
		t.Error("the process itself was well all the time")
	}
	more()
	cancel()
	load.Wait()
	if c.refused.Load() == refused {
		t.Error("nobody noticed that the database was away: the test did not test it")
	}
	if now, _ := c.postmaster(); now == pid {
		t.Error("it is still the same postmaster")
	}
	c.settle(t)
}

func secondStart(t *testing.T, c *crowd) {
	count := func() int { return one[int](t, c.database(t), `SELECT count(*) FROM intake.cases`) }
	before := count()
	c.stop()
	took := c.start()
	t.Logf("second start: %v", took)
	// Three seconds is what `make run` promises on a machine that does nothing else.
	if took > 15*time.Second {
		t.Errorf("the second start took %v", took)
	}
	if after := count(); after != before {
		t.Errorf("%d cases before, %d after", before, after)
	}
	// The sessions are kept too.
	c.founder.must(t, "GET", "/api/cases", nil, nil)
}
