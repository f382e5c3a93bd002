package audit

import "onedoor/internal/platform/sm"

// keyContext is the context of the sealed signing keys. Changing it loses them.
const keyContext = "audit.log-key"

// SealedColumns are the columns of this module that a key rotation seals again.
func SealedColumns() []sm.Column {
	return []sm.Column{{Table: "audit.log_keys", Column: "secret", Key: []string{"name"}, Context: func([]string) string { return keyContext }}}
}
