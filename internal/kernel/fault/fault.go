// Package fault holds the closed set of errors that cross a module's border.
//
// A use case returns a *Fault when the caller can do something about it; any
// other error is internal and shows nothing of itself outside. Only
// platform/httpapi turns faults into RFC 9457 problem documents.
package fault

import (
	"errors"
	"fmt"
)

// Kind is what went wrong, closed: each kind has exactly one HTTP status.
type Kind string

// The kinds. TooMany is a rate limit; Unavailable means "try again, nothing was changed".
const (
	Invalid         Kind = "invalid"
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	TooLarge        Kind = "too_large"
	TooMany         Kind = "too_many"
	Unavailable     Kind = "unavailable"
	Internal        Kind = "internal"
)

// Field is one input that is wrong: Path is a JSON pointer into the body
// ("/form/phone"), Message says in Chinese what to do about it.
type Field struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Fault is an error meant for the caller. Code is stable, for programs
// ("case.stale-version"); Message is Chinese, for people, and says what to do.
// It never contains the offending value, which may be personal data.
type Fault struct {
	Kind    Kind
	Code    string
	Message string
	Fields  []Field
	// Current is the present state of the object after a conflict, for the
	// loser of a race to show; it must be fit for the caller's eyes.
	Current any
	cause   error
}

func (f *Fault) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s (%s): %v", f.Code, f.Kind, f.cause)
	}
	return fmt.Sprintf("%s (%s)", f.Code, f.Kind)
}

// Unwrap gives the cause, which is logged and never shown.
func (f *Fault) Unwrap() error { return f.cause }

// New makes a fault with a stable code and a Chinese message.
func New(kind Kind, code, message string) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message}
}

// WithFields returns a copy that names the wrong inputs.
func (f *Fault) WithFields(fields ...Field) *Fault {
	c := *f
	c.Fields = fields
	return &c
}

// WithCurrent returns a copy that carries the object's present state.
func (f *Fault) WithCurrent(state any) *Fault {
	c := *f
	c.Current = state
	return &c
}

// Because returns a copy with the cause for the log.
func (f *Fault) Because(err error) *Fault {
	c := *f
	c.cause = err
	return &c
}

// Is lets errors.Is compare faults by code, so package-level faults can be sentinels.
func (f *Fault) Is(target error) bool {
	var t *Fault
	return errors.As(target, &t) && t.Code == f.Code
}

// Of finds the fault in err; an error that carries none is Internal.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Internal, Code: "internal", Message: "系统出了问题，您的操作没有生效，请稍后再试。", cause: err}
}

// KindOf is shorthand for Of(err).Kind; it is "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return Of(err).Kind
}
