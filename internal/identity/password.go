package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"onedoor/internal/kernel/fault"
)

// cost is argon2id's price: what OWASP recommends for interactive sign-in.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var present = cost{memory: 19 << 10, passes: 2, threads: 1}

var errBusy = fault.New(fault.Unavailable, "session.busy", "现在登录的人较多，请稍后再试。")

// hasher hashes with bounded concurrency: each hash takes tens of megabytes and
// milliseconds of a processor, so a flood of sign-ins would starve everything else.
type hasher struct {
	cost  cost
	slots chan struct{}
	wait  time.Duration
	dummy string // compared with when there is no account, so that it takes as long
}

func newHasher() *hasher { return newHasherOf(present) }

func newHasherOf(c cost) *hasher {
	// Half of the processors at most: the other half goes on serving.
	h := &hasher{cost: c, slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), wait: 5 * time.Second}
	h.dummy = c.hash("nobody has this password")
	return h
}

func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-timer.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, errBusy.Because(ctx.Err())
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return h.cost.hash(password), nil
}

// verify compares; an encoded hash of "" stands for no account and never fits.
func (h *hasher) verify(ctx context.Context, encoded, password string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if encoded == "" {
		_ = matches(h.dummy, password)
		return false, nil
	}
	return matches(encoded, password), nil
}

// hash gives the usual form $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (c cost) hash(password string) string {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt[:], c.passes, c.memory, c.threads, 32)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.threads,
		b64.EncodeToString(salt[:]), b64.EncodeToString(key))
}

func matches(encoded, password string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var c cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

const (
	minPassword = 10
	maxPassword = 128 // a bound on what is hashed
)

// checkPassword asks for length and a little variety, and refuses what
// everybody who knows the person would try first.
func checkPassword(password string, known ...string) string {
	n := utf8.RuneCountInString(password)
	if n < minPassword || n > maxPassword {
		return fmt.Sprintf("密码应为 %d–%d 个字符", minPassword, maxPassword)
	}
	var classes [4]bool
	for _, r := range password {
		switch {
		case unicode.IsDigit(r):
			classes[0] = true
		case unicode.IsUpper(r):
			classes[1] = true
		case unicode.IsLower(r):
			classes[2] = true
		default:
			classes[3] = true
		}
	}
	kinds := 0
	for _, has := range classes {
		if has {
			kinds++
		}
	}
	if kinds < 2 {
		return "密码应至少包含字母、数字、符号中的两种"
	}
	for _, k := range known {
		if k != "" && strings.Contains(password, k) {
			return "密码不能包含身份证号码、手机号或姓名"
		}
	}
	return ""
}
