package licence

import "onedoor/internal/platform/sm"

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	return []sm.Column{
		{Table: "licence.licences", Column: "holder_code", Key: []string{"id"}, Org: "issuer_id", Context: func(k []string) string { return codeContext(k[0]) }},
		{Table: "licence.licences", Column: "fields", Key: []string{"id"}, Org: "issuer_id", Context: func(k []string) string { return fieldsContext(k[0]) }},
	}
}
