package intake

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/kernel/fault"
)

func TestDraftIsOnePerItemAndPrefilled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			d, err := b.OpenDraft(as(person(1)), foodItem)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = d.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("several drafts: %v", ids)
		}
	}
	d, err := b.Draft(as(person(1)), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if string(d.Form) != `{"owner":{"name":"林晓梅1"}}` || d.Prefilled["owner.name"] == "" || d.Prefilled["owner.uscc"] != "" {
		t.Errorf("form %s, prefilled %v", d.Form, d.Prefilled)
	}
	_, err = b.Draft(as(person(2)), d.ID)
	wantFault(t, err, fault.NotFound, "intake.draft-not-found")
	_, err = b.OpenDraft(as(person(1)), "item-closed")
	wantFault(t, err, fault.Conflict, "intake.item-closed")
	if list, err := b.Drafts(as(person(1))); err != nil || len(list) != 1 {
		t.Errorf("list: %d %v", len(list), err)
	}
}

func TestTwoTabsDontOverwriteEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, err := b.OpenDraft(as(person(1)), foodItem)
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.SaveDraft(as(person(1)), d.ID, d.Version, json.RawMessage(`{"name":"第一个标签页"}`))
	if err != nil || first.Version != d.Version+1 {
		t.Fatalf("%+v %v", first, err)
	}
	_, err = b.SaveDraft(as(person(1)), d.ID, d.Version, json.RawMessage(`{"name":"第二个标签页"}`))
	f := wantFault(t, err, fault.Conflict, "intake.draft-stale")
	if now, ok := f.Current.(*Draft); !ok || string(now.Form) != `{"name":"第一个标签页"}` {
		t.Errorf("current: %+v", f.Current)
	}
	for _, bad := range []string{`[]`, `null`, `{`, `"x"`} {
		_, err = b.SaveDraft(as(person(1)), d.ID, first.Version, json.RawMessage(bad))
		wantFault(t, err, fault.Invalid, "intake.draft-invalid")
	}
	_, err = b.SaveDraft(as(person(1)), d.ID, first.Version, json.RawMessage(`{"x":"`+strings.Repeat("x", maxDraftForm)+`"}`))
	wantFault(t, err, fault.TooLarge, "intake.draft-too-large")
}

