package idcode_test

import (
	"testing"

	"onedoor/internal/kernel/idcode"
)

// What somebody types as a number is normal once it was made normal, and says no more
// than it is: dates that are none, letters of other scripts, numbers that are too long.
func FuzzTypedCodes(f *testing.F) {
	for _, s := range []string{"421303199003070029", "42130319900307002x", "91421303MA49KX7H5J", "", "１２３", "\x00\xff", "4213031990022900２"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := idcode.NormalCitizen(s); ok {
			if again, ok := idcode.NormalCitizen(n); !ok || again != n || !idcode.ValidCitizen(n) {
				t.Errorf("%q: %q is not normal", s, n)
			}
			if y, m, d, _, ok := idcode.CitizenBirth(n); !ok || y < 1800 || m < 1 || m > 12 || d < 1 || d > 31 {
				t.Errorf("%q: born %d-%d-%d", s, y, m, d)
			}
		}
		if n, ok := idcode.NormalUSCC(s); ok {
			if again, ok := idcode.NormalUSCC(n); !ok || again != n || !idcode.ValidUSCC(n) {
				t.Errorf("%q: %q is not normal", s, n)
			}
		}
		if idcode.ValidCaseNo(s) && len(s) > 32 {
			t.Errorf("%q is a case number", s)
		}
	})
}
