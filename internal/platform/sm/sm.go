// Package sm is how the house keeps secrets at rest with the national algorithms:
// SM4-GCM (or AES-256-GCM) for what must be read again, HMAC-SM3 for what must only
// be found again, and masks for what people may see of it.
//
// It stands for 个人信息保护法 Art 51 and GB/T 39477-2020: personal data (ID numbers,
// phones, addresses, accounts) lies encrypted, each value bound to the place where it
// belongs, so that a value copied into another column or row does not open. A blind
// index finds a row by an exact value without the database ever learning the value.
//
// Keys: a key service (KEK: a file, Vault, an HSM) wraps data keys, one per
// organisation, which lie wrapped in the schema "keys" (ADR 0011). The newest data key
// of an organisation seals, every key opens. Rotation replaces data keys while the
// system runs; the blind index is not rotated, for then nobody would be found.
package sm

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// ErrOpen is a sealed value that was altered, belongs to another context, or
// was sealed with a key that is not on the ring.
var ErrOpen = errors.New("sealed value does not open")

const (
	nonceSize = 12
	tagSize   = 16
	keySize   = 32 // bytes of a data key; SM4 uses its first half
)

// The first byte of an envelope. Below versionSM4 it is the number of a master key
// file's line: values sealed before there were data keys, which keep opening.
const (
	versionSM4 = 0xF1 // version, key id (4 bytes), nonce, SM4-GCM ciphertext and tag
	versionAES = 0xF2 // the same with AES-256-GCM
	maxMasters = 0xF0

	headSize = 1 + 4 // version and key id
)

// Algorithm is how a data key seals.
type Algorithm string

// The algorithms of data keys.
const (
	SM4 Algorithm = "sm4-gcm"
	AES Algorithm = "aes-256-gcm"
)

// House is the organisation of what belongs to none.
const House = ""

// Keyring seals and opens. Safe for concurrent use.
type Keyring struct {
	now   atomic.Pointer[ring]
	store *store // nil: the key file alone
	bare  bool   // see WithoutSealing
}

// ring is what a keyring knows at one moment; it never changes.
type ring struct {
	blind  []byte
	legacy []cipher.AEAD // by line of the key file
	keys   map[uint32]*dataKey
	active map[string]*dataKey // by organisation
}

type dataKey struct {
	id   uint32
	aead cipher.AEAD
	head [headSize]byte
}

func newDataKey(id uint32, alg Algorithm, secret []byte) (*dataKey, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("data key %d has %d bytes", id, len(secret))
	}
	k := &dataKey{id: id}
	var block cipher.Block
	var err error
	switch alg {
	case SM4:
		k.head[0] = versionSM4
		block, err = sm4.NewCipher(secret[:sm4.BlockSize])
	case AES:
		k.head[0] = versionAES
		block, err = aes.NewCipher(secret)
	default:
		err = fmt.Errorf("algorithm %q", alg)
	}
	if err != nil {
		return nil, fmt.Errorf("data key %d: %w", id, err)
	}
	binary.BigEndian.PutUint32(k.head[1:], id)
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("data key %d: %w", id, err)
	}
	return k, nil
}

func legacyRing(masters [][]byte) (*ring, error) {
	r := &ring{keys: map[uint32]*dataKey{}, active: map[string]*dataKey{}}
	if len(masters) > maxMasters {
		return nil, fmt.Errorf("%d master keys", len(masters))
	}
	for i, m := range masters {
		aead, err := sm4GCM(derive(m, "onedoor sm4-gcm v1"))
		if err != nil {
			return nil, fmt.Errorf("master key %d: %w", i+1, err)
		}
		r.legacy = append(r.legacy, aead)
	}
	return r, nil
}

