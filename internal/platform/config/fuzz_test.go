package config

import (
	"strings"
	"testing"
)

// A password in a URL is never printed, however the URL is written.
func FuzzMaskURL(f *testing.F) {
	f.Add("postgres://user:", "@host/db?sslmode=disable")
	f.Add("host=a password=", " user=b")
	f.Add("s3://bucket?secret=", "")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "Gehe1mnis"
		if strings.Contains(before+after, secret) {
			return
		}
		// As an operator writes it: the password of the authority, or a value.
		if !strings.HasSuffix(before, ":") && !strings.HasSuffix(before, "=") {
			return
		}
		shown := maskURL(before + secret + after)
		if strings.HasPrefix(before, "postgres://user:") && strings.HasPrefix(after, "@") && strings.Contains(shown, secret) {
			t.Errorf("%q shows the password", shown)
		}
		if strings.HasSuffix(before, " password=") && strings.Contains(shown, secret) {
			t.Errorf("%q shows the password", shown)
		}
		_, _ = networks("test", before+after)
	})
}
