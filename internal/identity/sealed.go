package identity

import "onedoor/internal/platform/sm"

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	always := func(context string) func([]string) string { return func([]string) string { return context } }
	return []sm.Column{
		{Table: "identity.applicants", Column: "number", Key: []string{"id"}, Context: always(numberContext)},
		{Table: "identity.applicants", Column: "phone", Key: []string{"id"}, Context: always(phoneContext)},
	}
}
