package intake

import (
	"encoding/json"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/personal"
	"onedoor/internal/kernel/workday"
)

// Case is a case as its applicant or an officer sees it; `can` is what this reader may
// do to it now.
type Case struct {
	CaseNo        string           `json:"case_no"`
	ItemID        string           `json:"item_id"`
	ItemName      string           `json:"item_name"`
	ItemVersion   int              `json:"item_version"`
	OrgID         string           `json:"org_id"`
	OrgName       string           `json:"org_name"`
	Region        string           `json:"region"`
	ApplicantName string           `json:"applicant_name"`
	ApplicantKind string           `json:"applicant_kind"`
	State         State            `json:"state"`
	StateText     string           `json:"state_text"`
	Result        Result           `json:"result"`
	Light         workday.Light    `json:"light"`
	Version       int              `json:"version"`
	SubmittedAt   time.Time        `json:"submitted_at"`
	AcceptedAt    *time.Time       `json:"accepted_at,omitempty"`
	DecidedAt     *time.Time       `json:"decided_at,omitempty"`
	EndedAt       *time.Time       `json:"ended_at,omitempty"`
	FormID        string           `json:"form_id"`
	FormVersion   int              `json:"form_version"`
	Form          json.RawMessage  `json:"form"`
	Masked        []personal.Field `json:"masked" doc:"申请表中被遮盖的栏目"`
	CanUnmask     bool             `json:"can_unmask" doc:"可以说明用途后查看完整信息"`
	Deadlines     CaseDeadlines    `json:"deadlines"`
	LimitsText    LimitsText       `json:"limits_text"`
	Timeline      []TimelineEntry  `json:"timeline"`
	Materials     []CaseMaterial   `json:"materials"`
	Supplement    *Supplement      `json:"supplement,omitempty"`
	Suspension    *Suspension      `json:"suspension,omitempty"`
	Documents     []CaseDocument   `json:"documents"`
	Licence       *IssuedLicence   `json:"licence,omitempty"`
	Can           []Move           `json:"can"`
}

// CaseDeadlines are the three clocks of a case.
type CaseDeadlines struct {
	Step      *Deadline `json:"step,omitempty" doc:"受理期限"`
	Promised  *Deadline `json:"promised,omitempty" doc:"承诺办结期限"`
	Statutory *Deadline `json:"statutory,omitempty" doc:"法定办结期限"`
}

// Deadline is one clock. Provisional: it reaches into a year whose calendar the State
// Council has not published yet.
type Deadline struct {
	Due         time.Time     `json:"due"`
	Light       workday.Light `json:"light"`
	Provisional bool          `json:"provisional"`
	Text        string        `json:"text"`
}

// LimitsText prints the limits of the item as the guide does.
type LimitsText struct {
	Promised  string `json:"promised"`
	Statutory string `json:"statutory"`
}

// TimelineEntry tells one move in plain words.
type TimelineEntry struct {
	Seq        int       `json:"seq"`
	At         time.Time `json:"at"`
	Move       Move      `json:"move"`
	State      State     `json:"state"`
	StateText  string    `json:"state_text"`
	Told       string    `json:"told"`
	By         string    `json:"by"`
	Post       string    `json:"post,omitempty"`
	Opinion    string    `json:"opinion,omitempty"`
	Article    string    `json:"article,omitempty"`
	DocumentID string    `json:"document_id,omitempty"`
}

// CaseMaterial is one line of the material with the files handed in for it.
type CaseMaterial struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Status   string `json:"status"`
	Result   string `json:"result"`
	Note     string `json:"note,omitempty"`
	Files    []File `json:"files"`
}

// File is a file of a draft or a case.
type File struct {
	ID          string `json:"id"`
	Material    string `json:"material"`
	Name        string `json:"name"`
	Size        int64  `json:"size"`
	ContentType string `json:"content_type"`
	Round       int    `json:"round"`
}

