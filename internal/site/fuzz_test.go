package site

import (
	"net/url"
	"strings"
	"testing"
)

// A redirect never leaves this site, as a browser reads it.
func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/items/1?x=1", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil", "", "javascript:alert(1)"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://onedoor.example/here")
	f.Fuzz(func(t *testing.T, back string) {
		to := localPath(back)
		// Browsers drop tabs and line ends and take a backslash for a slash.
		read := strings.ReplaceAll(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(to), "\\", "/")
		u, err := base.Parse(read)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || !strings.HasPrefix(read, "/") {
			t.Errorf("%q leads to %q", back, to)
		}
	})
}