// ready is a draft of the food item with its required file, and the submission of it.
func (b *bundle) ready(t *testing.T) (*Draft, Submission) {
	t.Helper()
	d, err := b.OpenDraft(as(person(1)), foodItem)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.SaveDraft(as(person(1)), d.ID, d.Version, json.RawMessage(`{"name":"好味道"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.UploadToDraft(as(person(1)), d.ID, Upload{"plan", "平面图.pdf", strings.NewReader("%PDF-1.7 plan")}); err != nil {
		t.Fatal(err)
	}
	sub := submission()
	sub.ItemID, sub.Form, sub.DraftID, sub.Promise = "", nil, d.ID, true
	return d, sub
}

func TestDraftBecomesACaseOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, sub := b.ready(t)
	c, _, err := b.Submit(as(person(1)), sub)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Materials[0].Files) != 1 || string(c.Form) != `{"name":"好味道"}` {
		t.Errorf("case: %+v %s", c.Materials, c.Form)
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM intake.drafts) + (SELECT count(*) FROM intake.uploads)`); n != 0 {
		t.Errorf("%d rows left of the draft", n)
	}
	// The answer got lost; the page sends the same again.
	again, replayed, err := b.Submit(as(person(1)), sub)
	if err != nil || !replayed || again.CaseNo != c.CaseNo {
		t.Errorf("replay: %v %v", replayed, err)
	}
	// Another tab sends the same draft under its own key.
	sub.Key = "another-key"
	_, _, err = b.Submit(as(person(1)), sub)
	f := wantFault(t, err, fault.Conflict, "intake.draft-submitted")
	if !strings.Contains(f.Message, c.CaseNo) {
		t.Errorf("which case? %s", f.Message)
	}
	file := c.Materials[0].Files[0]
	for who, found := range map[int]bool{1: true, 2: false} {
		stored, err := b.OpenFile(as(person(who)), file.ID)
		if (err == nil) != found {
			t.Errorf("person %d: %v", who, err)
		}
		if err == nil {
			text, _ := io.ReadAll(stored.Body)
			_ = stored.Body.Close()
			if string(text) != "%PDF-1.7 plan" {
				t.Errorf("file: %s", text)
			}
		}
	}
	_, err = b.SaveDraft(as(person(1)), d.ID, 2, json.RawMessage(`{}`))
	wantFault(t, err, fault.NotFound, "intake.draft-not-found")
}

func TestTwoSubmitsOfOneDraftAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, sub := b.ready(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		mine := sub
		mine.Key = fmt.Sprintf("tab-%d-of-the-same", i)
		wg.Go(func() { _, _, errs[i] = b.Submit(as(person(1)), mine) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if fault.KindOf(err) != fault.Conflict {
			t.Errorf("loser: %v", err)
		}
	}
	if won != 1 || b.count(t, `SELECT count(*) FROM intake.cases`) != 1 || b.count(t, `SELECT count(*) FROM intake.files`) != 1 {
		t.Errorf("%d winners", won)
	}
}

func TestUploadedFileIsUsedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, _ := b.ready(t)
	now, err := b.Draft(as(person(1)), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	direct := submission()
	direct.ItemID, direct.Files = foodItem, []FileRef{{"plan", now.Files[0].ID}}
	if _, _, err := b.Submit(as(person(2)), direct); fault.Of(err).Code != "intake.files-changed" {
		t.Errorf("another account's file: %v", err)
	}
	p, err := b.Prepare(as(person(1)), direct)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteFile(as(person(1)), now.Files[0].ID); err != nil {
		t.Fatal(err)
	}
	// Deleted between the check and the batch: nothing of the batch happens.
	if err := b.DB.Send(t.Context(), p.Batch); !isNull(err) {
		t.Errorf("a case without its file: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM intake.cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
}

func docx(t *testing.T) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("[Content_Types].xml")
	if err == nil {
		_, err = w.Write([]byte("<Types/>"))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

func photo(t *testing.T) io.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestWhatMayBeUploaded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, err := b.OpenDraft(as(person(1)), plainItem)
	if err != nil {
		t.Fatal(err)
	}
	cut := io.MultiReader(strings.NewReader("%PDF-1.7 half a f"), &failing{})
	for _, c := range []struct {
		situation, name string
		body            io.Reader
		code            string // "" is taken
	}{
		{"PDF", "a.pdf", strings.NewReader("%PDF-1.7"), ""},
		{"picture in capitals", "A.JPG", photo(t), ""},
		{"Word", "a.docx", docx(t), ""},
		{"PDF with a script", "a.pdf", strings.NewReader("%PDF-1.7 << /S /JavaScript >>"), "file.pdf-active"},
		{"program named .pdf", "合同.pdf", strings.NewReader("MZ\x90\x00 this program cannot be run"), "intake.file-type"},
		{"program", "a.exe", strings.NewReader("MZ\x90\x00"), "intake.file-type"},
		{"archive named .docx", "a.docx", strings.NewReader("PK\x03\x04" + strings.Repeat("\x00", 22) + "\x07\x00\x00\x00run.exe rest"), "intake.file-type"},
		{"page", "a.html", strings.NewReader("<html>"), "intake.file-type"},
		{"no ending", "readme", strings.NewReader("%PDF-"), "intake.file-type"},
		{"empty", "a.pdf", strings.NewReader(""), "intake.file-empty"},
		{"30 MB", "a.pdf", io.MultiReader(strings.NewReader("%PDF-1.7"), io.LimitReader(zeros{}, 30<<20)), "intake.file-too-large"},
		{"cut off", "a.pdf", cut, "body.cut"},
	} {
		_, err := b.UploadToDraft(as(person(1)), d.ID, Upload{"plan", c.name, c.body})
		if c.code == "" && err != nil || c.code != "" && (err == nil || fault.Of(err).Code != c.code) {
			t.Errorf("%s: %v", c.situation, err)
		}
	}
	now, err := b.Draft(as(person(1)), d.ID)
	if err != nil || len(now.Files) != 3 {
		t.Errorf("%d files, %v", len(now.Files), err)
	}
	_, err = b.UploadToDraft(as(person(2)), d.ID, Upload{"plan", "a.pdf", strings.NewReader("%PDF-1.7")})
	wantFault(t, err, fault.NotFound, "intake.draft-not-found")
}

// failing is a body that was cut off, as httpapi reports it.
type failing struct{}

func (*failing) Read([]byte) (int, error) {
	return 0, fault.New(fault.Invalid, "body.cut", "提交的内容没有传完，请重新提交。").Because(errors.New("unexpected EOF"))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestFiftyFilesAndNotOneMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, err := b.OpenDraft(as(person(1)), plainItem)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 60)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.UploadToDraft(as(person(1)), d.ID, Upload{"plan", "a.pdf", bytes.NewReader([]byte("%PDF-1.7"))})
		})
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		} else {
			wantFault(t, err, fault.Conflict, "intake.too-many-files")
		}
	}
	if taken != MaxFiles || b.count(t, `SELECT count(*) FROM intake.uploads`) != MaxFiles {
		t.Errorf("%d files taken", taken)
	}
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`C:\Users\a\合同.pdf`: "合同.pdf", "../../etc/passwd": "passwd", "a\r\nSet-Cookie.pdf": "aSet-Cookie.pdf",
		"fdp.\u202eexe.pdf": "fdp.exe.pdf", "": "附件", "  图 1.png ": "图 1.png",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("%q → %q", in, got)
		}
	}
	if n := len([]rune(cleanName(strings.Repeat("长", 300) + ".pdf"))); n != 120 {
		t.Errorf("long name: %d", n)
	}
}

