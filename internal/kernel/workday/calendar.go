package workday

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Calendar knows which days are worked. It does not change after Load, so it is
// safe for concurrent use; a new year means a new calendar.
type Calendar struct {
	off       map[civil]bool // what the notices say: true is off, false a weekend that is worked
	published map[int]bool   // years that have a notice

	// The days on which the notices differ from the week, in order, and by how
	// many working days they have changed the count up to each: lists show a light
	// on every row, so counting days must not walk them.
	changed []civil
	gained  []int
}

// Load reads the notices as CSV with the heading date,is_off_day,name,paper
// (paper is the notice's address). A year counts as published when it says what
// happens on National Day: a notice also names a few days of the year before.
func Load(r io.Reader) (*Calendar, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = 4
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("calendar heading: %w", err)
	}
	if head[0] != "date" || head[1] != "is_off_day" {
		return nil, errors.New("calendar: the heading must be date,is_off_day,name,paper")
	}
	c := &Calendar{off: map[civil]bool{}, published: map[int]bool{}}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("calendar: %w", err)
		}
		date, err := time.Parse(time.DateOnly, row[0])
		if err != nil || (row[1] != "0" && row[1] != "1") {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("calendar line %d: %q, %q is not a date and 0 or 1", line, row[0], row[1])
		}
		day, off := dayOf(date), row[1] == "1"
		if was, twice := c.off[day]; twice && was != off {
			return nil, fmt.Errorf("calendar: %s is said to be both off and worked", row[0])
		}
		c.off[day] = off
		if date.Month() == time.October && date.Day() == 1 {
			c.published[date.Year()] = true
		}
	}
	if len(c.published) == 0 {
		return nil, errors.New("calendar: no year is complete")
	}
	c.index()
	return c, nil
}

func (c *Calendar) index() {
	for day, off := range c.off {
		if off == weekday(day) {
			c.changed = append(c.changed, day)
		}
	}
	slices.Sort(c.changed)
	gain := 0
	for _, day := range c.changed {
		if c.off[day] {
			gain--
		} else {
			gain++
		}
		c.gained = append(c.gained, gain)
	}
}

// IsWorkday reports whether the day of t in Asia/Shanghai is worked.
func (c *Calendar) IsWorkday(t time.Time) bool { return c.working(dayOf(t)) }

// Published reports whether the State Council's notice for the year is loaded.
func (c *Calendar) Published(year int) bool { return c.published[year] }

// Provisional reports whether t lies in a year that is not published: a deadline
// there must be computed again when it is.
func (c *Calendar) Provisional(t time.Time) bool {
	return !c.published[dayOf(t).date().Year()]
}

func (c *Calendar) working(d civil) bool {
	if off, said := c.off[d]; said {
		return !off
	}
	return weekday(d)
}

// weekday reports whether d is Monday to Friday. 1970-01-01 was a Thursday.
func weekday(d civil) bool { return weekdaysTo(d)-weekdaysTo(d-1) == 1 }

// weekdaysTo counts Monday to Friday from a fixed Monday before all time up to
// and with d; only differences mean anything.
func weekdaysTo(d civil) int {
	const longAgo = 3 + 7*200_000 // days before 1970-01-01, a Monday
	n := int(d) + longAgo + 1
	return n/7*5 + min(n%7, 5)
}

// workingFrom is d or the first working day after it (民法典 203).
func (c *Calendar) workingFrom(d civil) civil {
	for !c.working(d) {
		d++
	}
	return d
}

// add is the n-th working day after d; d itself is not counted (民法典 201).
func (c *Calendar) add(d civil, n int) civil {
	for n > 0 {
		d++
		if c.working(d) {
			n--
		}
	}
	return d
}

// between counts the working days after from, up to and with to; 0 when to is
// not after from.
func (c *Calendar) between(from, to civil) int {
	if to <= from {
		return 0
	}
	return weekdaysTo(to) - weekdaysTo(from) + c.gainTo(to) - c.gainTo(from)
}

// gainTo is what the notices have added to or taken from the week up to and with d.
func (c *Calendar) gainTo(d civil) int {
	i, here := slices.BinarySearch(c.changed, d)
	if here {
		i++
	}
	if i == 0 {
		return 0
	}
	return c.gained[i-1]
}

// guessed reports whether a day after from up to and with to is of an
// unpublished year; from itself is never counted.
func (c *Calendar) guessed(from, to civil) bool {
	first := (from + 1).date().Year()
	if to <= from {
		first = to.date().Year()
	}
	for year := first; year <= to.date().Year(); year++ {
		if !c.published[year] {
			return true
		}
	}
	return false
}
