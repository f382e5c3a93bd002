package seal

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Trust is what a check believes beforehand. With Export it becomes a file, so
// that a licence can be checked where there is no network.
type Trust struct {
	roots, issuers []*certificate
	makers         []*certificate
	register       map[string]registered
	at             time.Time // when the register was read; zero when there is none
}

// registered is a seal's state in the register.
type registered struct {
	Status Status    `json:"status"`
	At     time.Time `json:"at"`
	// Serial is the signer certificate's; it is revoked when the seal is cancelled.
	Serial string `json:"serial"`
}

type trustFile struct {
	Format  string                `json:"format"`
	At      time.Time             `json:"at"`
	Roots   []string              `json:"roots"`
	Issuers []string              `json:"issuers"`
	Makers  []string              `json:"makers"`
	Seals   map[string]registered `json:"seals"`
}

const trustFormat = "onedoor-trust-1"

// Trust reads roots, makers and the register as they are now. It makes the
// authority when there is none yet, so that a file exported on the first day
// still knows the roots of every later seal.
func (s *Service) Trust(ctx context.Context) (Trust, error) {
	t := Trust{register: map[string]registered{}, at: s.clock.Now()}
	ca, err := s.publicAuthority(ctx)
	if err == nil && len(ca) == 0 {
		err = s.db.InTx(ctx, func(ctx context.Context) error {
			_, err := s.authority(ctx)
			return err
		})
		if err == nil {
			ca, err = s.publicAuthority(ctx)
		}
	}
	if err != nil {
		return t, err
	}
	for role, der := range ca {
		c, err := parseCertificate(der)
		if err != nil {
			return t, fmt.Errorf("read %s certificate: %w", role, err)
		}
		switch role {
		case roleRoot:
			t.roots = append(t.roots, c)
		case roleIssuer:
			t.issuers = append(t.issuers, c)
		case roleMaker:
			t.makers = append(t.makers, c)
		}
	}
	rows, err := s.register(ctx)
	if err != nil {
		return t, err
	}
	for _, r := range rows {
		t.register[r.ID] = registered{r.Status, r.StatusAt, r.Serial}
	}
	return t, nil
}

// Export is the trust as a file of JSON with PEM certificates.
func (t Trust) Export() []byte {
	f := trustFile{Format: trustFormat, At: t.at, Roots: toPEM(t.roots), Issuers: toPEM(t.issuers), Makers: toPEM(t.makers), Seals: t.register}
	out, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic(err) // strings and times marshal
	}
	return append(out, '\n')
}

// ParseTrust reads an exported file.
func ParseTrust(data []byte) (Trust, error) {
	var f trustFile
	if err := json.Unmarshal(data, &f); err != nil {
		return Trust{}, fmt.Errorf("read trust file: %w", err)
	}
	if f.Format != trustFormat {
		return Trust{}, fmt.Errorf("read trust file: format %q", f.Format)
	}
	t := Trust{register: f.Seals, at: f.At}
	for _, group := range []struct {
		from []string
		to   *[]*certificate
	}{{f.Roots, &t.roots}, {f.Issuers, &t.issuers}, {f.Makers, &t.makers}} {
		for _, text := range group.from {
			block, _ := pem.Decode([]byte(text))
			if block == nil || block.Type != "CERTIFICATE" {
				return Trust{}, errors.New("read trust file: not a PEM certificate")
			}
			c, err := parseCertificate(block.Bytes)
			if err != nil {
				return Trust{}, fmt.Errorf("read trust file: %w", err)
			}
			*group.to = append(*group.to, c)
		}
	}
	return t, nil
}

func toPEM(certs []*certificate) []string {
	out := make([]string, 0, len(certs))
	for _, c := range certs {
		out = append(out, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.raw})))
	}
	return out
}

// chain says whether the certificate leads to a root by links that hold at the
// time given; at most one issuer stands between, as we and Chinese CAs have it.
func (t Trust) chain(c *certificate, at time.Time) (trusted, inTime bool) {
	for _, root := range t.roots {
		if !root.mayIssue() {
			continue
		}
		if c.issuedBy(root) {
			return true, root.validAt(at)
		}
		for _, mid := range t.issuers {
			if c.issuedBy(mid) && mid.issuedBy(root) {
				return true, mid.validAt(at) && root.validAt(at)
			}
		}
	}
	return false, false
}

// maker says whether the certificate belongs to a maker of seals we trust.
func (t Trust) maker(c *certificate) bool {
	for _, m := range t.makers {
		if string(m.raw) == string(c.raw) {
			return true
		}
	}
	return false
}
