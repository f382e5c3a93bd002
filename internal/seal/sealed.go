package seal

import "onedoor/internal/platform/sm"

func keyContext(owner string) string { return "seal/key/" + owner }

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	context := func(k []string) string { return keyContext(k[0]) }
	return []sm.Column{
		{Table: "seal.authority", Column: "sealed_key", Key: []string{"role"}, Context: context},
		{Table: "seal.seal", Column: "sealed_key", Key: []string{"id"}, Org: "org_id", Context: context},
	}
}
