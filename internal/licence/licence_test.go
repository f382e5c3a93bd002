package licence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/personal"
	"onedoor/internal/licence"
	"onedoor/internal/platform/ofd"
)

func TestIssueMakesASealedLicence(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)

	id, checked, err := idcode.ParseLicenceID(l.Identifier)
	if err != nil || !checked || id.Validate() != nil || id.Serial != l.CaseNo || id.Version != "001" {
		t.Fatalf("identifier %q: %v %v", l.Identifier, checked, err)
	}
	if !strings.HasPrefix(l.Number, "4213002026001") || len(l.Number) != 20 {
		t.Errorf("number %q", l.Number)
	}
	f, err := c.File(holder(t.Context()), l.ID, licence.OFD)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("LICENCE_SAMPLES"); dir != "" {
		_ = os.WriteFile(dir+"/licence.ofd", f.Body, 0o600)
	}
	pkg, err := ofd.Open(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, d := range pkg.Info().Custom {
		keys = append(keys, d.Name)
	}
	want := "ZZMC ZZLXDM ZZBH ZZBS ZZBFJG ZZBFJGDM ZZBFRQ CZZT CZZTDM CZZTDMLX CZZTDMLXDM ZZYXQQSRQ ZZYXQJZRQ CJSJ"
	if got := strings.Join(keys, " "); !strings.HasPrefix(got, want+" KZ_") {
		t.Errorf("metadata %s", got)
	}
	text := strings.Join(pkg.PageText(), "\n")
	for _, line := range []string{"食品经营许可证", l.Number, "随州市好味道餐饮有限公司", "经营场所", "随州市市场监督管理局", "2026年11月22日", l.Identifier} {
		if !strings.Contains(strings.ReplaceAll(text, "\n", ""), line) && !strings.Contains(text, line) {
			t.Errorf("the paper lacks %q", line)
		}
	}
	rep, err := c.Verify(t.Context(), f.Body)
	if err != nil || rep.Verdict != licence.VerdictValid {
		t.Fatalf("%v %+v", err, rep)
	}
	if n := c.count(t, `SELECT count(*) FROM events.outbox WHERE name = 'licence.issued' AND key = $1`, l.ID); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := c.count(t, `SELECT count(*) FROM audit.entries WHERE action = 'licence.issue' AND object_id = $1`, l.Identifier); n != 1 {
		t.Errorf("%d entries of evidence", n)
	}
	if n := c.count(t, `SELECT count(*) FROM licence.licences WHERE position(convert_to($1, 'UTF8') in holder_code) > 0 OR position(convert_to('周志远', 'UTF8') in fields) > 0`, c.request(t, 1).HolderCode); n != 0 {
		t.Error("personal data is in the clear")
	}
}

