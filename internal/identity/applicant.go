package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/sm"
)

// The kinds of applicant and the types of their numbers (GB/T 36903).
const (
	Person = "person"
	Legal  = "legal"

	CitizenID = "111" // 居民身份证
	USCC      = "001" // 统一社会信用代码
)

// Applicant is a natural or legal person in whose name something is applied for.
// IDNumber and Phone are in clear, for forms and licences; what leaves the house
// uses the masked forms, unless a grant and a purpose say otherwise.
type Applicant struct {
	ID       string
	Kind     string // Person or Legal
	Name     string
	IDType   string
	IDNumber string
	Phone    string
	Region   string
}

// MaskedID is the number as it may be shown.
func (a *Applicant) MaskedID() string { return sm.MaskID(a.IDNumber) }

// MaskedPhone is the phone as it may be shown.
func (a *Applicant) MaskedPhone() string { return sm.MaskPhone(a.Phone) }

var errApplicant = fault.New(fault.NotFound, "identity.applicant-not-found", "没有找到这位申请人。")

// ApplicantByID finds one applicant.
func (s *Service) ApplicantByID(ctx context.Context, id string) (*Applicant, error) {
	found, err := s.ApplicantsByIDs(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	a, ok := found[id]
	if !ok {
		return nil, errApplicant
	}
	return &a, nil
}

type applicantRow struct {
	ID     string
	Kind   string
	Name   string
	IDType string
	Number []byte
	Phone  []byte
	Region string
}

// ApplicantsByIDs finds several; unknown ids are left out.
func (s *Service) ApplicantsByIDs(ctx context.Context, ids []string) (map[string]Applicant, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id, kind, name, id_type, number, phone, region
		FROM identity.applicants WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return nil, fmt.Errorf("read applicants: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[applicantRow])
	if err != nil {
		return nil, fmt.Errorf("read applicants: %w", err)
	}
	out := make(map[string]Applicant, len(list))
	for _, r := range list {
		number, err := s.openOf(r.ID, r.Number, numberContext)
		if err != nil {
			return nil, err
		}
		phone, err := s.openOf(r.ID, r.Phone, phoneContext)
		if err != nil {
			return nil, err
		}
		out[r.ID] = Applicant{
			ID: r.ID, Kind: r.Kind, Name: r.Name, IDType: r.IDType,
			IDNumber: number, Phone: phone, Region: r.Region,
		}
	}
	return out, nil
}

// putApplicant adds a unless somebody with the number is there already, and
// gives the id of the row that has it.
func (s *Service) putApplicant(ctx context.Context, a Applicant, at time.Time) (id string, added bool, err error) {
	blind := s.Keys.Blind(a.IDNumber, numberContext)
	err = s.DB.Q(ctx).QueryRow(ctx, `INSERT INTO identity.applicants
			(id, kind, name, id_type, number, number_blind, phone, region, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id_type, number_blind) DO UPDATE SET id_type = EXCLUDED.id_type
		RETURNING id, xmax = 0`,
		a.ID, a.Kind, a.Name, a.IDType, s.sealOf(a.ID, a.IDNumber, numberContext), blind,
		s.sealOf(a.ID, a.Phone, phoneContext), a.Region, at).Scan(&id, &added)
	if err != nil {
		return "", false, fmt.Errorf("save applicant: %w", err)
	}
	return id, added, nil
}

// AccountsOf lists the active accounts that act for an applicant: the person, or
// every agent of an enterprise.
func (s *Service) AccountsOf(ctx context.Context, applicantID string) ([]string, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT id FROM identity.accounts WHERE applicant_id = $1 AND active ORDER BY id`, applicantID)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("accounts of applicant %s: %w", applicantID, err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("accounts of applicant %s: %w", applicantID, err))
	}
	return ids, nil
}