func TestDeletedDraftTakesItsFilesAlong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, _ := b.ready(t)
	now, _ := b.Draft(as(person(1)), d.ID)
	var key string
	if err := b.pool.QueryRow(t.Context(), `SELECT blob_key FROM intake.uploads WHERE id = $1`, now.Files[0].ID).Scan(&key); err != nil {
		t.Fatal(err)
	}
	wantFault(t, b.DeleteDraft(as(person(2)), d.ID), fault.NotFound, "intake.draft-not-found")
	if err := b.DeleteDraft(as(person(1)), d.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Blobs.Open(t.Context(), key); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the file is still there: %v", err)
	}
	d, _ = b.ready(t)
	b.clock.Advance(draftKept * 2)
	if n, err := b.DropAbandoned(t.Context()); n != 1 || err != nil {
		t.Errorf("abandoned: %d %v", n, err)
	}
	_, err := b.Draft(as(person(1)), d.ID)
	wantFault(t, err, fault.NotFound, "intake.draft-not-found")
}

func TestWhatIsKnownOfAnApplicant(t *testing.T) {
	t.Parallel()
	person := Applicant{Kind: "person", Name: "林晓梅", IDType: "111", IDNumber: "421303199208150041", Phone: "13800000001"}
	firm := Applicant{Kind: "legal", Name: "随州市好味道餐饮有限公司", IDType: "001", IDNumber: "91421303MA49KX7H5Q", Phone: "13800000002"}
	for _, c := range []struct {
		of         Applicant
		what, want string
	}{
		{person, "id_type", "111"},
		{firm, "id_type", "001"},
		{person, "name", "林晓梅"},
		{person, "legal_name", "林晓梅"},
		{person, "id_number", "421303199208150041"},
		{person, "uscc", ""},
		{firm, "name", "随州市好味道餐饮有限公司"},
		{firm, "legal_name", ""}, // the firm is not its own representative
		{firm, "id_number", ""},
		{firm, "uscc", "91421303MA49KX7H5Q"},
		{firm, "phone", "13800000002"},
	} {
		if got := knownOf(c.of, c.what, false); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.what, c.of.Name, got, c.want)
		}
	}
	if got := knownOf(firm, "id_number", true); got != firm.IDNumber {
		t.Errorf("a form that asks for the kind of the number gets %q", got)
	}
}
