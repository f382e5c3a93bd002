// Package idcode checks and makes the field's identifiers: the citizen identity
// number (GB 11643), the unified social credit code (GB 32100), the licence
// identifier (GB/T 36904) and our own case number, which borrows its check
// character from ISO/IEC 7064.
//
// It knows only what a number says of itself. Whether a person or an enterprise
// exists behind it is for the authorities' registers.
package idcode

import (
	"errors"
	"strings"
	"time"
)

var errBody = errors.New("idcode: the body has a wrong length or a character outside the alphabet")

// citizenWeights are 2^(17-i) mod 11, GB 11643-1999 4.2 (ISO 7064 MOD 11-2).
var citizenWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// CitizenCheck is the 18th character for the first 17 digits.
func CitizenCheck(first17 string) (byte, error) {
	if len(first17) != 17 || !digits(first17) {
		return 0, errBody
	}
	sum := 0
	for i, w := range citizenWeights {
		sum += w * int(first17[i]-'0')
	}
	return "10X98765432"[sum%11], nil
}

// NormalCitizen is the one form in which a number is stored and compared: 18
// characters, X upper-case. A 15-digit number of the first generation, whose
// years are all 19xx, is upgraded. ok is false for what is no valid number.
func NormalCitizen(id string) (normal string, ok bool) {
	id = strings.ToUpper(strings.TrimSpace(id))
	if len(id) == 15 && digits(id) {
		id = id[:6] + "19" + id[6:]
		check, err := CitizenCheck(id)
		if err != nil {
			return "", false
		}
		id += string(check)
	}
	if len(id) != 18 || !provinces[id[:2]] {
		return "", false
	}
	check, err := CitizenCheck(id[:17])
	if err != nil || check != id[17] {
		return "", false
	}
	if _, err := time.Parse("20060102", id[6:14]); err != nil {
		return "", false
	}
	return id, true
}

// ValidCitizen reports whether id, in any form NormalCitizen takes, is well
// formed: region, a date that exists, check character.
func ValidCitizen(id string) bool {
	_, ok := NormalCitizen(id)
	return ok
}

// CitizenBirth reads the date of birth and the sex (the 17th digit is odd for men).
func CitizenBirth(id string) (y, m, d int, male, ok bool) {
	id, ok = NormalCitizen(id)
	if !ok {
		return 0, 0, 0, false, false
	}
	day, err := time.Parse("20060102", id[6:14])
	if err != nil {
		return 0, 0, 0, false, false
	}
	return day.Year(), int(day.Month()), day.Day(), (id[16]-'0')%2 == 1, true
}

// provinces are the first two digits that GB/T 2260 has given out; 83 is on
// residence permits of Taiwan residents, 9x on the permanent residence cards of
// foreigners since 2023.
var provinces = func() map[string]bool {
	set := map[string]bool{}
	for _, p := range strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 92 93 94 95 96 97 98 99") {
		set[p] = true
	}
	return set
}()

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
