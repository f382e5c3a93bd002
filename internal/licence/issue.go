package licence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/audit"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/personal"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/postgres"
)

// IssueRequest asks for the licence of one granted case.
type IssueRequest struct {
	Type              string // 21 characters
	ItemID            string
	CaseNo            string
	OrgID             string // who issues
	Region            string // 12 digits; "" is the issuer's
	HolderName        string
	HolderCode        string // ID number or USCC
	HolderCodeType    string // GB/T 36903 annex A: "111", "001" …
	HolderApplicantID string
	Fields            []Field
	ValidFrom         time.Time // zero: now
	ValidTo           time.Time // any instant of the last day; zero: without end
}

// Issue makes, seals and registers the licence of a case, in the transaction of
// ctx if there is one. It is idempotent by case number: asked again, also at
// once by two processes, it answers with the licence that is there.
func (s *Service) Issue(ctx context.Context, r IssueRequest) (Licence, error) {
	var out Licence
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		// Sealing takes tens of milliseconds: the second of two at once waits here
		// and then finds the licence, in place of sealing a file for nothing.
		if _, err := s.DB.Q(ctx).Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('licence:' || $1, 0))`, r.CaseNo); err != nil {
			return postgres.Fault(fmt.Errorf("lock case %s: %w", r.CaseNo, err))
		}
		known, found, err := s.byCase(ctx, r.CaseNo)
		if err != nil || found {
			out = known
			return err
		}
		out, err = s.make(ctx, r)
		return err
	})
	return out, err
}

func (s *Service) make(ctx context.Context, r IssueRequest) (Licence, error) {
	kind, err := s.typeOf(ctx, r)
	if err != nil {
		return Licence{}, err
	}
	org, err := s.Orgs.OrgByID(ctx, r.OrgID)
	if err != nil {
		return Licence{}, fmt.Errorf("issuer of %s: %w", r.CaseNo, err)
	}
	l, err := s.draft(ctx, r, kind, org)
	if err != nil {
		return Licence{}, err
	}
	if _, err := s.Seals.EnsureSeal(ctx, org.ID, org.Name, org.USCC); err != nil {
		return Licence{}, fmt.Errorf("seal of %s: %w", org.Code, err)
	}
	file, err := s.sealed(ctx, &l)
	if err != nil {
		return Licence{}, err
	}
	l.fileKey = "licence/" + l.IssuedAt.In(clock.Shanghai).Format("2006/01/02") + "/" + l.ID + ".ofd"
	size, _, err := s.Files.PutFor(ctx, org.ID, l.fileKey, bytes.NewReader(file), ofdType)
	if err != nil {
		return Licence{}, fmt.Errorf("store licence of %s: %w", r.CaseNo, err)
	}
	sum := sm3.Sum(file)
	l.fileSM3 = sum[:]
	if err := s.insert(ctx, &l, size); err != nil {
		return Licence{}, err
	}
	if err := s.Audit.Record(ctx, audit.Entry{
		Action: "licence.issue", ObjectKind: "licence", ObjectID: l.Identifier, Subject: l.HolderApplicantID,
		Ground: "办件 " + l.CaseNo, OrgPath: l.IssuerPath, Region: l.Region,
	}); err != nil {
		return Licence{}, err
	}
	return l, s.Bus.Publish(ctx, events.New(Issued, l.ID, changed(&l), l.IssuedAt))
}

// draft fills in everything but the file.
func (s *Service) draft(ctx context.Context, r IssueRequest, kind Type, org *directory.Org) (Licence, error) {
	now := s.Clock.Now()
	id := idcode.LicenceID{Type: kind.Code, Issuer: org.USCC, Serial: r.CaseNo, Version: "001"}
	// Strict on what we issue ourselves: an identifier is for ever.
	if err := id.Validate(); err != nil {
		return Licence{}, fmt.Errorf("identifier for case %s: %w", r.CaseNo, err)
	}
	region := r.Region
	if region == "" {
		region = org.Region
	}
	l := Licence{
		ID: postgres.NewID(), Identifier: id.String(), Type: kind.Code, Title: kind.Title, Version: 1, CaseNo: r.CaseNo, ItemID: r.ItemID,
		HolderName: r.HolderName, HolderCode: r.HolderCode, HolderCodeType: r.HolderCodeType, HolderApplicantID: r.HolderApplicantID,
		HolderMasked: personal.MaskID(r.HolderCode), IssuerID: org.ID, IssuerName: org.Name, IssuerUSCC: org.USCC, IssuerPath: org.Path, Region: region,
		Fields: r.Fields, IssuedAt: now, ValidFrom: r.ValidFrom, Status: Valid, StatusText: Valid.Text(), StatusAt: now,
	}
	if l.Fields == nil {
		l.Fields = []Field{}
	}
	if l.ValidFrom.IsZero() {
		l.ValidFrom = now
	}
	if !r.ValidTo.IsZero() {
		to := endOfDay(r.ValidTo)
		l.ValidTo = &to
	}
	var seq int64
	if err := s.DB.Q(ctx).QueryRow(ctx, `SELECT nextval('licence.numbers')`).Scan(&seq); err != nil {
		return Licence{}, postgres.Fault(fmt.Errorf("licence number: %w", err))
	}
	// 编号: region, year, type within its department, sequence.
	l.Number = fmt.Sprintf("%.6s%d%s%07d", region, now.In(clock.Shanghai).Year(), kind.Code[18:], seq)
	return l, nil
}

// endOfDay: the last day of a term runs until midnight (民法典 Art 203 ¶2).
func endOfDay(t time.Time) time.Time {
	y, m, d := t.In(clock.Shanghai).Date()
	return time.Date(y, m, d, 23, 59, 59, 0, clock.Shanghai)
}

// Type is a kind of licence.
type Type struct {
	Code       string `json:"code"`
	Title      string `json:"title"`
	ValidYears int    `json:"valid_years"`
}

// typeOf reads the type, or registers it from the item that issues its first licence.
func (s *Service) typeOf(ctx context.Context, r IssueRequest) (Type, error) {
	known, found, err := s.typeByCode(ctx, r.Type)
	if err != nil || found {
		return known, err
	}
	it, err := s.Items.ItemByID(ctx, r.ItemID)
	if err != nil {
		return Type{}, fmt.Errorf("item of case %s: %w", r.CaseNo, err)
	}
	if it.Licence == nil || it.Licence.Type != r.Type || strings.TrimSpace(it.Licence.Title) == "" {
		return Type{}, errType
	}
	fields, err := json.Marshal(it.Licence.Fields)
	if err != nil {
		return Type{}, fmt.Errorf("fields of type %s: %w", r.Type, err)
	}
	t := Type{Code: r.Type, Title: it.Licence.Title, ValidYears: it.Licence.ValidYears}
	return t, s.insertType(ctx, t, fields)
}
