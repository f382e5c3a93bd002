package idcode

import "strings"

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Mod3736 is the check character of s by ISO/IEC 7064 MOD 37,36: it finds every
// single wrong character and nearly every swap of neighbours. s is digits and
// upper-case letters.
func Mod3736(s string) (byte, error) {
	p := 36
	for i := range len(s) {
		v := strings.IndexByte(alphanumeric, s[i])
		if v < 0 {
			return 0, errBody
		}
		if p = (p + v) % 36; p == 0 {
			p = 36
		}
		p = p * 2 % 37
	}
	return alphanumeric[(37-p)%36], nil
}

// upperAlphanumeric reports whether s is only of the characters that Mod3736 takes.
func upperAlphanumeric(s string) bool {
	return strings.Trim(s, alphanumeric) == ""
}
