package region_test

import (
	"testing"

	"onedoor/internal/kernel/region"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"42", "421300000000", " 4213 ", "000000000000", "", "４２", "42130300100x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := region.Parse(s)
		if err != nil {
			return
		}
		if again, err := region.Parse(string(c)); err != nil || again != c || c.Level() == 0 {
			t.Errorf("%q gives %q of level %d", s, c, c.Level())
		}
	})
}
