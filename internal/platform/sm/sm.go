// Package sm is how the house keeps secrets at rest with the national
// algorithms: SM4-GCM for what must be read again, HMAC-SM3 for what must only
// be found again, and masks for what people may see of it.
//
// Personal data (ID numbers, phones, addresses) is sealed with the column as
// context, so that a value copied into another column or row of another meaning
// does not open. A blind index finds a row by an exact value without the
// database ever learning the value.
package sm

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// ErrOpen is a sealed value that was altered, belongs to another context, or
// was sealed with a key that is not on the ring.
var ErrOpen = errors.New("sealed value does not open")

const nonceSize = 12

// Keyring seals and opens. The newest key seals, every key opens. Safe for
// concurrent use.
type Keyring struct {
	current byte
	keys    map[byte]cipher.AEAD
	blind   []byte
}

// newKeyring derives the working keys; master[0] has id 1. The blind index
// stays with the first master: a new one would lose every row.
func newKeyring(masters [][]byte) (*Keyring, error) {
	if len(masters) == 0 || len(masters) > 255 {
		return nil, fmt.Errorf("%d master keys", len(masters))
	}
	k := &Keyring{keys: map[byte]cipher.AEAD{}, blind: derive(masters[0], "onedoor blind index v1")}
	for i, m := range masters {
		block, err := sm4.NewCipher(derive(m, "onedoor sm4-gcm v1")[:16])
		if err != nil {
			return nil, fmt.Errorf("sm4: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("gcm: %w", err)
		}
		k.current = byte(i + 1)
		k.keys[k.current] = aead
	}
	return k, nil
}

func derive(master []byte, purpose string) []byte {
	mac := hmac.New(sm3.New, master)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// Seal encrypts plain. context names where the value belongs ("identity.phone");
// the same must be given to Open. The result is key id, nonce, ciphertext, tag.
func (k *Keyring) Seal(plain []byte, context string) []byte {
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(plain)+16)
	out[0] = k.current
	rand.Read(out[1:]) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	return k.keys[k.current].Seal(out, out[1:], plain, []byte(context))
}

// Open gives back what Seal was given, or ErrOpen.
func (k *Keyring) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < 1+nonceSize+16 {
		return nil, ErrOpen
	}
	aead, ok := k.keys[sealed[0]]
	if !ok {
		return nil, ErrOpen
	}
	plain, err := aead.Open(nil, sealed[1:1+nonceSize], sealed[1+nonceSize:], []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Blind is the blind index of value in context: 32 bytes, equal for equal
// values, and telling nothing without the key.
func (k *Keyring) Blind(value, context string) []byte {
	mac := hmac.New(sm3.New, k.blind)
	mac.Write([]byte(context))
	mac.Write([]byte{0})
	mac.Write([]byte(value))
	return mac.Sum(nil)
}
