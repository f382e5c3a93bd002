package idcode

import "strings"

// usccAlphabet leaves out I, O, S, V and Z, which are taken for digits (GB 32100-2015 4.1).
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// USCCCheck is the 18th character for the first 17 (GB 32100-2015 4.2.5: weights 3^i, modulo 31).
func USCCCheck(first17 string) (byte, error) {
	if len(first17) != 17 {
		return 0, errBody
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(usccAlphabet, first17[i])
		if v < 0 {
			return 0, errBody
		}
		sum = (sum + v*weight) % 31
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum)%31], nil
}

// NormalUSCC is the stored form, upper-case; ok is false for what is no valid code.
func NormalUSCC(s string) (normal string, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 18 || !digits(s[2:8]) {
		return "", false
	}
	check, err := USCCCheck(s[:17])
	return s, err == nil && check == s[17]
}

// ValidUSCC reports whether s is a well-formed unified social credit code: 18
// characters, a region of six digits in place 3 to 8, the right check character.
func ValidUSCC(s string) bool {
	_, ok := NormalUSCC(s)
	return ok
}
