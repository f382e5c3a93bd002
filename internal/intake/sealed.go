package intake

import (
	"encoding/json"
	"fmt"
	"strconv"

	"onedoor/internal/platform/sm"
)

// The contexts bind a sealed value to its row: moved to another, it does not open.
func opinionContext(caseNo string, seq int) string {
	return "intake.opinion:" + caseNo + "/" + strconv.Itoa(seq)
}

func detailContext(caseNo string, seq int) string {
	return "intake.detail:" + caseNo + "/" + strconv.Itoa(seq)
}
func noteContext(caseNo, material string) string { return "intake.note:" + caseNo + "/" + material }
func paperContext(caseNo, id string) string      { return "intake.paper:" + caseNo + "/" + id }
func fileNameContext(id string) string           { return "intake.file-name:" + id }
func formContext(caseNo string) string           { return "intake.form:" + caseNo }

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	const ofCase = `(SELECT c.org_id FROM intake.cases c WHERE c.case_no = `
	event := func(context func(string, int) string) func([]string) string {
		return func(k []string) string {
			seq, _ := strconv.Atoi(k[1]) // an int column
			return context(k[0], seq)
		}
	}
	pair := func(context func(a, b string) string) func([]string) string {
		return func(k []string) string { return context(k[0], k[1]) }
	}
	return []sm.Column{
		{Table: "intake.cases", Column: "form", Key: []string{"case_no"}, Org: "org_id", Context: func(k []string) string { return formContext(k[0]) }},
		{Table: "intake.drafts", Column: "form", Key: []string{"id"}, Context: func(k []string) string { return draftContext(k[0]) }},
		{Table: "intake.case_events", Column: "opinion_sealed", Plain: "opinion", Key: []string{"case_no", "seq"}, Org: ofCase + `case_events.case_no)`, Context: event(opinionContext)},
		{Table: "intake.case_events", Column: "detail_sealed", Plain: "detail", Key: []string{"case_no", "seq"}, Org: ofCase + `case_events.case_no)`, Context: event(detailContext)},
		{Table: "intake.materials", Column: "note_sealed", Plain: "note", Key: []string{"case_no", "code"}, Org: ofCase + `materials.case_no)`, Context: pair(noteContext)},
		{Table: "intake.documents", Column: "data_sealed", Plain: "data", Key: []string{"case_no", "id"}, Org: ofCase + `documents.case_no)`, Context: pair(paperContext)},
		{Table: "intake.files", Column: "name_sealed", Plain: "name", Key: []string{"case_no", "id"}, Context: func(k []string) string { return fileNameContext(k[1]) }},
		{Table: "intake.uploads", Column: "name_sealed", Plain: "name", Key: []string{"id"}, Context: func(k []string) string { return fileNameContext(k[0]) }},
	}
}

// seal is nil for nothing: most moves have no opinion, and a sealed nothing takes room.
func (s *Service) seal(org, text, context string) []byte {
	if text == "" {
		return nil
	}
	return s.Keys.SealFor(org, []byte(text), context)
}

// unseal opens a value into *into, which holds what a program from before wrote in plain.
func (s *Service) unseal(sealed []byte, context string, into *string) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.Keys.Open(sealed, context)
	if err != nil {
		return fmt.Errorf("%s: %w", context, err)
	}
	*into = string(plain)
	return nil
}

// unsealDossier opens everything of a case but its form, which not every reader gets.
func (s *Service) unsealDossier(d *dossier) error {
	for i := range d.events {
		e := &d.events[i]
		if err := s.unseal(e.OpinionSealed, opinionContext(d.CaseNo, e.Seq), &e.Opinion); err != nil {
			return err
		}
		detail := string(e.Detail)
		if err := s.unseal(e.DetailSealed, detailContext(d.CaseNo, e.Seq), &detail); err != nil {
			return err
		}
		e.Detail = json.RawMessage(detail)
	}
	for i := range d.materials {
		m := &d.materials[i]
		if err := s.unseal(m.NoteSealed, noteContext(d.CaseNo, m.Code), &m.Note); err != nil {
			return err
		}
	}
	return s.unsealNames(d.files)
}

func (s *Service) unsealNames(files []fileRow) error {
	for i := range files {
		if err := s.unseal(files[i].NameSealed, fileNameContext(files[i].ID), &files[i].Name); err != nil {
			return err
		}
	}
	return nil
}
