package seal

import (
	"context"
	"errors"
	"fmt"
)

// EnsureSeal gives the organisation's seal, making it (and the authority) when
// it never had one. A suspended or cancelled seal is returned as it is: it takes
// a decision, not a call, to bring it back (Resume) or to make a new one (Make).
func (s *Service) EnsureSeal(ctx context.Context, orgID, orgName, uscc string) (Seal, error) {
	row, err := s.newest(ctx, orgID)
	if !errors.Is(err, errMissing) {
		return row.Seal, err
	}
	made, err := s.Make(ctx, orgID, orgName, uscc)
	if errors.Is(err, errLiving) { // somebody else was first
		row, err = s.newest(ctx, orgID)
		return row.Seal, err
	}
	return made, err
}

// Make makes and registers a new seal for an organisation that has no living one.
func (s *Service) Make(ctx context.Context, orgID, orgName, uscc string) (Seal, error) {
	var row sealRow
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		ca, err := s.authority(ctx)
		if err != nil {
			return err
		}
		if err := s.lock(ctx, "org/"+orgID); err != nil {
			return err
		}
		if last, err := s.newest(ctx, orgID); err == nil && last.Status != Cancelled {
			return errLiving
		} else if err != nil && !errors.Is(err, errMissing) {
			return err
		}
		number, err := s.nextNumber(ctx)
		if err != nil {
			return err
		}
		row = sealRow{Seal: Seal{ID: sealID(uscc, number), OrgID: orgID, OrgName: orgName, USCC: uscc, Name: orgName + useLine, Status: Active}}
		if err := s.manufacture(&row, ca); err != nil {
			return err
		}
		if err := s.insertSeal(ctx, row); err != nil {
			return err
		}
		return s.record(ctx, row.ID, "made", row.Name, row.CreatedAt)
	})
	if err != nil {
		return Seal{}, err
	}
	return row.Seal, nil
}

// manufacture fills in certificate, key, picture and the signed SESeal.
func (s *Service) manufacture(row *sealRow, ca map[string]keyPair) error {
	now := s.second()
	row.CreatedAt, row.StatusAt, row.ValidFrom, row.ValidTo = now, now, now, now.AddDate(leafYears, 0, 0)
	pair, err := issue(certificatePlan{subject: departmentName(row.OrgName, row.USCC), from: row.ValidFrom, to: row.ValidTo}, ca[roleIssuer])
	if err != nil {
		return err
	}
	row.Certificate, row.SealedKey = pair.cert.Raw, s.sealKey(pair.key, row.OrgID, row.ID)
	parsed, err := parseCertificate(pair.cert.Raw)
	if err != nil {
		return err
	}
	row.Serial = parsed.serial
	if row.Picture, err = engrave(s.font, row.OrgName, useLine, row.ID); err != nil {
		return err
	}
	row.ESL, err = makeSeal(sealPlan{
		id: row.ID, name: row.Name, cert: row.Certificate, created: now, from: row.ValidFrom, to: row.ValidTo,
		picture: row.Picture, size: pictureSize,
	}, ca[roleMaker])
	return err
}

// makeSeal is the maker's work: SES_SealInfo and the signature over it.
func makeSeal(p sealPlan, maker keyPair) ([]byte, error) {
	info, err := encodeSealInfo(p)
	if err != nil {
		return nil, fmt.Errorf("encode seal: %w", err)
	}
	signature, err := sign(maker.key, info)
	if err != nil {
		return nil, err
	}
	return encodeSeal(info, maker.cert.Raw, signature)
}

// sealID is esID: the region of the unified code's registering authority (its
// characters 3 to 8) and a sequence, fourteen digits.
func sealID(uscc string, number int64) string {
	region := "000000"
	if len(uscc) == 18 {
		region = uscc[2:8]
	}
	for _, c := range region {
		if c < '0' || c > '9' {
			region = "000000"
			break
		}
	}
	return fmt.Sprintf("%s%08d", region, number)
}
