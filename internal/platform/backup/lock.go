package backup

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"onedoor/internal/kernel/fault"
)

// A lock is one way to the data key of an archive. Any of them opens it.
type lock struct {
	Kind    string `json:"kind"` // passphrase or x25519
	Salt    []byte `json:"salt,omitempty"`
	Passes  uint32 `json:"passes,omitempty"`
	Memory  uint32 `json:"memory,omitempty"` // KiB
	Threads uint8  `json:"threads,omitempty"`
	Share   []byte `json:"share,omitempty"` // the sender's ephemeral public key
	Key     []byte `json:"key"`             // the data key, sealed
}

// Locks say who shall be able to open an archive. At least one is needed.
type Locks struct {
	Passphrase string
	Recipients []string // public keys, as Identity.Recipient writes them
}

// Keys open an archive: one that fits is enough.
type Keys struct {
	Passphrase string
	Identities []string
}

// What argon2id costs: half a second and 128 MiB, once an archive. Reading
// takes the archive's own numbers within bounds, so that a forged header can't
// eat the machine.
const (
	passes, memory, threads = 3, 128 << 10, 4
	mostPasses, mostMemory  = 16, 1 << 20
)

// MinPassphrase is in characters. An archive may be attacked for years, offline.
const MinPassphrase = 12

const dataKeySize = 32

// The faults that a person at the terminal can mend.
var (
	ErrNoLock    = fault.New(fault.Invalid, "backup.no-lock", "备份必须加密：请用 --passphrase-file（或环境变量 ONEDOOR_BACKUP_PASSPHRASE）给出口令，或用 --recipient 给出接收方公钥。")
	ErrShort     = fault.New(fault.Invalid, "backup.passphrase-short", fmt.Sprintf("备份口令至少要 %d 个字符，请换一个更长的口令，并与备份分开保管。", MinPassphrase))
	ErrRecipient = fault.New(fault.Invalid, "backup.recipient", "接收方公钥的格式不对，请使用 onedoor backup keygen 打印的以 onedoor-to- 开头的一行。")
	ErrIdentity  = fault.New(fault.Invalid, "backup.identity", "私钥文件的格式不对，请使用 onedoor backup keygen 写出的文件。")
	ErrNoKey     = fault.New(fault.Invalid, "backup.no-key", "打开备份需要口令或私钥：请用 --passphrase-file（或环境变量 ONEDOOR_BACKUP_PASSPHRASE）或 --identity 给出。")
	ErrWrongKey  = fault.New(fault.Invalid, "backup.wrong-key", "口令或私钥打不开这份备份，什么都没有改动。请核对口令（注意大小写和空格），或换用备份时指定的私钥。")
)

// shut locks key for everybody in l.
func (l Locks) shut(key []byte) ([]lock, error) {
	var out []lock
	if l.Passphrase != "" {
		if len([]rune(l.Passphrase)) < MinPassphrase {
			return nil, ErrShort
		}
		k := lock{Kind: "passphrase", Salt: random(16), Passes: passes, Memory: memory, Threads: threads}
		k.Key = wrap(k.stretch(l.Passphrase), key)
		out = append(out, k)
	}
	for _, r := range l.Recipients {
		to, err := parsePublic(r)
		if err != nil {
			return nil, err
		}
		once, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("ephemeral key: %w", err)
		}
		by, err := agreed(once, to, once.PublicKey(), to)
		if err != nil {
			return nil, ErrRecipient.Because(err)
		}
		out = append(out, lock{Kind: "x25519", Share: once.PublicKey().Bytes(), Key: wrap(by, key)})
	}
	if len(out) == 0 {
		return nil, ErrNoLock
	}
	return out, nil
}

