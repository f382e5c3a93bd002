package licence

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/postgres"
)

// PresentationTerm is how long a shown code answers: long enough for a counter,
// too short to be worth photographing.
const PresentationTerm = 5 * time.Minute

// Presentation is a licence being shown (亮证).
type Presentation struct {
	Code      string    `json:"code"` // XXXX-XXXX-XXXX
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// The alphabet has no I, L, O, U: a code is also read out over a counter.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 12 // 60 bits: not to be guessed in five minutes at any rate that the limiter lets through

// Present makes a code that answers for the licence for a few minutes. Only its
// holder can show a licence.
func (s *Service) Present(ctx context.Context, id string) (Presentation, error) {
	l, found, err := s.byID(ctx, id)
	if err != nil {
		return Presentation{}, err
	}
	if !found || !s.holds(actor.From(ctx), &l) {
		return Presentation{}, errNotFound
	}
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	for i, b := range raw {
		raw[i] = codeAlphabet[b&31]
	}
	code, now := string(raw), s.Clock.Now()
	p := Presentation{Code: code[:4] + "-" + code[4:8] + "-" + code[8:], ExpiresAt: now.Add(PresentationTerm)}
	p.URL = s.verifyURL(p.Code)
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO licence.presentations (code_sm3, licence_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`, codeDigest(code), l.ID, now, p.ExpiresAt)
		// What has long expired goes on the way, a few rows at a time.
		b.Queue(`DELETE FROM licence.presentations WHERE code_sm3 IN (
			SELECT code_sm3 FROM licence.presentations WHERE expires_at < $1 ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)`, now.Add(-24*time.Hour))
		if err := s.DB.Send(ctx, b); err != nil {
			return fmt.Errorf("present licence %s: %w", l.ID, err)
		}
		return s.Audit.Record(ctx, audit.Entry{
			Action: "licence.present", ObjectKind: "licence", ObjectID: l.Identifier, OnBehalf: l.HolderApplicantID,
			Ground: "持证人出示证照", OrgPath: l.IssuerPath, Region: l.Region,
		})
	})
	return p, err
}

// presented finds the licence of a code that has not expired.
func (s *Service) presented(ctx context.Context, code string) (Licence, bool, error) {
	var id string
	err := s.DB.Q(ctx).QueryRow(ctx, `SELECT licence_id FROM licence.presentations WHERE code_sm3 = $1 AND expires_at > $2`, codeDigest(code), s.Clock.Now()).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Licence{}, false, nil
	}
	if err != nil {
		return Licence{}, false, postgres.Fault(fmt.Errorf("presentation code: %w", err))
	}
	return s.byID(ctx, id)
}

func codeDigest(code string) []byte {
	sum := sm3.Sum([]byte("licence presentation " + code))
	return sum[:]
}

// normalCode brings a code that somebody typed into the form that was hashed.
func normalCode(typed string) (string, bool) {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '－', '—', '　':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(typed)))
	if len(code) != codeLength {
		return "", false
	}
	for _, r := range code {
		if !strings.ContainsRune(codeAlphabet, r) {
			return "", false
		}
	}
	return code, true
}
