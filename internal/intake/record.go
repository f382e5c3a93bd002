package intake

import (
	"encoding/json"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/workday"
)

// record is the row of a case.
type record struct {
	CaseNo               string
	Region               string
	OrgID                string
	OrgName              string
	OrgPath              string
	ItemID               string
	ItemVersion          int
	ItemName             string
	LicenceType          string
	FormID               string
	FormVersion          int
	Form                 []byte
	ApplicantID          string
	ApplicantKind        string
	ApplicantName        string
	AccountID            string
	State                State
	Result               Result
	Open                 bool
	Version              int
	SubmittedAt          time.Time
	ReceivedAt           time.Time
	Awaits               string
	QueueAt              time.Time
	NextDue              *time.Time
	StepDue              *time.Time
	SupplementAt         *time.Time
	AcceptedAt           *time.Time
	PromisedValue        int
	PromisedUnit         string
	StatutoryValue       int
	StatutoryUnit        string
	PromisedDue          *time.Time
	StatutoryDue         *time.Time
	PromisedProvisional  bool
	StatutoryProvisional bool
	Paused               []Span
	SuspendedFrom        State
	Extended             bool
	DecidedAt            *time.Time
	EndedAt              *time.Time
	LicenceID            string
	LicenceName          string
	LicenceNo            string
	LastBy               string
	LastAt               time.Time
}

// eventRow is one line of the timeline.
type eventRow struct {
	Seq        int
	At         time.Time
	Move       Move
	FromState  State
	ToState    State
	ActorKind  string
	ActorID    string
	ActorName  string
	PostName   string
	Opinion    string
	Detail     json.RawMessage
	DocumentID *string

	OpinionSealed []byte
	DetailSealed  []byte
}

type materialRow struct {
	Code      string
	Ord       int
	Name      string
	Required  bool
	Status    string
	Result    string
	Note      string
	CheckedBy string
	CheckedAt *time.Time

	NoteSealed []byte
}

type fileRow struct {
	ID          string
	Material    string
	Name        string
	Size        int64
	ContentType string
	BlobKey     string
	SM3         []byte
	Round       int
	CreatedAt   time.Time

	NameSealed []byte
}

type documentRow struct {
	ID       string
	Kind     DocumentKind
	Title    string
	Number   string
	Data     json.RawMessage
	IssuedAt time.Time
	Ready    bool
	OFDKey   string
	PDFKey   string

	DataSealed []byte
}

// place is where the case belongs, for the check of rights.
func (r *record) place() actor.Place { return actor.Place{OrgPath: r.OrgPath, Region: r.Region} }

func (r *record) clock() DecisionClock {
	return DecisionClock{
		Start:     instant(r.AcceptedAt),
		Promised:  workday.Limit{Value: r.PromisedValue, Unit: workday.Unit(r.PromisedUnit)},
		Statutory: workday.Limit{Value: r.StatutoryValue, Unit: workday.Unit(r.StatutoryUnit)},
		Paused:    r.Paused,
		Extended:  r.Extended,
	}
}

// settle computes what follows from the facts of the row: the deadlines of the
// decision, the next one that runs, whose step is next, and the place in the desk's list. It is called after
// every change of a fact, so the columns can't disagree.
func (r *record) settle(cal *workday.Calendar) {
	if r.AcceptedAt != nil {
		d := r.clock().Due(cal)
		r.PromisedDue, r.StatutoryDue = &d.Promised, &d.Statutory
		r.PromisedProvisional, r.StatutoryProvisional = d.PromisedProvisional, d.StatutoryProvisional
	}
	r.Open, r.Awaits = r.State.Open(), r.State.awaits()
	r.NextDue = nil
	switch {
	case r.State.AwaitsAcceptance():
		r.NextDue = r.StepDue
	case r.State.Running():
		r.NextDue = r.PromisedDue
		if r.StatutoryDue.Before(*r.PromisedDue) {
			r.NextDue = r.StatutoryDue
		}
	}
	r.QueueAt = r.LastAt
	if r.NextDue != nil {
		r.QueueAt = *r.NextDue
	}
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// limitsText prints the limits as a guide does.
func (r *record) limitsText() (promised, statutory string) {
	c := r.clock()
	if c.Statutory.Unit == "" {
		c.Statutory = DecisionLimit
	}
	if c.Promised.Unit == "" {
		c.Promised = c.Statutory
	}
	return c.Promised.String(), c.Statutory.String()
}