// Supplement is the one notice of Art 32(4).
type Supplement struct {
	Items []SupplementItem `json:"items"`
	Note  string           `json:"note,omitempty"`
	At    time.Time        `json:"at"`
}

// SupplementItem says what is missing or wrong with one material.
type SupplementItem struct {
	Material string `json:"material" maxLength:"64"`
	Name     string `json:"name,omitempty" maxLength:"200"`
	What     string `json:"what" maxLength:"1000"`
}

// Suspension is the running special procedure (Art 45).
type Suspension struct {
	Kind   string    `json:"kind"`
	Ground string    `json:"ground"`
	Needed string    `json:"needed" doc:"所需时间，书面告知申请人"`
	Since  time.Time `json:"since"`
}

// CaseDocument is a paper of the case.
type CaseDocument struct {
	ID       string       `json:"id"`
	Kind     DocumentKind `json:"kind"`
	Title    string       `json:"title"`
	Number   string       `json:"number"`
	IssuedAt time.Time    `json:"issued_at"`
	Ready    bool         `json:"ready"`
}

// dossier is everything the database holds of a case.
type dossier struct {
	record
	events    []eventRow
	materials []materialRow
	files     []fileRow
	documents []documentRow
}

// view shows the dossier to a reader whose right has been checked. form is the
// decrypted form, masked before if the reader must not see it whole.
func (d *dossier) view(cal *workday.Calendar, now time.Time, reader *actor.Actor, form json.RawMessage) *Case {
	applicant := reader.ApplicantID != "" && reader.ApplicantID == d.ApplicantID
	promised, statutory := d.limitsText()
	c := &Case{
		CaseNo: d.CaseNo, ItemID: d.ItemID, ItemName: d.ItemName, ItemVersion: d.ItemVersion,
		OrgID: d.OrgID, OrgName: d.OrgName, Region: d.Region,
		ApplicantName: d.ApplicantName, ApplicantKind: d.ApplicantKind,
		State: d.State, StateText: stateText(d.State, d.Result, applicant), Result: d.Result, Version: d.Version,
		SubmittedAt: d.SubmittedAt, AcceptedAt: d.AcceptedAt, DecidedAt: d.DecidedAt, EndedAt: d.EndedAt,
		FormID: d.FormID, FormVersion: d.FormVersion, Form: form,
		Light:      d.light(cal, now),
		Deadlines:  d.deadlines(cal, now),
		LimitsText: LimitsText{promised, statutory},
		Masked:     []personal.Field{},
		Timeline:   make([]TimelineEntry, 0, len(d.events)),
		Materials:  make([]CaseMaterial, 0, len(d.materials)),
		Documents:  make([]CaseDocument, 0, len(d.documents)),
		Can:        MovesFor(reader, d.ApplicantID, d.place(), d.State, d.Extended),
	}
	for i := range d.events {
		c.addEvent(&d.events[i], d.Result, applicant)
	}
	for _, m := range d.materials {
		c.Materials = append(c.Materials, CaseMaterial{m.Code, m.Name, m.Required, m.Status, m.Result, m.Note, filesOf(d.files, m.Code)})
	}
	for _, p := range d.documents {
		c.Documents = append(c.Documents, CaseDocument{p.ID, p.Kind, p.Title, p.Number, p.IssuedAt, p.Ready})
	}
	if d.LicenceID != "" {
		c.Licence = &IssuedLicence{d.LicenceID, d.LicenceName, d.LicenceNo}
	}
	if d.State != Suspended {
		c.Suspension = nil // over: the timeline tells it
	}
	return c
}

// hide covers what the reader has no need of: numbers in what officers wrote, and the
// given name where the reader does not handle the case.
func (c *Case) hide(who *actor.Actor, at actor.Place, masked []personal.Field) {
	if who.ApplicantID != "" || who.Kind == actor.System {
		return
	}
	c.Masked, c.CanUnmask = masked, who.Can(personal.Unmask, at)
	if !handles(who, at) && c.ApplicantKind == "person" {
		c.ApplicantName = personal.MaskName(c.ApplicantName)
	}
	for i := range c.Timeline {
		c.Timeline[i].Opinion = personal.MaskText(c.Timeline[i].Opinion)
	}
	for i := range c.Materials {
		c.Materials[i].Note = personal.MaskText(c.Materials[i].Note)
		for j := range c.Materials[i].Files {
			c.Materials[i].Files[j].Name = personal.MaskText(c.Materials[i].Files[j].Name)
		}
	}
}

