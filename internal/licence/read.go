package licence

import (
	"context"
	"fmt"
	"strings"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/personal"
)

// Mine lists the licences of whoever the actor acts for, newest first (我的证照).
func (s *Service) Mine(ctx context.Context, req page.Request) (page.Page[Licence], error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return page.Page[Licence]{}, err
	}
	before, err := beforeOf(req)
	if err != nil {
		return page.Page[Licence]{}, err
	}
	list, err := s.many(ctx, `WHERE holder_applicant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, who.ApplicantID, before, req.Limit()+1)
	if err != nil {
		return page.Page[Licence]{}, err
	}
	return cut(list, req), nil
}

// ByID is one licence, for its holder or for an official who may see it. An
// official's look is kept as evidence: the fields are personal data.
func (s *Service) ByID(ctx context.Context, id string) (Licence, error) {
	l, found, err := s.byID(ctx, id)
	if err != nil {
		return Licence{}, err
	}
	who := actor.From(ctx)
	switch {
	case !found:
		return Licence{}, errNotFound
	case s.holds(who, &l):
		return l, nil
	case s.serves(who, &l):
		l.CanUnmask = l.hide() && who.Can(personal.Unmask, l.place())
		return l, s.Audit.Record(ctx, audit.Entry{
			Action: "licence.view", ObjectKind: "licence", ObjectID: l.Identifier, Subject: l.HolderApplicantID, Ground: "查看证照",
			OrgPath: l.IssuerPath, Region: l.Region,
		})
	}
	// To others it does not exist: an answer "forbidden" would tell that it does.
	return Licence{}, errNotFound
}

func (s *Service) holds(who *actor.Actor, l *Licence) bool {
	return who.ApplicantID != "" && who.ApplicantID == l.HolderApplicantID
}

// Format is how a licence is handed out.
type Format string

// The formats. The PDF is a copy.
const (
	OFD Format = "ofd"
	PDF Format = "pdf"
)

// File is a licence to be saved or shown.
type File struct {
	Name, ContentType string
	Body              []byte
}

// File hands out the sealed file or its PDF copy, to whom ByID shows the licence.
func (s *Service) File(ctx context.Context, id string, format Format) (File, error) {
	l, err := s.ByID(ctx, id)
	if err != nil {
		return File{}, err
	}
	name := l.Title + "-" + l.Number
	if format == PDF {
		body, err := s.keptCopy(ctx, &l)
		return File{Name: name + "（副本）.pdf", ContentType: "application/pdf", Body: body}, err
	}
	// The original holds the holder's whole number (GB/T 36903, CZZTDM), whatever the page
	// masks: an official who takes it leaves an entry of its own.
	if !s.holds(actor.From(ctx), &l) {
		if err := s.Audit.Record(ctx, audit.Entry{
			Action: "licence.download", ObjectKind: "licence", ObjectID: l.Identifier, OnBehalf: l.HolderApplicantID, Ground: "下载证照原件（含完整信息）",
			OrgPath: l.IssuerPath, Region: l.Region,
		}); err != nil {
			return File{}, fmt.Errorf("evidence of downloading: %w", err)
		}
	}
	body, err := s.Files.Read(ctx, l.fileKey)
	if err != nil {
		return File{}, fmt.Errorf("file of licence %s: %w", l.ID, err)
	}
	return File{Name: name + ".ofd", ContentType: ofdType, Body: body}, nil
}

// Issued lists what the departments have issued where the actor may see it.
// q is a number, an identifier, a case number, the holder's code, or the
// beginning of the holder's name.
func (s *Service) Issued(ctx context.Context, q string, req page.Request) (page.Page[Licence], error) {
	who := actor.From(ctx)
	places := append(who.Places(ActionView), who.Places(ActionRevoke)...)
	if len(places) == 0 {
		return page.Page[Licence]{}, who.Require(ActionView, actor.Place{})
	}
	before, err := beforeOf(req)
	if err != nil {
		return page.Page[Licence]{}, err
	}
	args := []any{before, req.Limit() + 1}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	var scope []string
	for _, p := range places {
		scope = append(scope, `(issuer_path LIKE `+arg(likePrefix(p.OrgPath))+` AND region LIKE `+arg(likePrefix(actor.RegionPrefix(p.Region)))+`)`)
	}
	where := `WHERE id < $1 AND (` + strings.Join(scope, " OR ") + `)`
	if q = strings.TrimSpace(q); q != "" {
		where += ` AND (number = ` + arg(q) + ` OR identifier = ` + arg(q) + ` OR case_no = ` + arg(strings.ToUpper(q)) +
			` OR holder_blind = ` + arg(s.Keys.Blind(strings.ToUpper(q), blindContext)) + ` OR holder_name LIKE ` + arg(likePrefix(q)) + `)`
	}
	list, err := s.many(ctx, where+` ORDER BY id DESC LIMIT $2`, args...)
	if err != nil {
		return page.Page[Licence]{}, err
	}
	for i := range list {
		list[i].CanUnmask = list[i].hide() && who.Can(personal.Unmask, list[i].place())
		list[i].Fields = []Field{} // a list shows no more than it needs
	}
	return cut(list, req), nil
}

// last is above every id of version 7.
const last = "ffffffff-ffff-ffff-ffff-ffffffffffff"

type cursor struct {
	ID string `json:"id"`
}

func beforeOf(req page.Request) (string, error) {
	c := cursor{ID: last}
	if _, err := req.Decode(&c); err != nil {
		return "", err
	}
	return c.ID, nil
}

func cut(list []Licence, req page.Request) page.Page[Licence] {
	return page.Cut(list, req.Limit(), func(l Licence) any { return cursor{l.ID} })
}

func likePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
