package licence

import "time"

// Status is the state of a licence in the register. The words are those of the
// deployed dictionaries (有效 撤销 注销 吊销); 已过期 is not stored, since time
// alone brings it about.
type Status string

// The statuses.
const (
	Valid     Status = "valid"
	Revoked   Status = "revoked"   // 撤销: should never have been granted (行政许可法 Art 69)
	Withdrawn Status = "withdrawn" // 吊销: taken away as a penalty
	Cancelled Status = "cancelled" // 注销: ended, at the holder's wish or by law (Art 70)
)

var statusTexts = map[Status]string{Valid: "有效", Revoked: "已撤销", Withdrawn: "已吊销", Cancelled: "已注销"}

// Text is the Chinese word.
func (s Status) Text() string { return statusTexts[s] }

// final reports whether s may be given to a valid licence, once and for ever.
func (s Status) final() bool { return s == Revoked || s == Withdrawn || s == Cancelled }

// textAt adds what time does to a status.
func textAt(s Status, to *time.Time, now time.Time) string {
	if s == Valid && to != nil && now.After(*to) {
		return "已过期"
	}
	return s.Text()
}
