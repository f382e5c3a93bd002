package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/platform/blob"
)

// fakeItems is a catalogue of a few items.
type fakeItems struct {
	mu    sync.Mutex
	items map[string]*Item
}

func newFakeItems() *fakeItems {
	f := &fakeItems{items: map[string]*Item{}}
	working := func(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.Working} }
	f.items[plainItem] = &Item{
		ID: plainItem, Version: 1, Name: "食品经营许可", OrgID: "org-scjg", OrgName: "随州市市场监督管理局", OrgPath: scjgPath, Region: city,
		FormID: "general", FormVersion: 1, Promised: working(5), Statutory: working(20),
		Licence:   &ItemLicence{Type: "11100000000013338W032", ValidYears: 5, Fields: []ItemLicenceField{{"经营者名称", "name"}}},
		Materials: []ItemMaterial{{Code: "plan", Name: "平面图"}, {Code: "idcard", Name: "身份证明", Required: true, Waived: true}},
	}
	food := *f.items[plainItem]
	food.ID = foodItem
	food.Materials = []ItemMaterial{{Code: "plan", Name: "平面图", Required: true}, {Code: "rules", Name: "管理制度"}}
	f.items[foodItem] = &food
	health := *f.items[plainItem]
	health.ID, health.Name, health.OrgID, health.OrgName, health.OrgPath, health.Licence = "item-health", "公共场所卫生许可", "org-wjw", "随州市卫生健康委员会", wjwPath, nil
	f.items["item-health"] = &health
	closed := *f.items[plainItem]
	closed.ID, closed.Closed = "item-closed", "这个事项已暂停办理，恢复时间请留意公告。"
	f.items["item-closed"] = &closed
	elsewhere := *f.items[plainItem]
	elsewhere.ID, elsewhere.Region = "item-elsewhere", "420100000000"
	f.items["item-elsewhere"] = &elsewhere
	return f
}

func (f *fakeItems) Item(_ context.Context, id string) (*Item, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, ok := f.items[id]; ok {
		return i, nil
	}
	return nil, fault.New(fault.NotFound, "catalog.item-not-found", "没有找到这个事项，请重新搜索。")
}

// fakeForms demands a name.
type fakeForms struct{}

func (fakeForms) Validate(_ context.Context, _ string, _ int, data json.RawMessage) error {
	var form map[string]any
	if json.Unmarshal(data, &form) != nil || form["name"] == nil {
		return fault.New(fault.Invalid, "form.invalid", "表单有误，请按提示修改。").
			WithFields(fault.Field{Path: "/form/name", Message: "请填写名称。"})
	}
	return nil
}

func (fakeForms) Layout(context.Context, string, int) (FormLayout, error) {
	return FormLayout{Prefill: map[string]string{"owner.name": "name", "owner.uscc": "uscc"}, Sensitive: []string{"phone"}}, nil
}

// Words reads plain text fields.
func (fakeForms) Words(_ context.Context, _ string, _ int, data json.RawMessage, paths []string) ([]string, error) {
	var form map[string]any
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, err
	}
	out := make([]string, len(paths))
	for i, path := range paths {
		parent, last := at(form, path)
		out[i], _ = parent[last].(string)
	}
	return out, nil
}

type fakeApplicants struct{}

func (fakeApplicants) Applicant(_ context.Context, id string) (Applicant, error) {
	return Applicant{ID: id, Kind: "person", Name: "林晓梅" + strings.TrimLeft(id[len(id)-4:], "0"), IDType: "111", IDNumber: "421303199001011236", Phone: "13800000001"}, nil
}

// fakeKeys stands for the keyring: what is stored is not what was given, and the context counts.
type fakeKeys struct{}

func (fakeKeys) SealFor(_ string, plain []byte, context string) []byte {
	out := []byte(context + "\x00")
	for _, b := range plain {
		out = append(out, b^0x5a)
	}
	return out
}

func (fakeKeys) Open(ct []byte, context string) ([]byte, error) {
	body, ok := bytes.CutPrefix(ct, []byte(context+"\x00"))
	if !ok {
		return nil, errors.New("sealed for another context")
	}
	out := make([]byte, len(body))
	for i, b := range body {
		out[i] = b ^ 0x5a
	}
	return out, nil
}

// sealedFiles is the file store without its seal.
type sealedFiles struct{ *blob.Store }

func (f sealedFiles) PutFor(ctx context.Context, _, key string, r io.Reader, contentType string) (int64, []byte, error) {
	return f.Put(ctx, key, r, contentType)
}

// fakeLicences issues once per case, as the contract says.
type fakeLicences struct {
	mu     sync.Mutex
	issued map[string]LicenceRequest
	calls  int
	fail   error
}

func (f *fakeLicences) Issue(_ context.Context, r LicenceRequest) (IssuedLicence, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.fail != nil {
		return IssuedLicence{}, f.fail
	}
	if f.issued == nil {
		f.issued = map[string]LicenceRequest{}
	}
	f.issued[r.CaseNo] = r
	return IssuedLicence{ID: id('e', 1), Name: "食品经营许可证", Number: "L-" + r.CaseNo}, nil
}

// fakePapers writes the words of a paper down.
type fakePapers struct {
	mu   sync.Mutex
	made int
}

func (f *fakePapers) Make(_ context.Context, kind DocumentKind, data DocumentData) (ofd, pdf []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	p := kind.write(data)
	text := strings.Join(append(append([]string{p.Title, p.Number, p.To}, p.Paragraphs...), append(p.List, p.After...)...), "\n")
	return []byte("OFD " + text), []byte("PDF " + text), nil
}
