package sm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// PKCS11KEK wraps by an AES key in a PKCS#11 token (an HSM, a smart card, SoftHSM).
// The vendor's library is C and runs in a process of its own, onedoor-pkcs11: this
// process stays pure Go, and a library that crashes takes nothing with it (ADR 0011).
// The helper is started for each call, of which there are few, and gets the PIN from
// the file by itself.
type PKCS11KEK struct {
	Helper  string // path of onedoor-pkcs11; "" is beside this program
	Module  string // path of the vendor's library
	Token   string // label of the token
	Key     string // label of the key
	PINFile string
}

// Name is "pkcs11".
func (*PKCS11KEK) Name() string { return "pkcs11" }

// HSMRequest is what the helper reads from its standard input.
type HSMRequest struct {
	Op    string    `json:"op"` // wrap, unwrap; create makes the key when it is not there
	Items []HSMItem `json:"items,omitempty"`
}

// HSMItem is one key; Data is plain for wrap, else nonce, ciphertext and tag.
type HSMItem struct {
	Data  []byte `json:"data"`
	Bound string `json:"bound"`
}

// HSMAnswer is what the helper writes.
type HSMAnswer struct {
	Items [][]byte `json:"items,omitempty"`
	Error string   `json:"error,omitempty"`
}

const hsmTimeout = 30 * time.Second

func (p *PKCS11KEK) id() string { return "pkcs11:" + p.Token + "/" + p.Key }

// Wrap implements KEK.
func (p *PKCS11KEK) Wrap(ctx context.Context, keys []Plain) ([]Wrapped, error) {
	items := make([]HSMItem, len(keys))
	for i, k := range keys {
		items[i] = HSMItem{k.Secret, k.Bound}
	}
	got, err := p.call(ctx, HSMRequest{Op: "wrap", Items: items})
	if err != nil {
		return nil, err
	}
	out := make([]Wrapped, len(got))
	for i, g := range got {
		out[i] = Wrapped{Bytes: g, Key: p.id(), Bound: keys[i].Bound}
	}
	return out, nil
}

// Unwrap implements KEK. Keys of another label of the same token are found by theirs,
// so a new KEK in the HSM is a new label and a rewrap.
func (p *PKCS11KEK) Unwrap(ctx context.Context, keys []Wrapped) ([][]byte, error) {
	out := make([][]byte, len(keys))
	byKey := map[string][]int{}
	for i, k := range keys {
		byKey[k.Key] = append(byKey[k.Key], i)
	}
	for id, at := range byKey {
		q := *p
		q.Token, q.Key, _ = strings.Cut(strings.TrimPrefix(id, "pkcs11:"), "/")
		items := make([]HSMItem, len(at))
		for n, i := range at {
			items[n] = HSMItem{keys[i].Bytes, keys[i].Bound}
		}
		got, err := q.call(ctx, HSMRequest{Op: "unwrap", Items: items})
		if err != nil {
			return nil, err
		}
		for n, i := range at {
			out[i] = got[n]
		}
	}
	return out, nil
}

// Create makes the key in the token unless it is there: AES-256, never to be taken out.
func (p *PKCS11KEK) Create(ctx context.Context) error {
	_, err := p.call(ctx, HSMRequest{Op: "create"})
	return err
}

func (p *PKCS11KEK) call(ctx context.Context, r HSMRequest) ([][]byte, error) {
	helper, err := p.helper()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, hsmTimeout)
	defer cancel()
	in, err := json.Marshal(r)
	if err != nil {
		return nil, errors.New("encode the request")
	}
	cmd := exec.CommandContext(ctx, helper, "--module", p.Module, "--token", p.Token, "--key", p.Key, "--pin-file", p.PINFile) //nolint:gosec // the operator's own settings
	cmd.Stdin = bytes.NewReader(in)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %.300s", filepath.Base(helper), err, strings.TrimSpace(said.String()))
	}
	var a HSMAnswer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return nil, fmt.Errorf("%s: the answer is no JSON", filepath.Base(helper))
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	if len(a.Items) != len(r.Items) {
		return nil, fmt.Errorf("%s: %d results for %d keys", filepath.Base(helper), len(a.Items), len(r.Items))
	}
	return a.Items, nil
}

func (p *PKCS11KEK) helper() (string, error) {
	if p.Helper != "" {
		return p.Helper, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find onedoor-pkcs11: %w", err)
	}
	return filepath.Join(filepath.Dir(self), "onedoor-pkcs11"), nil
}
