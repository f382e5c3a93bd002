package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/platform/postgres"
)

type accountRow struct {
	ID           string
	Kind         actor.Kind
	Name         string
	PasswordHash string
	ApplicantID  *string
	StaffID      *string
	Active       bool
}

const accountColumns = `id, kind, name, password_hash, applicant_id, staff_id, active`

var phoneNumber = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// ErrAccountExists does not say which of number and phone is taken.
var ErrAccountExists = fault.New(fault.Conflict, "account.exists", "该身份证号码或手机号已经注册，请直接登录；忘记密码请到任一办事窗口重置。")

// Registration is what a citizen gives to open an account.
type Registration struct{ Name, IDNumber, Phone, Password string }

// Register opens a citizen's account. The number is checked by GB 11643; whether
// number and name belong together is for real-name verification to say, at the
// window or by the national platform.
func (s *Service) Register(ctx context.Context, in Registration) (accountID string, err error) {
	name, phone := strings.TrimSpace(in.Name), strings.TrimSpace(in.Phone)
	var fields []fault.Field
	wrong := func(path, message string) { fields = append(fields, fault.Field{Path: path, Message: message}) }
	if n := len([]rune(name)); n < 2 || n > 50 || strings.ContainsAny(name, "<>\"'&\x00\n\r\t") {
		wrong("/name", "请填写身份证上的姓名")
	}
	number, ok := idcode.NormalCitizen(in.IDNumber)
	if !ok {
		wrong("/id_number", "身份证号码不正确，请核对 18 位号码（最后一位可以是 X）")
	}
	if !phoneNumber.MatchString(phone) {
		wrong("/phone", "请填写 11 位手机号码")
	}
	if message := checkPassword(in.Password, number, phone, name); message != "" {
		wrong("/password", message)
	}
	if len(fields) > 0 {
		return "", fault.New(fault.Invalid, "account.invalid", "注册信息有误，请按提示修改后重新提交。").WithFields(fields...)
	}
	// Hashed before it is known whether the account exists: both take as long.
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	accountID = postgres.NewID()
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		applicantID, _, err := s.putApplicant(ctx, Applicant{
			ID: postgres.NewID(), Kind: Person, Name: name, IDType: CitizenID, IDNumber: number, Phone: phone,
			Region: number[:6] + "000000",
		}, now)
		if err != nil {
			return err
		}
		if err := s.putAccount(ctx, newAccount{
			id: accountID, kind: actor.Citizen, name: name, number: number, phone: phone, hash: hash, applicantID: applicantID,
		}, now); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.register", ObjectKind: "account", ObjectID: accountID, OnBehalf: applicantID})
	})
	return accountID, err
}

type newAccount struct {
	id                         string
	kind                       actor.Kind
	name, login, number, phone string
	hash                       string
	applicantID, staffID       string
}

// putAccount adds an account; one that shares a login gives ErrAccountExists.
func (s *Service) putAccount(ctx context.Context, a newAccount, at time.Time) error {
	_, err := s.DB.Q(ctx).Exec(ctx, `INSERT INTO identity.accounts
			(id, kind, name, login, number_blind, phone_blind, password_hash, applicant_id, staff_id, created_at)
		VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7, nullif($8, '')::uuid, nullif($9, '')::uuid, $10)`,
		a.id, a.kind, a.name, a.login, s.blind(a.number, numberContext), s.blind(a.phone, phoneContext),
		a.hash, a.applicantID, a.staffID, at)
	if postgres.IsUnique(err, "") {
		return ErrAccountExists.Because(err)
	}
	if err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	return nil
}

func (s *Service) blind(value, context string) []byte {
	if value == "" {
		return nil
	}
	return s.Keys.Blind(value, context)
}

// accountByLogin finds by ID number, phone or staff number; nil when there is none.
func (s *Service) accountByLogin(ctx context.Context, login string) (*accountRow, error) {
	where, arg := `login = $1`, any(login)
	if number, ok := idcode.NormalCitizen(login); ok {
		where, arg = `number_blind = $1`, s.Keys.Blind(number, numberContext)
	} else if phoneNumber.MatchString(login) {
		where, arg = `phone_blind = $1`, s.Keys.Blind(login, phoneContext)
	}
	return s.oneAccount(ctx, where, arg)
}

func (s *Service) oneAccount(ctx context.Context, where string, arg any) (*accountRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+accountColumns+` FROM identity.accounts WHERE `+where, arg)
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[accountRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// ChangePassword replaces the password of who is signed in and ends all their
// other sessions: whoever had the old one is out.
func (s *Service) ChangePassword(ctx context.Context, old, replacement string) error {
	who := actor.From(ctx)
	account, err := s.oneAccount(ctx, `id = $1`, who.AccountID)
	if err != nil {
		return err
	}
	if account == nil {
		return errSessionOver
	}
	unlock, err := s.attempt(ctx, "password:"+who.AccountID)
	if err != nil {
		return err
	}
	ok, err := s.hasher.verify(ctx, account.PasswordHash, old)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Invalid, "account.wrong-password", "原密码不正确。").
			WithFields(fault.Field{Path: "/old", Message: "原密码不正确"})
	}
	if message := checkPassword(replacement, account.Name); message != "" || replacement == old {
		if message == "" {
			message = "新密码不能与原密码相同"
		}
		return fault.New(fault.Invalid, "account.invalid", "新密码不符合要求。").
			WithFields(fault.Field{Path: "/password", Message: message})
	}
	hash, err := s.hasher.hash(ctx, replacement)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := unlock(ctx); err != nil {
			return err
		}
		if _, err := s.DB.Q(ctx).Exec(ctx, `UPDATE identity.accounts SET password_hash = $2 WHERE id = $1`, who.AccountID, hash); err != nil {
			return fmt.Errorf("save password: %w", err)
		}
		if err := s.endSessions(ctx, who.AccountID, who.SessionID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.change-password", ObjectKind: "account", ObjectID: who.AccountID})
	})
}
