package licence

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/personal"
)

// unmaskedFor is how long a page shows whole values before it masks them again.
const unmaskedFor = 5 * time.Minute

// Unmasked are whole values, to be shown until Until.
type Unmasked struct {
	HolderCode string    `json:"holder_code" doc:"持证主体代码"`
	Fields     []Field   `json:"fields"`
	Until      time.Time `json:"until" doc:"到这个时间页面恢复遮盖"`
}

var errPurpose = fault.New(fault.Invalid, "personal.purpose-missing", "请选择用途，并用 4 到 200 字说明为什么要看完整信息；它会记入操作留痕，持证人也能看到。").
	WithFields(fault.Field{Path: "/words", Message: "请写明具体用途，4 到 200 字。"})

// hide masks a person's licence for an official: the holder's number, other people's
// numbers and homes. It reports whether anything was hidden.
func (l *Licence) hide() bool {
	hidden := false
	fields := make([]Field, len(l.Fields))
	for i, f := range l.Fields {
		value := personal.MaskText(f.Value)
		if l.HolderCodeType != codeUSCC && f.Value == l.HolderCode {
			value = l.HolderMasked
		}
		if strings.Contains(f.Title, "住址") {
			value = personal.MaskAddress(f.Value)
		}
		hidden = hidden || value != f.Value
		fields[i] = Field{Title: f.Title, Value: value}
	}
	l.Fields = fields
	return hidden || l.HolderCodeType != codeUSCC
}

// Unmask gives the whole values of a licence to an official with the right at its place
// who says what for. No value leaves without its evidence.
func (s *Service) Unmask(ctx context.Context, id, purpose, words string) (Unmasked, error) {
	l, found, err := s.byID(ctx, id)
	if err != nil {
		return Unmasked{}, err
	}
	who := actor.From(ctx)
	if !found || !s.serves(who, &l) {
		return Unmasked{}, errNotFound
	}
	if err := who.Require(personal.Unmask, l.place()); err != nil {
		return Unmasked{}, err
	}
	name, ok := personal.Purposes[purpose]
	words = strings.TrimSpace(words)
	if n := utf8.RuneCountInString(words); !ok || n < 4 || n > 200 {
		return Unmasked{}, errPurpose
	}
	shown := []string{"持证主体代码"}
	for _, f := range l.Fields {
		shown = append(shown, f.Title)
	}
	which, err := json.Marshal(map[string][]string{"fields": shown})
	if err != nil {
		return Unmasked{}, fmt.Errorf("fields shown: %w", err)
	}
	if err := s.Audit.Record(ctx, audit.Entry{
		Action: "licence.unmask", ObjectKind: "licence", ObjectID: l.Identifier, Subject: l.HolderApplicantID, Ground: name + "：" + words,
		After: which, OrgPath: l.IssuerPath, Region: l.Region,
	}); err != nil {
		return Unmasked{}, fmt.Errorf("evidence of unmasking: %w", err)
	}
	return Unmasked{HolderCode: l.HolderCode, Fields: l.Fields, Until: s.Clock.Now().Add(unmaskedFor)}, nil
}

// serves tells whether an official may know of the licence.
func (s *Service) serves(who *actor.Actor, l *Licence) bool {
	return who.Can(ActionView, l.place()) || who.Can(ActionRevoke, l.place())
}