// open tries every key on every lock.
func (k Keys) open(locks []lock) ([]byte, error) {
	if k.Passphrase == "" && len(k.Identities) == 0 {
		return nil, ErrNoKey
	}
	for _, l := range locks {
		switch l.Kind {
		case "passphrase":
			if k.Passphrase == "" || !l.bounded() {
				continue
			}
			if key, err := unwrap(l.stretch(k.Passphrase), l.Key); err == nil {
				return key, nil
			}
		case "x25519":
			share, err := ecdh.X25519().NewPublicKey(l.Share)
			if err != nil {
				continue
			}
			for _, text := range k.Identities {
				own, err := parsePrivate(text)
				if err != nil {
					return nil, err
				}
				by, err := agreed(own, share, share, own.PublicKey())
				if err != nil {
					continue
				}
				if key, err := unwrap(by, l.Key); err == nil {
					return key, nil
				}
			}
		}
	}
	return nil, ErrWrongKey
}

func (l lock) bounded() bool {
	return l.Passes >= 1 && l.Passes <= mostPasses && l.Memory >= 8 && l.Memory <= mostMemory && l.Threads >= 1 && len(l.Salt) >= 16
}

func (l lock) stretch(passphrase string) []byte {
	return argon2.IDKey([]byte(passphrase), l.Salt, l.Passes, l.Memory, l.Threads, dataKeySize)
}

// agreed is the key that the holder of own shares with other.
func agreed(own *ecdh.PrivateKey, other, share, recipient *ecdh.PublicKey) ([]byte, error) {
	secret, err := own.ECDH(other)
	if err != nil {
		return nil, err
	}
	salt := append(append([]byte{}, share.Bytes()...), recipient.Bytes()...)
	return hkdf.Key(sha256.New, secret, salt, "onedoor backup x25519 v1", dataKeySize)
}

// wrap seals the data key under a key that seals nothing else, which is why the
// nonce may be zero.
func wrap(by, key []byte) []byte {
	return must(gcm(by)).Seal(nil, make([]byte, 12), key, nil)
}

func unwrap(by, sealed []byte) ([]byte, error) {
	key, err := must(gcm(by)).Open(nil, make([]byte, 12), sealed, nil)
	if err == nil && len(key) != dataKeySize {
		err = errors.New("a data key of another size")
	}
	return key, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// must is for what cannot fail with a key of 32 bytes.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // never fails since Go 1.24
	return b
}

const (
	publicPrefix  = "onedoor-to-"
	privatePrefix = "ONEDOOR-KEY-"
)

var keyText = base64.RawURLEncoding

// Identity is a pair of keys: the recipient goes to the server, the secret into
// a safe. A server that backs itself up by a timer then holds nothing that
// opens its backups.
type Identity struct{ Secret, Recipient string }

// NewIdentity makes a pair.
func NewIdentity() (Identity, error) {
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return Identity{}, fmt.Errorf("make a key: %w", err)
	}
	return Identity{
		Secret:    privatePrefix + keyText.EncodeToString(k.Bytes()),
		Recipient: publicPrefix + keyText.EncodeToString(k.PublicKey().Bytes()),
	}, nil
}

func parsePublic(s string) (*ecdh.PublicKey, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(s), publicPrefix)
	raw, err := keyText.DecodeString(text)
	if !ok || err != nil {
		return nil, ErrRecipient
	}
	k, err := ecdh.X25519().NewPublicKey(raw)
	if err != nil {
		return nil, ErrRecipient.Because(err)
	}
	return k, nil
}

// parsePrivate reads the first line of a key file that is no comment.
func parsePrivate(file string) (*ecdh.PrivateKey, error) {
	for line := range strings.Lines(file) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), privatePrefix)
		if !ok {
			continue
		}
		raw, err := keyText.DecodeString(text)
		if err != nil {
			return nil, ErrIdentity
		}
		k, err := ecdh.X25519().NewPrivateKey(raw)
		if err != nil {
			return nil, ErrIdentity.Because(err)
		}
		return k, nil
	}
	return nil, ErrIdentity
}
