// Package sm encrypts personal data at rest with the national algorithms: SM4-GCM
// for what must be read again, HMAC-SM3 for what must only be found again.
//
// One master key per installation; the working keys are derived from it, one for
// each purpose, so that a blind index never shares a key with a cipher. Losing
// the master key loses the data: operations.md says how to keep it.
package sm

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

const (
	masterSize = 32 // bytes
	formatOne  = 1  // first byte of every ciphertext
	keyIDSize  = 4
	nonceSize  = 12
	headerSize = 1 + keyIDSize + nonceSize
)

// ErrOpen says that a ciphertext is not ours, was changed, or belongs to another
// context: one word for all, so that it tells an attacker nothing.
var ErrOpen = errors.New("sm: the ciphertext cannot be opened")

// Keyring holds the working keys of one installation. Safe for concurrent use.
type Keyring struct {
	id    [keyIDSize]byte
	aead  cipher.AEAD
	blind []byte
}

// OpenKeyring reads the master key at path and makes it when the file is missing.
// A file that others may read is refused.
func OpenKeyring(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("master key: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("master key %s can be read by others (mode %04o): run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(master) != masterSize {
		return nil, fmt.Errorf("master key %s is not %d hexadecimal digits", path, 2*masterSize)
	}
	return NewKeyring(master)
}

// create writes a fresh key so that a crash leaves either a whole key or none,
// and two processes that start together agree on one.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder of the master key: %w", err)
	}
	master := make([]byte, masterSize)
	if _, err := rand.Read(master); err != nil {
		return fmt.Errorf("make a master key: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".master-*")
	if err != nil {
		return fmt.Errorf("make a master key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(master) + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("write the master key: %w", err)
	}
	// Link, not rename: it fails when another process was first, and theirs counts.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write the master key: %w", err)
	}
	return nil
}

// NewKeyring derives the working keys from a master key of 32 bytes.
func NewKeyring(master []byte) (*Keyring, error) {
	if len(master) != masterSize {
		return nil, fmt.Errorf("sm: a master key has %d bytes, not %d", masterSize, len(master))
	}
	block, err := sm4.NewCipher(derive(master, "onedoor seal v1")[:16])
	if err != nil {
		return nil, fmt.Errorf("sm: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("sm: %w", err)
	}
	k := &Keyring{aead: aead, blind: derive(master, "onedoor blind v1")}
	copy(k.id[:], derive(master, "onedoor key id"))
	return k, nil
}

func newSM3() hash.Hash { return sm3.New() }

func derive(master []byte, purpose string) []byte {
	m := hmac.New(newSM3, master)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}

// Seal encrypts plain for one context ("identity.phone"); it opens there only.
// Layout: format 1, key id 4, nonce 12, ciphertext, tag 16.
func (k *Keyring) Seal(plain []byte, context string) []byte {
	out := make([]byte, headerSize, headerSize+len(plain)+k.aead.Overhead())
	out[0] = formatOne
	copy(out[1:], k.id[:])
	nonce := out[1+keyIDSize : headerSize]
	if _, err := rand.Read(nonce); err != nil {
		panic("sm: the system gives no random numbers: " + err.Error())
	}
	return k.aead.Seal(out, nonce, plain, []byte(context))
}

// Open decrypts what Seal made for the same context; ErrOpen otherwise.
func (k *Keyring) Open(ct []byte, context string) ([]byte, error) {
	if len(ct) < headerSize+k.aead.Overhead() || ct[0] != formatOne || [keyIDSize]byte(ct[1:1+keyIDSize]) != k.id {
		return nil, ErrOpen
	}
	plain, err := k.aead.Open(nil, ct[1+keyIDSize:headerSize], ct[headerSize:], []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Blind is the index of an encrypted value: equal values of one context have
// equal indexes, and without the key nobody can tell which value it was. 32 bytes.
func (k *Keyring) Blind(value, context string) []byte {
	m := hmac.New(newSM3, k.blind)
	m.Write([]byte(context))
	m.Write([]byte{0}) // contexts are names without NUL: "a"+"bc" never meets "ab"+"c"
	m.Write([]byte(value))
	return m.Sum(nil)
}
