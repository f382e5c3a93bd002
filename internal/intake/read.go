package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/personal"
)

// Case is one case for its applicant or an officer in whose scope it lies. For anybody
// else it does not exist: a guessed number tells nothing.
func (s *Service) Case(ctx context.Context, caseNo string) (*Case, error) {
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	if err := s.viewed(ctx, who, &d.record); err != nil {
		return nil, fmt.Errorf("evidence of reading: %w", err)
	}
	form, masked, err := s.formFor(ctx, who, d)
	if err != nil {
		return nil, err
	}
	c := d.view(s.Calendar, s.now(), who, form)
	c.hide(who, d.place(), masked)
	return c, nil
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

// handling are the rights whose holder needs to know who applies.
var handling = []actor.Action{RightAccept, RightSupplement, RightReview, RightDecide}

func handles(who *actor.Actor, at actor.Place) bool {
	return slices.ContainsFunc(handling, func(a actor.Action) bool { return who.Can(a, at) })
}

// formFor decrypts the form for the reader: whole for the applicant; an officer gets it
// masked, and the whole values by Unmask, for a purpose. What papers and licences need of
// it never passes through an officer's page.
func (s *Service) formFor(ctx context.Context, who *actor.Actor, d *dossier) (json.RawMessage, []personal.Field, error) {
	plain, err := s.Keys.Open(d.Form, formContext(d.CaseNo))
	if err != nil {
		return nil, nil, fmt.Errorf("decrypt form: %w", err)
	}
	if who.ApplicantID != "" || who.Kind == actor.System {
		return plain, nil, nil
	}
	return s.mask(ctx, d, plain)
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
