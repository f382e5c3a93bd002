package identity

import (
	"fmt"

	"onedoor/internal/platform/sm"
)

// rowContext binds a sealed value to its applicant: moved to another, it does not open.
func rowContext(context, applicantID string) string { return context + ":" + applicantID }

func (s *Service) sealOf(applicantID, value, context string) []byte {
	return s.Keys.Seal([]byte(value), rowContext(context, applicantID))
}

// openOf opens a value of an applicant; those from before a rotation know no row.
func (s *Service) openOf(applicantID string, sealed []byte, context string) (string, error) {
	plain, err := s.Keys.Open(sealed, rowContext(context, applicantID))
	if err != nil {
		plain, err = s.Keys.Open(sealed, context)
	}
	if err != nil {
		return "", fmt.Errorf("%s of applicant %s: %w", context, applicantID, err)
	}
	return string(plain), nil
}

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	always := func(context string) func([]string) string { return func([]string) string { return context } }
	row := func(context string) func([]string) string {
		return func(k []string) string { return rowContext(context, k[0]) }
	}
	return []sm.Column{
		{Table: "identity.applicants", Column: "number", Key: []string{"id"}, Context: row(numberContext), Before: always(numberContext)},
		{Table: "identity.applicants", Column: "phone", Key: []string{"id"}, Context: row(phoneContext), Before: always(phoneContext)},
	}
}