func TestIssueIsIdempotent(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	const callers = 8
	got := make([]licence.Licence, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			l, err := c.Issue(system(t.Context()), c.request(t, 7))
			if err != nil {
				t.Error(err)
			}
			got[i] = l
		})
	}
	wg.Wait()
	for _, l := range got {
		if l.ID != got[0].ID || l.Identifier != got[0].Identifier || len(l.Fields) != 5 {
			t.Errorf("%+v", l)
		}
	}
	if n := c.count(t, `SELECT count(*) FROM licence.licences`); n != 1 {
		t.Errorf("%d licences", n)
	}
	if n := c.count(t, `SELECT count(*) FROM events.outbox WHERE name = 'licence.issued'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestIssueGoesWithTheCallersTransaction(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	broken := errors.New("the case could not be closed")
	err := c.db.InTx(system(t.Context()), func(ctx context.Context) error {
		if _, err := c.Issue(ctx, c.request(t, 1)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if n := c.count(t, `SELECT count(*) FROM licence.licences`) + c.count(t, `SELECT count(*) FROM events.outbox`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	c.issue(t, 1)
}

func TestIssueRefusesWhatHasNoIdentity(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	for name, spoil := range map[string]func(*licence.IssueRequest){
		"type of no item":   func(r *licence.IssueRequest) { r.Type = "11100000MB0341032Y999" },
		"unknown item":      func(r *licence.IssueRequest) { r.ItemID = otherID },
		"unknown issuer":    func(r *licence.IssueRequest) { r.OrgID = otherID },
		"case no too long":  func(r *licence.IssueRequest) { r.CaseNo = strings.Repeat("1", 33) },
		"case no lowercase": func(r *licence.IssueRequest) { r.CaseNo = "abc" },
	} {
		r := c.request(t, 1)
		spoil(&r)
		if _, err := c.Issue(system(t.Context()), r); err == nil {
			t.Errorf("%s: issued", name)
		}
	}
	if n := c.count(t, `SELECT count(*) FROM licence.licences`); n != 0 {
		t.Errorf("%d licences", n)
	}
}

func TestUnmaskALicence(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	may := func(ctx context.Context, path string) context.Context {
		who := *actor.From(approver(ctx, path))
		who.Grants = append(slices.Clone(who.Grants), actor.Grant{Role: "r", Action: personal.Unmask, OrgPath: path, Region: "421300000000"})
		return actor.With(ctx, &who)
	}
	for name, r := range map[string]struct {
		ctx   context.Context
		words string
		want  fault.Kind
	}{
		"without the right": {approver(t.Context(), "/sz/sz-scjg/"), "核对持证人身份", fault.Forbidden},
		"another agency":    {may(t.Context(), "/sz/sz-wjw/"), "核对持证人身份", fault.NotFound},
		"no words":          {may(t.Context(), "/sz/sz-scjg/"), "", fault.Invalid},
		"an applicant":      {stranger(t.Context()), "核对持证人身份", fault.NotFound},
	} {
		if _, err := c.Unmask(r.ctx, l.ID, "identity", r.words); fault.KindOf(err) != r.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := c.Unmask(may(t.Context(), "/sz/sz-scjg/"), l.ID, "identity", "核对持证人身份")
	if err != nil || got.HolderCode != c.request(t, 1).HolderCode {
		t.Errorf("%+v, %v", got, err)
	}
	if n := c.count(t, `SELECT count(*) FROM audit.entries WHERE action = 'licence.unmask' AND ground = '核对申请人身份：核对持证人身份'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestWhoSeesALicence(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	for name, at := range map[string]struct {
		ctx  context.Context
		sees bool
	}{
		"holder":            {holder(t.Context()), true},
		"another applicant": {stranger(t.Context()), false},
		"nobody":            {t.Context(), false},
		"issuer's approver": {approver(t.Context(), "/sz/sz-scjg/"), true},
		"other department":  {approver(t.Context(), "/sz/sz-wjw/"), false},
	} {
		got, err := c.ByID(at.ctx, l.ID)
		if sees := err == nil; sees != at.sees {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v tells that the licence exists", name, err)
		}
		if at.sees && (got.HolderMasked == "" || strings.Contains(fmt.Sprint(got.HolderMasked), c.request(t, 1).HolderCode)) {
			t.Errorf("%s: masked %q", name, got.HolderMasked)
		}
		if _, err := c.File(at.ctx, l.ID, licence.OFD); (err == nil) != at.sees {
			t.Errorf("%s: file: %v", name, err)
		}
	}
	if n := c.count(t, `SELECT count(*) FROM audit.entries WHERE action = 'licence.view'`); n != 2 {
		t.Errorf("%d looks of officials are evidence, want 2", n)
	}
	if _, err := c.ByID(holder(t.Context()), otherID); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestListsArePaged(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	var ids []string
	for n := range int64(5) {
		ids = append(ids, c.issue(t, n+1).ID)
	}
	var seen []string
	for req := (page.Request{Size: 2}); ; {
		p, err := c.Mine(holder(t.Context()), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Rows {
			seen = append(seen, l.ID)
		}
		if p.Next == "" {
			break
		}
		req.Cursor = p.Next
	}
	if len(seen) != 5 || seen[0] != ids[4] || seen[4] != ids[0] {
		t.Errorf("%v", seen)
	}
	if p, err := c.Mine(stranger(t.Context()), page.Request{}); err != nil || len(p.Rows) != 0 {
		t.Errorf("%v %v", p.Rows, err)
	}
	if _, err := c.Mine(t.Context(), page.Request{}); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
	first := c.issue(t, 1)
	desk := approver(t.Context(), "/sz/sz-scjg/")
	for q, want := range map[string]int{
		"": 5, first.Number: 1, first.Identifier: 1, first.CaseNo: 1, c.request(t, 1).HolderCode: 5, "随州市好味道": 5, "%": 0, "好味道": 0, "张三": 0,
	} {
		p, err := c.Issued(desk, q, page.Request{})
		if err != nil || len(p.Rows) != want {
			t.Errorf("%q: %d rows, want %d (%v)", q, len(p.Rows), want, err)
		}
	}
	if p, err := c.Issued(approver(t.Context(), "/sz/sz-wjw/"), "", page.Request{}); err != nil || len(p.Rows) != 0 {
		t.Errorf("another department sees %d (%v)", len(p.Rows), err)
	}
	if _, err := c.Issued(holder(t.Context()), "", page.Request{}); fault.KindOf(err) != fault.Forbidden {
		t.Error(err)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	const reason = "以欺骗手段取得许可，依照行政许可法第六十九条第二款撤销。"
	for name, try := range map[string]struct {
		ctx    context.Context
		to     licence.Status
		reason string
		kind   fault.Kind
	}{
		"holder":           {holder(t.Context()), "", reason, fault.Forbidden},
		"nobody":           {t.Context(), "", reason, fault.Unauthenticated},
		"other department": {approver(t.Context(), "/sz/sz-wjw/"), "", reason, fault.Forbidden},
		"no reason":        {approver(t.Context(), "/sz/sz-scjg/"), "", "  ", fault.Invalid},
		"back to valid":    {approver(t.Context(), "/sz/sz-scjg/"), licence.Valid, reason, fault.Invalid},
	} {
		if _, err := c.Revoke(try.ctx, l.ID, try.to, try.reason); fault.KindOf(err) != try.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	file, err := c.File(holder(t.Context()), l.ID, licence.OFD)
	if err != nil {
		t.Fatal(err)
	}
	// Two officials at once: one ends it, the other learns of it.
	var won, lost int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := c.Revoke(approver(t.Context(), "/sz/sz-scjg/"), l.ID, licence.Revoked, reason)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if f := fault.Of(err); f.Kind == fault.Conflict && f.Current != nil {
				lost++
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 3 {
		t.Errorf("%d won, %d lost", won, lost)
	}
	rep, err := c.Verify(t.Context(), file.Body)
	if err != nil || rep.Verdict != licence.VerdictRevoked || rep.Licence == nil || rep.Licence.StatusReason != reason {
		t.Errorf("%v %+v", err, rep)
	}
	if n := c.count(t, `SELECT count(*) FROM events.outbox WHERE name = 'licence.revoked'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if len(c.told.sent) != 1 || c.told.sent[0].Title != "您的食品经营许可证已撤销" || !strings.Contains(c.told.sent[0].Body, reason) {
		t.Errorf("the holder was told %+v", c.told.sent)
	}
	if n := c.count(t, `SELECT count(*) FROM audit.entries WHERE action = 'licence.revoke' AND ground = $1 AND actor_name = '赵建国'`, reason); n != 1 {
		t.Errorf("%d entries of evidence", n)
	}
}

func TestPDFCopy(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	f, err := c.File(holder(t.Context()), l.ID, licence.PDF)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(f.Body, []byte("%PDF-")) || len(f.Body) > 400<<10 || !strings.Contains(f.Name, "副本") {
		t.Errorf("%s, %d bytes", f.Name, len(f.Body))
	}
	if dir := os.Getenv("LICENCE_SAMPLES"); dir != "" {
		_ = os.WriteFile(dir+"/licence.pdf", f.Body, 0o600)
	}
}

func TestManyFieldsRunOnToAFurtherPage(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.request(t, 1)
	r.HolderCodeType, r.HolderCode, r.HolderName = "111", "421303199001011234", "林晓梅"
	for i := range 30 {
		r.Fields = append(r.Fields, licence.Field{Title: fmt.Sprintf("事项%d", i), Value: strings.Repeat("内容很长的一项，", 12)})
	}
	r.Fields = append(r.Fields, licence.Field{Title: "证件号码", Value: r.HolderCode})
	l, err := c.Issue(system(t.Context()), r)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.File(holder(t.Context()), l.ID, licence.OFD)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := ofd.Open(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	pages := pkg.PageText()
	text := strings.Join(pages, "")
	if len(pages) < 2 || !strings.Contains(text, "附页") || !strings.Contains(text, "事项29") {
		t.Errorf("%d pages", len(pages))
	}
	if strings.Contains(text, r.HolderCode) {
		t.Error("a person's number is printed whole")
	}
	if rep, err := c.Verify(t.Context(), f.Body); err != nil || rep.Verdict != licence.VerdictValid {
		t.Errorf("%v %+v", err, rep)
	}
}

func TestTermEnds(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	last := l.ValidTo.In(clock.Shanghai)
	if last.Format("2006-01-02 15:04:05") != "2031-11-22 23:59:59" {
		t.Errorf("the last day ends at %s", last)
	}
	c.clock.Set(last)
	if rep, err := c.VerifyByCode(t.Context(), l.Identifier); err != nil || rep.Verdict != licence.VerdictValid {
		t.Errorf("on the last evening: %v %+v", err, rep)
	}
	c.clock.Set(last.Add(time.Second))
	rep, err := c.VerifyByCode(t.Context(), l.Identifier)
	if err != nil || rep.Verdict != licence.VerdictExpired {
		t.Errorf("%v %+v", err, rep)
	}
	got, err := c.ByID(holder(t.Context()), l.ID)
	if err != nil || got.StatusText != "已过期" {
		t.Errorf("%v %q", err, got.StatusText)
	}
}
