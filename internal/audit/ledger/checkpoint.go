package ledger

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Origin is the first line of every checkpoint.
const Origin = "onedoor/evidence"

// Checkpoint is the promise that the log had this root at this size: what is signed and
// published, and what an outsider keeps.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	At   time.Time
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nTime: %s\n", Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.At.UTC().Format(time.RFC3339Nano))
}

func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] != Origin || lines[4] != "" {
		return Checkpoint{}, errors.New("this is no checkpoint of an evidence log")
	}
	var c Checkpoint
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return Checkpoint{}, errors.New("checkpoint: bad size")
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return Checkpoint{}, errors.New("checkpoint: bad root")
	}
	at, ok := strings.CutPrefix(lines[3], "Time: ")
	if c.At, err = time.Parse(time.RFC3339Nano, at); !ok || err != nil {
		return Checkpoint{}, errors.New("checkpoint: bad time")
	}
	return c, nil
}

// Signers sign a checkpoint by Ed25519 and by SM2 (GB/T 32918): whoever trusts either
// kind of mathematics can check it.
type Signers struct{ ed, sm note.Signer }

// Sign makes the signed note (golang.org/x/mod/sumdb/note).
func (s Signers) Sign(c Checkpoint) (string, error) {
	msg, err := note.Sign(&note.Note{Text: c.text()}, s.ed, s.sm)
	if err != nil {
		return "", fmt.Errorf("sign the checkpoint: %w", err)
	}
	return string(msg), nil
}

// Keys are the public keys of a log, as text that can be published.
type Keys struct {
	Ed25519 string `json:"ed25519"`
	SM2     string `json:"sm2"`
}

// Names of the keys in notes.
const (
	edName = "onedoor-evidence-ed25519"
	smName = "onedoor-evidence-sm2"
	algSM2 = 0xf2 // beyond what the note format has given out
)

// NewKeys makes both key pairs; secrets are to be sealed.
func NewKeys() (public Keys, edSecret, smSecret string, err error) {
	edSecret, public.Ed25519, err = note.GenerateKey(rand.Reader, edName)
	if err != nil {
		return Keys{}, "", "", fmt.Errorf("Ed25519 key: %w", err)
	}
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return Keys{}, "", "", fmt.Errorf("SM2 key: %w", err)
	}
	point, err := sm2.PublicKeyToECDH(&key.PublicKey)
	if err != nil {
		return Keys{}, "", "", fmt.Errorf("SM2 key: %w", err)
	}
	public.SM2 = smText(point.Bytes())
	return public, edSecret, base64.StdEncoding.EncodeToString(key.D.FillBytes(make([]byte, 32))), nil
}

func smText(point []byte) string {
	raw := append([]byte{algSM2}, point...)
	return fmt.Sprintf("%s+%08x+%s", smName, keyHash(raw), base64.StdEncoding.EncodeToString(raw))
}

func keyHash(raw []byte) uint32 {
	sum := sha256.Sum256(append([]byte(smName+"\n"), raw...))
	return binary.BigEndian.Uint32(sum[:])
}

// OpenSigners makes signers of the secrets of NewKeys.
func OpenSigners(edSecret, smSecret string) (Signers, error) {
	ed, err := note.NewSigner(edSecret)
	if err != nil {
		return Signers{}, fmt.Errorf("Ed25519 key: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(smSecret)
	if err != nil {
		return Signers{}, fmt.Errorf("SM2 key: %w", err)
	}
	key, err := sm2.NewPrivateKey(raw)
	if err != nil {
		return Signers{}, fmt.Errorf("SM2 key: %w", err)
	}
	point, err := sm2.PublicKeyToECDH(&key.PublicKey)
	if err != nil {
		return Signers{}, fmt.Errorf("SM2 key: %w", err)
	}
	return Signers{ed, &smSigner{key, keyHash(append([]byte{algSM2}, point.Bytes()...))}}, nil
}

type smSigner struct {
	key  *sm2.PrivateKey
	hash uint32
}

func (s *smSigner) Name() string    { return smName }
func (s *smSigner) KeyHash() uint32 { return s.hash }
func (s *smSigner) Sign(msg []byte) ([]byte, error) {
	return s.key.SignWithSM2(rand.Reader, nil, msg)
}

type smVerifier struct {
	key  *ecdsa.PublicKey
	hash uint32
}

func (v *smVerifier) Name() string    { return smName }
func (v *smVerifier) KeyHash() uint32 { return v.hash }
func (v *smVerifier) Verify(msg, sig []byte) bool {
	return sm2.VerifyASN1WithSM2(v.key, nil, msg, sig)
}

func (k Keys) verifiers() (note.Verifiers, error) {
	ed, err := note.NewVerifier(k.Ed25519)
	if err != nil {
		return nil, fmt.Errorf("Ed25519 key: %w", err)
	}
	parts := strings.SplitN(k.SM2, "+", 3)
	if len(parts) != 3 || parts[0] != smName {
		return nil, errors.New("SM2 key: malformed")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 66 || raw[0] != algSM2 {
		return nil, errors.New("SM2 key: malformed")
	}
	key, err := sm2.NewPublicKey(raw[1:])
	if err != nil {
		return nil, fmt.Errorf("SM2 key: %w", err)
	}
	return note.VerifierList(ed, &smVerifier{key, keyHash(raw)}), nil
}

// Open checks both signatures of a signed note and reads it.
func (k Keys) Open(signed string) (Checkpoint, error) {
	v, err := k.verifiers()
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open([]byte(signed), v)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	have := map[string]bool{}
	for _, s := range n.Sigs {
		have[s.Name] = true
	}
	if !have[edName] || !have[smName] {
		return Checkpoint{}, errors.New("checkpoint: one of the two signatures is missing")
	}
	return parseText(n.Text)
}

// SplitNotes takes a file of several signed notes apart.
func SplitNotes(file []byte) []string {
	var out []string
	for _, part := range bytes.Split(file, []byte(Origin+"\n")) {
		if len(part) > 0 {
			out = append(out, Origin+"\n"+strings.TrimRight(string(part), "\n")+"\n")
		}
	}
	return out
}
