package identity

import (
	"context"
	"errors"
	"fmt"

	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/platform/postgres"
)

// DemoPassword is the password of every demo account; it is printed at the start
// of a demonstration, so it must never be on a real site.
const DemoPassword = "Onedoor@2026"

// DemoAccount is a made-up person of the reference city.
type DemoAccount struct {
	Login string // phone or staff number
	Who   string // Chinese, for the list of accounts
}

// The made-up citizen, agent and enterprise. Check characters are computed, so
// the numbers are well-formed and, being made up, nobody's we know of.
const (
	demoCitizenPhone = "13800000001"
	demoAgentPhone   = "13800000002"
	demoCitizen17    = "42130319920815004"
	demoAgent17      = "42130319850312003"
	demoUSCC17       = "91421303MA49KX7H5"
	demoRegion       = "421303000000"
)

// DemoAccounts lists the accounts that SeedDemo makes.
func DemoAccounts() []DemoAccount {
	out := []DemoAccount{
		{demoCitizenPhone, "林晓梅（个人）"},
		{demoAgentPhone, "周志远（随州市好味道餐饮有限公司 经办人）"},
	}
	for _, d := range directory.DemoStaff {
		out = append(out, DemoAccount{d.Code, d.Name + "（" + d.Posts[0].Name + "）"})
	}
	return out
}

// SeedDemo makes the demo accounts; run again it adds what is missing. The
// officials must be in the directory.
func (s *Service) SeedDemo(ctx context.Context) error {
	citizen, err := withCheck(demoCitizen17, idcode.CitizenCheck)
	if err != nil {
		return err
	}
	agent, err := withCheck(demoAgent17, idcode.CitizenCheck)
	if err != nil {
		return err
	}
	uscc, err := withCheck(demoUSCC17, idcode.USCCCheck)
	if err != nil {
		return err
	}
	if err := s.seedApplicant(ctx, Applicant{Kind: Person, Name: "林晓梅", IDType: CitizenID, IDNumber: citizen, Phone: demoCitizenPhone, Region: demoRegion},
		newAccount{kind: actor.Citizen, name: "林晓梅", number: citizen, phone: demoCitizenPhone}); err != nil {
		return err
	}
	if err := s.seedApplicant(ctx, Applicant{Kind: Legal, Name: "随州市好味道餐饮有限公司", IDType: USCC, IDNumber: uscc, Phone: demoAgentPhone, Region: demoRegion},
		newAccount{kind: actor.Enterprise, name: "周志远", number: agent, phone: demoAgentPhone}); err != nil {
		return err
	}
	for _, d := range directory.DemoStaff {
		staff, err := s.Officials.StaffByCode(ctx, d.Code)
		if err != nil {
			return fmt.Errorf("demo official %s: %w", d.Code, err)
		}
		if err := s.seedAccount(ctx, newAccount{kind: actor.Staff, name: d.Name, login: d.Code, staffID: staff.ID}, `login = $1`, d.Code); err != nil {
			return err
		}
	}
	return nil
}

func withCheck(first17 string, check func(string) (byte, error)) (string, error) {
	c, err := check(first17)
	if err != nil {
		return "", fmt.Errorf("demo number: %w", err)
	}
	return first17 + string(c), nil
}

func (s *Service) seedApplicant(ctx context.Context, a Applicant, account newAccount) error {
	a.ID = postgres.NewID()
	id, _, err := s.putApplicant(ctx, a, s.Clock.Now())
	if err != nil {
		return err
	}
	account.applicantID = id
	return s.seedAccount(ctx, account, `phone_blind = $1`, s.Keys.Blind(account.phone, phoneContext))
}

// seedAccount looks first: hashing a password costs more than a second start may take.
func (s *Service) seedAccount(ctx context.Context, a newAccount, where string, arg any) error {
	known, err := s.oneAccount(ctx, where, arg)
	if err != nil || known != nil {
		return err
	}
	if a.hash, err = s.hasher.hash(ctx, DemoPassword); err != nil {
		return err
	}
	a.id = postgres.NewID()
	// Another process may be seeding too.
	if err := s.putAccount(ctx, a, s.Clock.Now()); err != nil && !errors.Is(err, ErrAccountExists) {
		return err
	}
	return nil
}
