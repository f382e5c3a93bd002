package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/idcode"
)

// Case is one case for its applicant or an officer in whose scope it lies. For anybody
// else it does not exist: a guessed number tells nothing.
func (s *Service) Case(ctx context.Context, caseNo string) (*Case, error) {
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	form, err := s.formFor(ctx, who, d)
	if err != nil {
		return nil, err
	}
	return d.view(s.Calendar, s.now(), who, form), nil
}

// load finds a case that the actor may know of.
func (s *Service) load(ctx context.Context, who *actor.Actor, caseNo string) (*dossier, error) {
	caseNo = strings.ToUpper(strings.TrimSpace(caseNo))
	if !idcode.ValidCaseNo(caseNo) {
		return nil, errNotFound
	}
	d, err := s.loadDossier(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if !mayKnow(who, &d.record) {
		return nil, errNotFound
	}
	return d, nil
}

func mayKnow(who *actor.Actor, r *record) bool {
	if who.ApplicantID != "" {
		return who.ApplicantID == r.ApplicantID
	}
	return who.Can(RightView, r.place())
}

// handling are the rights whose holder needs the form as it was filled in.
var handling = []actor.Action{RightAccept, RightSupplement, RightReview, RightDecide}

// formFor decrypts the form for the reader: whole for the applicant and for the officers
// who handle the case (each such read is evidence), masked for those who may only look.
func (s *Service) formFor(ctx context.Context, who *actor.Actor, d *dossier) (json.RawMessage, error) {
	plain, err := s.Keys.Open(d.Form, formContext(d.CaseNo))
	if err != nil {
		return nil, fmt.Errorf("decrypt form: %w", err)
	}
	if who.ApplicantID != "" || who.Kind == actor.System {
		return plain, nil
	}
	if slices.ContainsFunc(handling, func(a actor.Action) bool { return who.Can(a, d.place()) }) {
		err := s.Audit.Record(ctx, audit.Entry{
			Action: "intake.read-form", ObjectKind: "case", ObjectID: d.CaseNo, OrgPath: d.OrgPath, Region: d.Region, OnBehalf: d.ApplicantID, Ground: "办理办件需要核对申请内容",
		})
		if err != nil {
			return nil, fmt.Errorf("evidence of reading: %w", err)
		}
		return plain, nil
	}
	return s.mask(ctx, d, plain)
}

// mask covers the form's sensitive paths.
func (s *Service) mask(ctx context.Context, d *dossier, plain []byte) (json.RawMessage, error) {
	layout, err := s.Forms.Layout(ctx, d.FormID, d.FormVersion)
	if err != nil {
		return nil, err
	}
	var form map[string]any
	if err := json.Unmarshal(plain, &form); err != nil {
		return nil, fmt.Errorf("stored form: %w", err)
	}
	for _, path := range layout.Sensitive {
		parent, last := at(form, path)
		if text, ok := parent[last].(string); ok {
			parent[last] = maskText(text)
		}
	}
	return json.Marshal(form)
}

// maskText leaves enough of a number, a name or an address to recognise it by and not to
// use it: at most the first quarter and the last.
func maskText(s string) string {
	r := []rune(s)
	keep := len(r) / 4
	for i := keep; i < len(r)-keep; i++ {
		r[i] = '*'
	}
	return string(r)
}

func splitPath(path string) (head, rest string) {
	head, rest, _ = strings.Cut(path, ".")
	return head, rest
}

func at(form map[string]any, path string) (parent map[string]any, last string) {
	parts := strings.Split(path, ".")
	for _, p := range parts[:len(parts)-1] {
		form, _ = form[p].(map[string]any)
	}
	return form, parts[len(parts)-1]
}
