// Package workday computes legal deadlines.
//
// 行政许可法 Art 82: the periods of a licence are working days, without legal
// holidays; other items count natural days when their guide says so. 民法典
// Art 201: the day on which a period begins is not counted. Art 203: a period
// whose last day is a holiday ends on the day after it; the last day ends at
// 24:00, or at the close of business where there are business hours, which a
// government service has.
//
// Working days come from the State Council's yearly notices, which also turn
// weekends into working days. A year without a notice yet is computed with
// weekends only and every deadline that crosses into it is provisional: it has
// to be computed again when the year is published.
package workday

import (
	"fmt"
	"time"

	"onedoor/internal/kernel/clock"
)

// Close of business, in Asia/Shanghai.
const (
	closeHour   = 17
	closeMinute = 30
)

// Unit is what a limit counts.
type Unit string

// The units of GB/T 39046: 工作日 and 自然日.
const (
	Working Unit = "working"
	Natural Unit = "natural"
)

// Limit is a period: 办结时限, 补正期限 and the like. The zero limit is 即办,
// the same working day.
type Limit struct {
	Value int  `json:"value"`
	Unit  Unit `json:"unit"`
}

// String is the limit as a guide prints it: "20个工作日".
func (l Limit) String() string {
	switch {
	case l.Value <= 0:
		return "当场办结"
	case l.Unit == Natural:
		return fmt.Sprintf("%d个自然日", l.Value)
	}
	return fmt.Sprintf("%d个工作日", l.Value)
}

// Deadline is when a period that begins at start ends: the close of business of
// its last day (民法典 201, 203). A limit of 0 ends with the working day on
// which it starts; what starts on a day off or after hours belongs to the next
// working day. provisional says that a day of an unpublished year was counted.
func (c *Calendar) Deadline(start time.Time, l Limit) (due time.Time, provisional bool) {
	day := dayOf(start)
	last := day
	switch {
	case l.Value <= 0:
		if c.working(day) && start.After(day.close()) {
			last++
		}
		last = c.workingFrom(last)
	case l.Unit == Natural:
		last = c.workingFrom(day + civil(l.Value))
	default:
		last = c.add(day, l.Value)
	}
	return last.close(), c.guessed(day, last)
}

// Extend prolongs a deadline (行政许可法 Art 42: ten days with the agency head's
// approval; Art 42 ¶2: fifteen): the added period begins when the old one ends.
func (c *Calendar) Extend(due time.Time, l Limit) (newDue time.Time, provisional bool) {
	if l.Value <= 0 {
		return due, c.Provisional(due)
	}
	return c.Deadline(due, l)
}

// Shift moves a deadline by the time of a special procedure, which is not
// counted (行政许可法 Art 45). The working days after the day of suspension up to
// the day of resumption are added, so that as many days are left after as were
// before; a procedure that ends on the day it began costs the agency nothing and
// gives it nothing.
func (c *Calendar) Shift(due, suspendedFrom, resumedAt time.Time) time.Time {
	n := c.between(dayOf(suspendedFrom), dayOf(resumedAt))
	if n <= 0 {
		return due
	}
	return c.add(dayOf(due), n).close()
}

// Left is the number of working days after today up to the deadline's day: 0 on
// its last day, negative when it is over by so many working days.
func (c *Calendar) Left(now, due time.Time) int {
	today, last := dayOf(now), dayOf(due)
	if last < today {
		return -c.between(last, today)
	}
	return c.between(today, last)
}

// Light is the warning of a deadline.
type Light string

// Green is time enough; yellow is at most a fifth of the time or one working
// day left; red is overdue.
const (
	Green  Light = "green"
	Yellow Light = "yellow"
	Red    Light = "red"
)

// Light is the colour at now of a period that runs from start to due, measured
// in working days also when its limit is in natural days, since only those can
// be used.
func (c *Calendar) Light(now, start, due time.Time) Light {
	if now.After(due) {
		return Red
	}
	left, total := c.Left(now, due), c.Left(start, due)
	if left <= 1 || left*5 <= total {
		return Yellow
	}
	return Green
}

// civil is a day in Asia/Shanghai, counted from 1970-01-01, so that days are
// added without zones.
type civil int32

func dayOf(t time.Time) civil {
	y, m, d := t.In(clock.Shanghai).Date()
	return civil(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// date is midnight UTC of the day, for its parts only.
func (d civil) date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// close is the instant at which the day's business ends.
func (d civil) close() time.Time {
	y, m, day := d.date().Date()
	return time.Date(y, m, day, closeHour, closeMinute, 0, 0, clock.Shanghai)
}
