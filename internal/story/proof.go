package story

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

type verdict struct {
	Verdict string `json:"verdict"`
	Summary string `json:"summary"`
}

// Verify asks the verification service about a file, as anybody may.
func (s *Story) Verify(ctx context.Context, file []byte) (verdictName, summary string, err error) {
	var v verdict
	err = NewClient(s.Base).Send(ctx, http.MethodPost, "/api/verify", bytes.NewReader(file), "application/ofd", &v)
	return v.Verdict, v.Summary, err
}

func (s *Story) verify(ctx context.Context) (string, error) {
	path := "/api/licences/" + s.kase.Licence.ID + "/file"
	if err := s.applicant.Do(ctx, http.MethodGet, path+"?format=ofd", nil, &s.OFD); err != nil {
		return "", err
	}
	var pdf []byte
	if err := s.applicant.Do(ctx, http.MethodGet, path+"?format=pdf", nil, &pdf); err != nil {
		return "", err
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return "", fmt.Errorf("the copy is no PDF")
	}
	v, summary, err := s.Verify(ctx, s.OFD)
	if err != nil {
		return "", err
	}
	if v != "valid" {
		return "", fmt.Errorf("the licence is %s: %s", v, summary)
	}
	return fmt.Sprintf("OFD %d KB，%s", len(s.OFD)/1024, summary), nil
}

// tamper changes one byte in the middle of the file.
func (s *Story) tamper(ctx context.Context) (string, error) {
	forged := bytes.Clone(s.OFD)
	forged[len(forged)/2] ^= 1
	v, summary, err := s.Verify(ctx, forged)
	if err != nil {
		return "", err
	}
	if v == "valid" {
		return "", fmt.Errorf("a changed byte was not found")
	}
	return summary, nil
}
