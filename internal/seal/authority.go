package seal

import (
	"context"
	"crypto/rand"
	"crypto/x509/pkix"
	encasn1 "encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/platform/sm"
)

// The authority's parts. The maker hangs directly below the root and departments
// below the issuer, and only the maker in the trust list may make seals: a
// department cannot make itself a seal with its own certificate.
const (
	roleRoot   = "root"
	roleIssuer = "issuer"
	roleMaker  = "maker"
)

// A department's certificate and its seal hold ten years; what is above, longer.
const (
	leafYears   = 10
	issuerYears = 15
	rootYears   = 20
)

type keyPair struct {
	cert *smx509.Certificate
	key  *sm2.PrivateKey
}

type authorityRow struct {
	Role        string `db:"role"`
	Certificate []byte `db:"certificate"`
	SealedKey   []byte `db:"sealed_key"`
}

// authority reads the three parts, making them at first use. The caller is in a
// transaction, so that two processes make one authority.
func (s *Service) authority(ctx context.Context) (map[string]keyPair, error) {
	found, err := s.readAuthority(ctx)
	if err != nil || len(found) > 0 {
		return found, err
	}
	if err := s.lock(ctx, "authority"); err != nil {
		return nil, err
	}
	if found, err = s.readAuthority(ctx); err != nil || len(found) > 0 {
		return found, err
	}
	now := s.second()
	made := map[string]keyPair{}
	for _, part := range []struct {
		role, parent, name string
		years              int
	}{
		{roleRoot, roleRoot, "政务电子印章演示根CA", rootYears},
		{roleIssuer, roleRoot, "政务电子印章演示签发CA", issuerYears},
		{roleMaker, roleRoot, "电子印章制作中心", issuerYears},
	} {
		pair, err := issue(certificatePlan{
			subject: pkix.Name{Country: []string{"CN"}, Organization: []string{s.name + "一扇门演示"}, CommonName: s.name + part.name},
			ca:      part.role != roleMaker, from: now, to: now.AddDate(part.years, 0, 0),
		}, made[part.parent])
		if err != nil {
			return nil, err
		}
		made[part.role] = pair
		_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO seal.authority (role, certificate, sealed_key, created_at) VALUES ($1, $2, $3, $4)`,
			part.role, pair.cert.Raw, s.sealKey(pair.key, sm.House, part.role), now)
		if err != nil {
			return nil, wrap("insert authority", err)
		}
	}
	s.log.InfoContext(ctx, "seal authority made", "subject", made[roleRoot].cert.Subject.CommonName)
	return made, nil
}

func (s *Service) readAuthority(ctx context.Context) (map[string]keyPair, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT role, certificate, sealed_key FROM seal.authority`)
	if err != nil {
		return nil, wrap("read authority", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[authorityRow])
	if err != nil {
		return nil, wrap("read authority", err)
	}
	found := map[string]keyPair{}
	for _, r := range list {
		cert, err := smx509.ParseCertificate(r.Certificate)
		if err != nil {
			return nil, fmt.Errorf("parse %s certificate: %w", r.Role, err)
		}
		key, err := s.openKey(r.SealedKey, r.Role)
		if err != nil {
			return nil, err
		}
		found[r.Role] = keyPair{cert, key}
	}
	return found, nil
}

type certificatePlan struct {
	subject  pkix.Name
	ca       bool
	from, to time.Time
}

// issue makes a key and its certificate; without a parent it signs itself.
// KeyUsage, SKI and AKI follow GM/T 0015.
func issue(p certificatePlan, parent keyPair) (keyPair, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return keyPair{}, fmt.Errorf("generate key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return keyPair{}, fmt.Errorf("generate serial: %w", err)
	}
	// The standard library's own Bytes does not know the curve.
	public, err := sm2.PublicKeyToECDH(&key.PublicKey)
	if err != nil {
		return keyPair{}, fmt.Errorf("public key: %w", err)
	}
	ski := sm3.Sum(public.Bytes())
	template := &smx509.Certificate{
		SerialNumber: serial, Subject: p.subject, NotBefore: p.from, NotAfter: p.to,
		SubjectKeyId: ski[:20], BasicConstraintsValid: true, IsCA: p.ca,
		SignatureAlgorithm: smx509.SM2WithSM3,
		KeyUsage:           smx509.KeyUsageDigitalSignature | smx509.KeyUsageContentCommitment,
	}
	if p.ca {
		template.KeyUsage = smx509.KeyUsageCertSign | smx509.KeyUsageCRLSign
		template.MaxPathLen, template.MaxPathLenZero = 0, parent.cert != nil
		if parent.cert == nil {
			template.MaxPathLen = 1
		}
	}
	if parent.cert == nil {
		parent = keyPair{template, key}
	}
	template.AuthorityKeyId = parent.cert.SubjectKeyId
	der, err := smx509.CreateCertificate(rand.Reader, template, parent.cert, &key.PublicKey, parent.key)
	if err != nil {
		return keyPair{}, fmt.Errorf("create certificate: %w", err)
	}
	cert, err := smx509.ParseCertificate(der)
	if err != nil {
		return keyPair{}, fmt.Errorf("parse new certificate: %w", err)
	}
	return keyPair{cert, key}, nil
}

// departmentName is the subject of a department's certificate; the unified code
// goes where GB/T 38540 seals carry it, into the serial number attribute.
func departmentName(orgName, uscc string) pkix.Name {
	return pkix.Name{
		Country: []string{"CN"}, Organization: []string{orgName}, CommonName: orgName,
		ExtraNames: []pkix.AttributeTypeAndValue{{Type: encasn1.ObjectIdentifier{2, 5, 4, 5}, Value: uscc}},
	}
}

// Private keys rest as ciphertext bound to what they are for, so that a row
// copied over another one does not open.
func (s *Service) sealKey(key *sm2.PrivateKey, org, owner string) []byte {
	return s.keys.SealFor(org, key.D.FillBytes(make([]byte, 32)), keyContext(owner))
}

func (s *Service) openKey(sealed []byte, owner string) (*sm2.PrivateKey, error) {
	raw, err := s.keys.Open(sealed, keyContext(owner))
	if err != nil {
		return nil, fmt.Errorf("open private key of %s: %w", owner, err)
	}
	key, err := sm2.NewPrivateKey(raw)
	clear(raw)
	if err != nil {
		return nil, fmt.Errorf("read private key of %s: %w", owner, err)
	}
	return key, nil
}

// sign makes a DER signature over the message with the default identity.
func sign(key *sm2.PrivateKey, message []byte) ([]byte, error) {
	der, err := key.SignWithSM2(rand.Reader, defaultID, message)
	if err != nil {
		return nil, fmt.Errorf("sm2 sign: %w", err)
	}
	return der, nil
}
