package ledger

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/emmansun/gmsm/pkcs7"
	"github.com/emmansun/gmsm/smx509"
)

// The structures of RFC 3161, as far as they are used.
type algorithm struct {
	Algorithm  asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

type imprint struct {
	Algorithm algorithm
	Hashed    []byte
}

type stampReq struct {
	Version int
	Imprint imprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int              `asn1:"optional"`
	CertReq bool                  `asn1:"optional,default:false"`
}

type stampResp struct {
	Status struct {
		Status   int
		Text     asn1.RawValue  `asn1:"optional"`
		FailInfo asn1.BitString `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

type stampInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint imprint
	Serial  *big.Int
	GenTime time.Time     `asn1:"generalized"`
	Rest    asn1.RawValue `asn1:"optional"` // accuracy
	Order   bool          `asn1:"optional"`
	Nonce   *big.Int      `asn1:"optional"`
}

var (
	oidSHA256    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidTimeStamp = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	null         = asn1.RawValue{Tag: asn1.TagNull}
)

// maxStamp bounds a reply of an authority, in bytes.
const maxStamp = 1 << 20

// RequestStamp asks a time-stamping authority (RFC 3161) to date data. The reply is
// checked to be about it and returned as it came.
func RequestStamp(ctx context.Context, client *http.Client, url string, data []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	query, err := asn1.Marshal(stampReq{Version: 1, Imprint: imprint{algorithm{oidSHA256, null}, sum[:]}, Nonce: nonce, CertReq: true})
	if err != nil {
		return nil, fmt.Errorf("time stamp request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(query))
	if err != nil {
		return nil, fmt.Errorf("time stamp request: %w", err)
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("time stamp request: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxStamp))
	if err != nil {
		return nil, fmt.Errorf("time stamp reply: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the time-stamping authority answered %s", res.Status)
	}
	_, info, err := parseStamp(raw)
	if err != nil {
		return nil, err
	}
	if info.Nonce == nil || info.Nonce.Cmp(nonce) != 0 || !bytes.Equal(info.Imprint.Hashed, sum[:]) {
		return nil, errors.New("the time stamp answers another request")
	}
	return raw, nil
}

func parseStamp(raw []byte) (*pkcs7.PKCS7, *stampInfo, error) {
	var resp stampResp
	if rest, err := asn1.Unmarshal(raw, &resp); err != nil || len(rest) > 0 {
		return nil, nil, errors.New("time stamp: not a reply of RFC 3161")
	}
	if resp.Status.Status > 1 || len(resp.Token.FullBytes) == 0 {
		return nil, nil, fmt.Errorf("the time-stamping authority refused (status %d)", resp.Status.Status)
	}
	p7, err := pkcs7.Parse(resp.Token.FullBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("time stamp: %w", err)
	}
	var info stampInfo
	if _, err := asn1.Unmarshal(p7.Content, &info); err != nil {
		return nil, nil, fmt.Errorf("time stamp: %w", err)
	}
	if info.Nonce == nil && info.Rest.Tag == asn1.TagInteger && info.Rest.Class == asn1.ClassUniversal {
		// Without an accuracy the nonce comes first.
		info.Nonce = new(big.Int).SetBytes(info.Rest.Bytes)
	}
	return p7, &info, nil
}

// StampTrust are the roots of a time-stamping authority.
type StampTrust struct{ pool *smx509.CertPool }

// ParseStampTrust reads PEM certificates.
func ParseStampTrust(raw []byte) (*StampTrust, error) {
	t := &StampTrust{smx509.NewCertPool()}
	n := 0
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		cert, err := smx509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("roots of the time-stamping authority: %w", err)
		}
		t.pool.AddCert(cert)
		n++
	}
	if n == 0 {
		return nil, errors.New("roots of the time-stamping authority: no certificate in the file")
	}
	return t, nil
}

// Verify checks that a reply dates data and was signed by an authority under the roots,
// with a certificate that is for time stamps. It gives the time.
func (t *StampTrust) Verify(raw, data []byte) (time.Time, error) {
	p7, info, err := parseStamp(raw)
	if err != nil {
		return time.Time{}, err
	}
	h := crypto.SHA256.New()
	h.Write(data)
	if !info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || !bytes.Equal(info.Imprint.Hashed, h.Sum(nil)) {
		return time.Time{}, errors.New("it dates something else")
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return time.Time{}, errors.New("it has no single signer")
	}
	stamps := false
	for _, usage := range signer.UnknownExtKeyUsage {
		stamps = stamps || usage.Equal(oidTimeStamp)
	}
	for _, usage := range signer.ExtKeyUsage {
		stamps = stamps || usage == smx509.ExtKeyUsageTimeStamping
	}
	if !stamps {
		return time.Time{}, errors.New("its signer's certificate is not for time stamps")
	}
	if err := p7.VerifyWithChainAtTime(t.pool, &info.GenTime); err != nil {
		return time.Time{}, fmt.Errorf("its signature does not hold: %w", err)
	}
	return info.GenTime, nil
}
