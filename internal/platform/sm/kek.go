package sm

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// KEK is a key that wraps data keys and stays where it is: in a file, in Vault, in an
// HSM. Calls are rare (start, a new organisation, rotation) and may be slow, so both
// take many keys at once.
type KEK interface {
	// Name is the provider: file, vault or pkcs11.
	Name() string
	// Wrap encrypts data keys under the newest version of the key.
	Wrap(ctx context.Context, keys []Plain) ([]Wrapped, error)
	// Unwrap gives back what Wrap was given, in order. A key of another version is
	// named in Wrapped.Key; one that is not there any more is an error.
	Unwrap(ctx context.Context, keys []Wrapped) ([][]byte, error)
}

// Plain is a data key to be wrapped; Bound is what it is wrapped together with, so
// that the key of one organisation cannot pass for another's.
type Plain struct {
	Secret []byte
	Bound  string
}

// Wrapped is a data key as it lies in the database.
type Wrapped struct {
	Bytes []byte
	Key   string // "file:1", "vault:transit/onedoor:v1": provider and what it needs to find the key
	Bound string
}

// provider is the part of Key before the first colon.
func (w Wrapped) provider() string {
	name, _, _ := strings.Cut(w.Key, ":")
	return name
}

// KEKs are the providers that are configured: the first wraps, each unwraps its own.
// Two at a time are what a move from one to the other needs.
type KEKs []KEK

var errNoKEK = errors.New("no key service is configured")

// Wrap wraps under the first.
func (ks KEKs) Wrap(ctx context.Context, keys []Plain) ([]Wrapped, error) {
	if len(ks) == 0 {
		return nil, errNoKEK
	}
	out, err := ks[0].Wrap(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("wrap data keys by %s: %w", ks[0].Name(), err)
	}
	if len(out) != len(keys) {
		return nil, fmt.Errorf("wrap data keys by %s: %d of %d", ks[0].Name(), len(out), len(keys))
	}
	return out, nil
}

// Unwrap asks each provider for what it wrapped.
func (ks KEKs) Unwrap(ctx context.Context, keys []Wrapped) ([][]byte, error) {
	out := make([][]byte, len(keys))
	done := 0
	for _, p := range ks {
		var own []Wrapped
		var at []int
		for i, w := range keys {
			if w.provider() == p.Name() {
				own, at = append(own, w), append(at, i)
			}
		}
		if len(own) == 0 {
			continue
		}
		plain, err := p.Unwrap(ctx, own)
		if err != nil {
			return nil, fmt.Errorf("unwrap data keys by %s: %w", p.Name(), err)
		}
		if len(plain) != len(own) {
			return nil, fmt.Errorf("unwrap data keys by %s: %d of %d", p.Name(), len(plain), len(own))
		}
		for i, s := range plain {
			out[at[i]] = s
		}
		done += len(own)
	}
	for i, w := range keys {
		if out[i] == nil {
			return nil, fmt.Errorf("%d of %d data keys are wrapped by %q, which is not configured: set it up again, or re-wrap with both (onedoor keys rewrap)", len(keys)-done, len(keys), w.provider())
		}
	}
	return out, nil
}
