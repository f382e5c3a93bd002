package app

import (
	"context"
	"encoding/json"
	"strings"

	"onedoor/internal/audit"
	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/form"
	"onedoor/internal/identity"
	"onedoor/internal/intake"
	"onedoor/internal/licence"
	"onedoor/internal/seal"
)

// The adapters turn what a lower module gives into what a higher one asked for
// in its own words; none of them decides anything.

// itemEvidence is audit for the catalogue.
type itemEvidence struct{ log *audit.Service }

func (a itemEvidence) RecordItem(ctx context.Context, action, itemID, ground string, before, after []byte) error {
	return a.log.Record(ctx, audit.Entry{Action: action, ObjectKind: "item", ObjectID: itemID, Ground: ground, Before: before, After: after})
}

// items is the catalogue for intake.
type items struct{ catalog *catalog.Service }

func (a items) Item(ctx context.Context, id string) (*intake.Item, error) {
	it, err := a.catalog.ItemByID(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &intake.Item{
		ID: it.ID, Version: it.Version, Name: it.Name, OrgID: it.OrgID, OrgName: it.OrgName, OrgPath: it.OrgPath, Region: it.Region,
		FormID: it.FormID, FormVersion: it.FormVersion, Promised: it.Promise(), Statutory: it.Statutory(),
	}
	if it.Open() != nil {
		out.Closed = closedBecause(it)
	}
	if it.Licence != nil {
		out.Licence = &intake.ItemLicence{Type: it.Licence.Type, ValidYears: it.Licence.ValidYears}
		for _, f := range it.Licence.Fields {
			out.Licence.Fields = append(out.Licence.Fields, intake.ItemLicenceField{Title: f.Title, From: f.From})
		}
	}
	for _, m := range it.Materials {
		out.Materials = append(out.Materials, intake.ItemMaterial{Code: m.Code, Name: m.Name, Required: m.Required, Waived: m.Waived})
	}
	for _, sc := range it.Scenarios {
		out.Scenarios = append(out.Scenarios, intake.ItemScenario{Field: sc.Field, Value: sc.Value, Adds: sc.Adds, Drops: sc.Drops})
	}
	return out, nil
}

// closedBecause says why and what to do, for the person who wants to apply.
func closedBecause(it *catalog.Item) string {
	why := strings.TrimRight(it.StatusReason, "。；;. ")
	if why != "" {
		why = "（" + why + "）"
	}
	return "“" + it.Name + "”目前暂停受理新的申请" + why + "，您的填写不会丢失。请过些时候再来，或拨打 12345 咨询。"
}

// forms is the form module for intake.
type forms struct{ form *form.Service }

func (a forms) Validate(ctx context.Context, id string, version int, data json.RawMessage) error {
	return a.form.Validate(ctx, id, version, data)
}

func (a forms) Layout(ctx context.Context, id string, version int) (intake.FormLayout, error) {
	l, err := a.form.Layout(ctx, id, version)
	return intake.FormLayout{Prefill: l.Prefill, Sensitive: l.Sensitive}, err
}

func (a forms) Words(ctx context.Context, id string, version int, data json.RawMessage, paths []string) ([]string, error) {
	return a.form.Words(ctx, id, version, data, paths)
}

// applicants is identity for intake.
type applicants struct{ identity *identity.Service }

func (a applicants) Applicant(ctx context.Context, id string) (intake.Applicant, error) {
	p, err := a.identity.ApplicantByID(ctx, id)
	if err != nil {
		return intake.Applicant{}, err
	}
	return intake.Applicant{ID: p.ID, Kind: string(p.Kind), Name: p.Name, IDType: p.IDType, IDNumber: p.IDNumber, Phone: p.Phone}, nil
}

// licences is the licence module for intake.
type licences struct{ licence *licence.Service }

func (a licences) Issue(ctx context.Context, r intake.LicenceRequest) (intake.IssuedLicence, error) {
	fields := make([]licence.Field, len(r.Fields))
	for i, f := range r.Fields {
		fields[i] = licence.Field{Title: f.Title, Value: f.Value}
	}
	l, err := a.licence.Issue(ctx, licence.IssueRequest{
		Type: r.Type, ItemID: r.ItemID, CaseNo: r.CaseNo, OrgID: r.OrgID, Region: r.Region, HolderName: r.HolderName,
		HolderCode: r.HolderCode, HolderCodeType: r.HolderCodeType, HolderApplicantID: r.HolderApplicantID,
		Fields: fields, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo,
	})
	return intake.IssuedLicence{ID: l.ID, Name: l.Title, Number: l.Number}, err
}

// sealer signs papers with the department's seal, which is made at its first use.
type sealer struct {
	directory *directory.Service
	seals     *seal.Service
}

func (a sealer) SealOFD(ctx context.Context, orgID, _ string, doc []byte, page int, x, y float64) (sealed, picture []byte, err error) {
	org, err := a.directory.OrgByID(ctx, orgID)
	if err != nil {
		return nil, nil, err
	}
	if _, err := a.seals.EnsureSeal(ctx, org.ID, org.Name, org.USCC); err != nil {
		return nil, nil, err
	}
	if sealed, err = a.seals.SignOFD(ctx, orgID, doc, seal.Stamp{Page: page, X: x, Y: y}); err != nil {
		return nil, nil, err
	}
	picture, err = a.seals.Picture(ctx, orgID)
	return sealed, picture, err
}