func (c *Case) addEvent(e *eventRow, result Result, applicant bool) {
	t := TransitionOf(e.Move)
	entry := TimelineEntry{
		Seq: e.Seq, At: e.At, Move: e.Move, State: e.ToState, StateText: stateText(e.ToState, result, applicant),
		Told: t.Told, By: e.ActorName, Post: e.PostName, Opinion: e.Opinion, Article: t.Article,
	}
	if applicant && e.Move == MoveReview {
		entry.Opinion = "" // a proposal inside the agency binds nobody until the decision
	}
	if e.DocumentID != nil {
		entry.DocumentID = *e.DocumentID
	}
	c.Timeline = append(c.Timeline, entry)
	switch e.Move {
	case MoveRequestSupplement:
		c.Supplement = &Supplement{Items: []SupplementItem{}, At: e.At}
		_ = json.Unmarshal(e.Detail, c.Supplement) // written by us; a mistake shows as an empty list
	case MoveSuspend:
		c.Suspension = &Suspension{Since: e.At}
		_ = json.Unmarshal(e.Detail, c.Suspension)
	}
}

func stateText(s State, r Result, applicant bool) string {
	if applicant {
		return s.PlainText(r)
	}
	return s.Text()
}

func filesOf(all []fileRow, material string) []File {
	out := []File{}
	for _, f := range all {
		if f.Material == material {
			out = append(out, f.view())
		}
	}
	return out
}

func (f *fileRow) view() File {
	return File{f.ID, f.Material, f.Name, f.Size, f.ContentType, f.Round}
}

// light is the case's one colour: that of the deadline that runs next.
func (r *record) light(cal *workday.Calendar, now time.Time) workday.Light {
	if r.State.AwaitsAcceptance() {
		return lightOf(cal, r.State, now, time.Time{}, r.ReceivedAt, instant(r.StepDue))
	}
	start := instant(r.AcceptedAt)
	promised := lightOf(cal, r.State, now, instant(r.EndedAt), start, instant(r.PromisedDue))
	statutory := lightOf(cal, r.State, now, instant(r.EndedAt), start, instant(r.StatutoryDue))
	if statutory == workday.Red {
		return statutory
	}
	return promised
}

func (r *record) deadlines(cal *workday.Calendar, now time.Time) CaseDeadlines {
	var d CaseDeadlines
	if r.State.AwaitsAcceptance() && r.StepDue != nil {
		d.Step = deadline(*r.StepDue, lightOf(cal, r.State, now, time.Time{}, r.ReceivedAt, *r.StepDue), cal.Provisional(*r.StepDue))
	}
	if r.AcceptedAt != nil && r.PromisedDue != nil && r.StatutoryDue != nil {
		ended := instant(r.EndedAt)
		d.Promised = deadline(*r.PromisedDue, lightOf(cal, r.State, now, ended, *r.AcceptedAt, *r.PromisedDue), r.PromisedProvisional)
		d.Statutory = deadline(*r.StatutoryDue, lightOf(cal, r.State, now, ended, *r.AcceptedAt, *r.StatutoryDue), r.StatutoryProvisional)
	}
	return d
}

func deadline(due time.Time, light workday.Light, provisional bool) *Deadline {
	return &Deadline{Due: due, Light: light, Provisional: provisional, Text: lightTexts[light]}
}

// lightTexts stand beside the colour, which alone tells some people nothing.
var lightTexts = map[workday.Light]string{
	workday.Green: "正常", workday.Yellow: "临期", workday.Red: "超期", LightPaused: "暂停计时", LightNone: "",
}
