package seal

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/platform/ofd"
)

// ProviderName is how our signatures name the software that made them. A file
// with this name is held to our own, stricter form.
const ProviderName = "onedoor-eseal"

const providerVersion = "1.0"

// Stamp is where the seal shows: the top left corner on a page (1-based), in
// millimetres. Size 0 is the seal's true size, 42 mm.
type Stamp struct {
	Page int
	X, Y float64
	Size float64
}

// SignOFD seals an unsigned OFD document with the organisation's seal. The use
// is recorded in the caller's transaction, if there is one.
func (s *Service) SignOFD(ctx context.Context, orgID string, doc []byte, stamps ...Stamp) ([]byte, error) {
	row, err := s.newest(ctx, orgID)
	if err != nil {
		return nil, err
	}
	now := s.second()
	if row.Status != Active {
		return nil, errNotActive
	}
	if now.Before(row.ValidFrom) || now.After(row.ValidTo) {
		return nil, errExpired
	}
	key, err := s.openKey(row.SealedKey, row.ID)
	if err != nil {
		return nil, err
	}
	signed, err := signOFD(doc, signing{eseal: row.ESL, cert: row.Certificate, key: key, company: row.OrgName}, planAt(now, stamps))
	if err != nil {
		return nil, err
	}
	digest := sm3.Sum(signed)
	if err := s.record(ctx, row.ID, "used", "SM3:"+hex.EncodeToString(digest[:]), s.clock.Now()); err != nil {
		return nil, err
	}
	return signed, nil
}

// signing is what a signature is made with.
type signing struct {
	eseal, cert []byte
	key         *sm2.PrivateKey
	company     string
}

// signOFD is the flow of GB/T 33190 18.2 and GB/T 38540 clause 7.2.
func signOFD(doc []byte, w signing, plan ofd.Plan) ([]byte, error) {
	pkg, err := ofd.Open(doc)
	if err != nil {
		return nil, err
	}
	plan.Provider, plan.Version, plan.Company, plan.Seal = ProviderName, providerVersion, w.company, w.eseal
	return pkg.Sign(plan, func(signatureXML []byte, path string) ([]byte, error) {
		digest := sm3.Sum(signatureXML)
		toSign, err := encodeToSign(w.eseal, plan.At, digest[:], path)
		if err != nil {
			return nil, fmt.Errorf("encode TBS_Sign: %w", err)
		}
		signature, err := sign(w.key, toSign)
		if err != nil {
			return nil, err
		}
		return encodeSignature(toSign, w.cert, signature)
	})
}

func planAt(at time.Time, stamps []Stamp) ofd.Plan {
	plan := ofd.Plan{At: at}
	for _, st := range stamps {
		size := st.Size
		if size == 0 {
			size = pictureSize
		}
		plan.Stamps = append(plan.Stamps, ofd.StampPlace{Page: st.Page, X: st.X, Y: st.Y, W: size, H: size})
	}
	return plan
}
