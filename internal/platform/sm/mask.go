package sm

import "strings"

// MaskID shows the region and the last four characters of an identity number:
// "4213**********002X". Anything shorter than ten characters is hidden whole.
func MaskID(id string) string { return mask(id, 4, 4) }

// MaskPhone shows the first three and the last four digits: "138****0001".
func MaskPhone(phone string) string { return mask(phone, 3, 4) }

func mask(s string, head, tail int) string {
	r := []rune(s)
	if len(r) < head+tail+2 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
