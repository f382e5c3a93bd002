package idcode

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"onedoor/internal/kernel/clock"
)

// caseSerials is how many plain decimal serials a region and day have.
const caseSerials = 10_000_000

// NewCaseNo makes a case number (办件编号) of 22 characters: region of 6 digits,
// the day in Asia/Shanghai, a serial of 7, a check character over all before.
// seq counts from 0 within region and day, or from any wider sequence; above
// 9,999,999 the serial goes on with a leading letter (A000000 …), so that a
// number never grows and never repeats.
func NewCaseNo(region6 string, day time.Time, seq int64) string {
	serial := fmt.Sprintf("%07d", seq)
	if seq >= caseSerials {
		const letterA = 10 * 36 * 36 * 36 * 36 * 36 * 36
		serial = strings.ToUpper(strconv.FormatInt(letterA+seq-caseSerials, 36))
	}
	body := region6 + day.In(clock.Shanghai).Format("20060102") + serial
	check, err := Mod3736(body)
	if err != nil {
		// Only a region that is no number or a negative serial comes here: a
		// programming error that must not become a case without a number.
		panic("idcode: case number of " + strconv.Quote(body))
	}
	return body + string(check)
}

// ValidCaseNo reports whether s is well formed, so that a typing error is found
// before the database is asked. Lower case is not accepted; callers fold it.
func ValidCaseNo(s string) bool {
	if len(s) != 22 || !digits(s[:14]) || s[0] == '0' || !upperAlphanumeric(s[14:]) {
		return false
	}
	if _, err := time.Parse("20060102", s[6:14]); err != nil {
		return false
	}
	check, err := Mod3736(s[:21])
	return err == nil && check == s[21]
}
