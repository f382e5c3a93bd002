package intake

import (
	"time"

	"onedoor/internal/kernel/workday"
)

// The limits of the law that do not depend on the item.
var (
	// AcceptanceLimit is Art 32(4): five days to accept, decline or say what is missing.
	AcceptanceLimit = workday.Limit{Value: 5, Unit: workday.Working}
	// DecisionLimit is Art 42 ¶1, for an item that names no statutory limit of its own.
	DecisionLimit = workday.Limit{Value: 20, Unit: workday.Working}
	// ExtensionLimit is Art 42 ¶1: ten days more, once, approved by the agency's head.
	ExtensionLimit = workday.Limit{Value: 10, Unit: workday.Working}
	// ReplyLimit is what is left at least to answer a supplement that came in when the
	// five days were nearly used up.
	ReplyLimit = workday.Limit{Value: 1, Unit: workday.Working}
)

// Span is a time that does not count (特别程序, Art 45). A zero To is still running.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Deadlines are the instants that a case carries. A zero instant means that no such
// clock runs: before acceptance only the step's, after it the other two.
type Deadlines struct {
	Promised, Statutory                       time.Time
	PromisedProvisional, StatutoryProvisional bool
}

// DecisionClock holds the facts from which the deadlines of a decision follow. They are
// computed anew from these facts at every change (and when a year's calendar is
// published), never moved by hand, so that no history can make them wrong.
type DecisionClock struct {
	Start     time.Time // acceptance; by silence, the day the material came in
	Promised  workday.Limit
	Statutory workday.Limit
	Paused    []Span
	Extended  bool // Art 42, once
}

// Due computes both deadlines. The extension moves the statutory deadline only: what was
// promised to the public stays promised, and its light tells that it was not kept.
func (c DecisionClock) Due(cal *workday.Calendar) Deadlines {
	statutory := c.Statutory
	if statutory.Unit == "" {
		statutory = DecisionLimit
	}
	promised := c.Promised
	if promised.Unit == "" {
		promised = statutory
	}
	var d Deadlines
	d.Promised, d.PromisedProvisional = cal.Deadline(c.Start, promised)
	d.Statutory, d.StatutoryProvisional = cal.Deadline(c.Start, statutory)
	if c.Extended {
		var guessed bool
		d.Statutory, guessed = cal.Extend(d.Statutory, ExtensionLimit)
		d.StatutoryProvisional = d.StatutoryProvisional || guessed
	}
	for _, p := range c.Paused {
		if p.To.IsZero() {
			continue // still running: the deadlines move when it ends
		}
		d.Promised = cal.Shift(d.Promised, p.From, p.To)
		d.Statutory = cal.Shift(d.Statutory, p.From, p.To)
	}
	d.PromisedProvisional = d.PromisedProvisional || cal.Provisional(d.Promised)
	d.StatutoryProvisional = d.StatutoryProvisional || cal.Provisional(d.Statutory)
	return d
}

// AcceptanceDue is the end of the five days from the receipt of the material.
func AcceptanceDue(cal *workday.Calendar, received time.Time) time.Time {
	due, _ := cal.Deadline(received, AcceptanceLimit)
	return due
}

// ResumedAcceptanceDue is the step's deadline once the supplement is in: the time that
// the applicant took does not count, and at least one working day is left to look at it.
func ResumedAcceptanceDue(cal *workday.Calendar, due, requested, replied time.Time) time.Time {
	shifted := cal.Shift(due, requested, replied)
	least, _ := cal.Deadline(replied, ReplyLimit)
	if shifted.Before(least) {
		return least
	}
	return shifted
}

// LightPaused is shown while the clock stands still (Art 45), LightNone where none runs.
const (
	LightPaused workday.Light = "paused"
	LightNone   workday.Light = ""
)

// lightOf is the light of one deadline: while open as of now, once ended as of the end,
// for a case that was late stays late.
func lightOf(cal *workday.Calendar, state State, now, ended, start, due time.Time) workday.Light {
	switch {
	case due.IsZero() || start.IsZero():
		return LightNone
	case state == Suspended:
		return LightPaused
	case !ended.IsZero():
		if ended.After(due) {
			return workday.Red
		}
		return workday.Green
	}
	return cal.Light(now, start, due)
}
