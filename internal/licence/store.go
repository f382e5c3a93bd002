package licence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/personal"
	"onedoor/internal/platform/postgres"
)

type row struct {
	ID                string     `db:"id"`
	Identifier        string     `db:"identifier"`
	TypeCode          string     `db:"type_code"`
	Title             string     `db:"title"`
	Number            string     `db:"number"`
	Version           int        `db:"version"`
	CaseNo            string     `db:"case_no"`
	ItemID            string     `db:"item_id"`
	HolderName        string     `db:"holder_name"`
	HolderCode        []byte     `db:"holder_code"`
	HolderCodeType    string     `db:"holder_code_type"`
	HolderApplicantID string     `db:"holder_applicant_id"`
	IssuerID          string     `db:"issuer_id"`
	IssuerName        string     `db:"issuer_name"`
	IssuerUSCC        string     `db:"issuer_uscc"`
	IssuerPath        string     `db:"issuer_path"`
	Region            string     `db:"region"`
	Fields            []byte     `db:"fields"`
	IssuedAt          time.Time  `db:"issued_at"`
	ValidFrom         time.Time  `db:"valid_from"`
	ValidTo           *time.Time `db:"valid_to"`
	Status            Status     `db:"status"`
	StatusAt          time.Time  `db:"status_at"`
	StatusReason      string     `db:"status_reason"`
	FileKey           string     `db:"file_key"`
	FileSM3           []byte     `db:"file_sm3"`
}

const columns = `id, identifier, type_code, title, number, version, case_no, item_id, holder_name, holder_code, holder_code_type,
	holder_applicant_id, issuer_id, issuer_name, issuer_uscc, issuer_path, region, fields, issued_at, valid_from, valid_to,
	status, status_at, status_reason, file_key, file_sm3`

// The contexts bind a ciphertext to its row: moved to another, it does not open.
func codeContext(id string) string   { return "licence.holder_code:" + id }
func fieldsContext(id string) string { return "licence.fields:" + id }

const blindContext = "licence.holder_code"

func (s *Service) licence(r row) (Licence, error) {
	code, err := s.Keys.Open(r.HolderCode, codeContext(r.ID))
	if err != nil {
		return Licence{}, fmt.Errorf("holder of licence %s: %w", r.ID, err)
	}
	plain, err := s.Keys.Open(r.Fields, fieldsContext(r.ID))
	if err != nil {
		return Licence{}, fmt.Errorf("fields of licence %s: %w", r.ID, err)
	}
	var fields []Field
	if err := json.Unmarshal(plain, &fields); err != nil {
		return Licence{}, fmt.Errorf("fields of licence %s: %w", r.ID, err)
	}
	return Licence{
		ID: r.ID, Identifier: r.Identifier, Type: r.TypeCode, Title: r.Title, Number: r.Number, Version: r.Version, CaseNo: r.CaseNo, ItemID: r.ItemID,
		HolderName: r.HolderName, HolderCode: string(code), HolderMasked: personal.MaskID(string(code)), HolderCodeType: r.HolderCodeType,
		HolderApplicantID: r.HolderApplicantID, IssuerID: r.IssuerID, IssuerName: r.IssuerName, IssuerUSCC: r.IssuerUSCC, IssuerPath: r.IssuerPath,
		Region: r.Region, Fields: fields, IssuedAt: r.IssuedAt, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, Status: r.Status,
		StatusText: textAt(r.Status, r.ValidTo, s.Clock.Now()), StatusAt: r.StatusAt, StatusReason: r.StatusReason,
		fileKey: r.FileKey, fileSM3: r.FileSM3,
	}, nil
}

// one reads at most one licence.
func (s *Service) one(ctx context.Context, where string, args ...any) (Licence, bool, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+columns+` FROM licence.licences WHERE `+where, args...)
	if err != nil {
		return Licence{}, false, postgres.Fault(fmt.Errorf("read licence: %w", err))
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	if errors.Is(err, pgx.ErrNoRows) {
		return Licence{}, false, nil
	}
	if err != nil {
		return Licence{}, false, postgres.Fault(fmt.Errorf("read licence: %w", err))
	}
	l, err := s.licence(r)
	return l, err == nil, err
}

func (s *Service) byID(ctx context.Context, id string) (Licence, bool, error) {
	return s.one(ctx, `id = $1`, id)
}

func (s *Service) byCase(ctx context.Context, caseNo string) (Licence, bool, error) {
	return s.one(ctx, `case_no = $1`, caseNo)
}

func (s *Service) byIdentifier(ctx context.Context, identifier string) (Licence, bool, error) {
	return s.one(ctx, `identifier = $1`, identifier)
}

func (s *Service) many(ctx context.Context, sql string, args ...any) ([]Licence, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+columns+` FROM licence.licences `+sql, args...)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list licences: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list licences: %w", err))
	}
	out := make([]Licence, 0, len(found))
	for _, r := range found {
		l, err := s.licence(r)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func (s *Service) insert(ctx context.Context, l *Licence, size int64) error {
	fields, err := json.Marshal(l.Fields)
	if err != nil {
		return fmt.Errorf("fields of licence %s: %w", l.ID, err)
	}
	_, err = s.DB.Q(ctx).Exec(ctx, `INSERT INTO licence.licences (id, identifier, type_code, title, number, version, case_no, item_id,
			holder_name, holder_code, holder_blind, holder_code_type, holder_applicant_id, issuer_id, issuer_name, issuer_uscc, issuer_path,
			region, fields, issued_at, valid_from, valid_to, status, status_at, file_key, file_size, file_sm3)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`,
		l.ID, l.Identifier, l.Type, l.Title, l.Number, l.Version, l.CaseNo, l.ItemID, l.HolderName,
		s.Keys.SealFor(l.IssuerID, []byte(l.HolderCode), codeContext(l.ID)), s.Keys.Blind(l.HolderCode, blindContext), l.HolderCodeType, l.HolderApplicantID,
		l.IssuerID, l.IssuerName, l.IssuerUSCC, l.IssuerPath, l.Region, s.Keys.SealFor(l.IssuerID, fields, fieldsContext(l.ID)),
		l.IssuedAt, l.ValidFrom, l.ValidTo, l.Status, l.StatusAt, l.fileKey, size, l.fileSM3)
	if err != nil {
		return postgres.Fault(fmt.Errorf("register licence of %s: %w", l.CaseNo, err))
	}
	return nil
}

func (s *Service) typeByCode(ctx context.Context, code string) (Type, bool, error) {
	var t Type
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT code, title, valid_years FROM licence.types WHERE code = $1`, code).Scan(&t.Code, &t.Title, &t.ValidYears)
	if errors.Is(err, pgx.ErrNoRows) {
		return Type{}, false, nil
	}
	if err != nil {
		return Type{}, false, postgres.Fault(fmt.Errorf("licence type %s: %w", code, err))
	}
	return t, true, nil
}

func (s *Service) insertType(ctx context.Context, t Type, fields []byte) error {
	_, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO licence.types (code, title, valid_years, fields, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (code) DO NOTHING`, t.Code, t.Title, t.ValidYears, fields, s.Clock.Now())
	if err != nil {
		return postgres.Fault(fmt.Errorf("register licence type %s: %w", t.Code, err))
	}
	return nil
}