func sm4GCM(secret []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(secret[:sm4.BlockSize])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// newKeyring is a ring of master keys alone; the blind index stays with the first
// one: a new one would lose every row.
func newKeyring(masters [][]byte) (*Keyring, error) {
	if len(masters) == 0 {
		return nil, errors.New("no master key")
	}
	r, err := legacyRing(masters)
	if err != nil {
		return nil, err
	}
	r.blind = blindOf(masters[0])
	k := &Keyring{}
	k.now.Store(r)
	return k, nil
}

func blindOf(master []byte) []byte { return derive(master, "onedoor blind index v1") }

func derive(master []byte, purpose string) []byte {
	mac := hmac.New(sm3.New, master)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// Seal encrypts plain under the house's key. context names where the value belongs
// ("table.column:row"); the same must be given to Open.
func (k *Keyring) Seal(plain []byte, context string) []byte { return k.SealFor(House, plain, context) }

// SealFor is Seal under the key of an organisation, which is made at its first use.
// It cannot fail: when no key can be made at this moment the house's key seals, and
// the next rotation moves the value.
func (k *Keyring) SealFor(org string, plain []byte, context string) []byte {
	if k.bare {
		return append(make([]byte, headSize+nonceSize, headSize+nonceSize+len(plain)+tagSize), append(plain, make([]byte, tagSize)...)...)
	}
	r := k.now.Load()
	key := r.active[org]
	if key == nil && k.store != nil {
		r = k.store.make(k, org)
		if key = r.active[org]; key == nil {
			key = r.active[House]
		}
	}
	if key == nil {
		return r.sealLegacy(plain, context)
	}
	out := make([]byte, headSize+nonceSize, headSize+nonceSize+len(plain)+tagSize)
	copy(out, key.head[:])
	nonce := out[headSize:]
	rand.Read(nonce) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	return key.aead.Seal(out, nonce, plain, []byte(context))
}

func (r *ring) sealLegacy(plain []byte, context string) []byte {
	n := len(r.legacy)
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(plain)+tagSize)
	out[0] = byte(n)
	rand.Read(out[1:]) //nolint:errcheck // see SealFor
	return r.legacy[n-1].Seal(out, out[1:], plain, []byte(context))
}

// Open gives back what Seal was given, or ErrOpen.
func (k *Keyring) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < 1+nonceSize+tagSize {
		return nil, ErrOpen
	}
	aead, rest := k.opener(sealed)
	if aead == nil || len(rest) < nonceSize+tagSize {
		return nil, ErrOpen
	}
	plain, err := aead.Open(nil, rest[:nonceSize], rest[nonceSize:], []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// opener finds the key of an envelope and what follows its head.
func (k *Keyring) opener(sealed []byte) (cipher.AEAD, []byte) {
	r := k.now.Load()
	version := sealed[0]
	if version < versionSM4 {
		if n := int(version); n >= 1 && n <= len(r.legacy) {
			return r.legacy[n-1], sealed[1:]
		}
		return nil, nil
	}
	if len(sealed) < headSize {
		return nil, nil
	}
	id := binary.BigEndian.Uint32(sealed[1:headSize])
	key := r.keys[id]
	if key == nil && k.store != nil {
		// Another process has just made it and the news is still on the way.
		key = k.store.missed(k, id).keys[id]
	}
	if key == nil || key.head[0] != version {
		return nil, nil
	}
	return key.aead, sealed[headSize:]
}

// Blind is the blind index of value in context: 32 bytes, equal for equal
// values, and telling nothing without the key.
func (k *Keyring) Blind(value, context string) []byte {
	mac := hmac.New(sm3.New, k.now.Load().blind)
	mac.Write([]byte(context))
	mac.Write([]byte{0})
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// WithoutSealing is a keyring that opens as k does and seals nothing: it lays values down
// as they are, in envelopes of the right size that nobody opens. It is the floor that
// `onedoor bench intake` compares sealing with, and must never be in force elsewhere.
func (k *Keyring) WithoutSealing() *Keyring {
	bare := &Keyring{store: k.store, bare: true}
	bare.now.Store(k.now.Load())
	return bare
}

// Start hears of keys that other processes make, until ctx ends.
func (k *Keyring) Start(ctx context.Context) {
	if k.store != nil {
		go k.store.follow(ctx, k)
	}
}
