package main

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// The dozen functions of PKCS#11 v2.40 that are needed, by their place in
// CK_FUNCTION_LIST (after the version, which is padded to a word).
const (
	fnInitialize      = 0
	fnFinalize        = 1
	fnGetSlotList     = 4
	fnGetTokenInfo    = 6
	fnOpenSession     = 12
	fnCloseSession    = 13
	fnLogin           = 18
	fnFindObjectsInit = 26
	fnFindObjects     = 27
	fnFindObjectsEnd  = 28
	fnEncryptInit     = 29
	fnEncrypt         = 30
	fnDecryptInit     = 33
	fnDecrypt         = 34
	fnGenerateKey     = 58
	functions         = 68
)

// Constants of the standard, by their names there.
const (
	ckfRWSession     = 0x2
	ckfSerialSession = 0x4
	ckuUser          = 1
	ckoSecretKey     = 4
	ckkAES           = 0x1f
	ckmAESKeyGen     = 0x1080
	ckmAESGCM        = 0x1087

	ckaClass       = 0x0
	ckaToken       = 0x1
	ckaPrivate     = 0x2
	ckaLabel       = 0x3
	ckaKeyType     = 0x100
	ckaSensitive   = 0x103
	ckaEncrypt     = 0x104
	ckaDecrypt     = 0x105
	ckaValueLen    = 0x161
	ckaExtractable = 0x162

	alreadyInitialized = 0x191 // CKR_CRYPTOKI_ALREADY_INITIALIZED
	alreadyLoggedIn    = 0x100 // CKR_USER_ALREADY_LOGGED_IN
)

// Words of CK_ULONG's size; the layout is that of 64-bit Linux.
type (
	attribute struct {
		kind  uintptr
		value unsafe.Pointer
		size  uintptr
	}
	mechanism struct {
		kind  uintptr
		param unsafe.Pointer
		size  uintptr
	}
	gcmParams struct {
		iv      unsafe.Pointer
		ivLen   uintptr
		ivBits  uintptr
		aad     unsafe.Pointer
		aadLen  uintptr
		tagBits uintptr
	}
	tokenInfo struct {
		label [32]byte
		_     [512]byte // more than any version of the struct holds
	}
)

const (
	ivSize  = 12
	tagSize = 16
)

type token struct {
	fn      *[functions]uintptr
	session uintptr
	pins    runtime.Pinner
}

func open(module, label, pin string) (*token, error) {
	lib, err := purego.Dlopen(module, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", module, err)
	}
	get, err := purego.Dlsym(lib, "C_GetFunctionList")
	if err != nil {
		return nil, fmt.Errorf("%s is no PKCS#11 library: %w", module, err)
	}
	t := &token{}
	// The list belongs to the library and lives as long as it does.
	var list unsafe.Pointer
	if rv, _, _ := purego.SyscallN(get, uintptr(unsafe.Pointer(&list))); rv != 0 || list == nil {
		return nil, fmt.Errorf("C_GetFunctionList: 0x%x", rv)
	}
	t.fn = (*[functions]uintptr)(unsafe.Add(list, unsafe.Sizeof(uintptr(0))))
	if rv := t.call(fnInitialize, 0); rv != 0 && rv != alreadyInitialized {
		return nil, fmt.Errorf("C_Initialize: 0x%x", rv)
	}
	slot, err := t.slot(label)
	if err != nil {
		t.close()
		return nil, err
	}
	if rv := t.call(fnOpenSession, slot, ckfSerialSession|ckfRWSession, 0, 0, t.ref(unsafe.Pointer(&t.session))); rv != 0 {
		t.close()
		return nil, fmt.Errorf("C_OpenSession: 0x%x", rv)
	}
	p := []byte(pin)
	if rv := t.call(fnLogin, t.session, ckuUser, t.bytes(p), uintptr(len(p))); rv != 0 && rv != alreadyLoggedIn {
		t.close()
		return nil, fmt.Errorf("C_Login: 0x%x (is the PIN right?)", rv)
	}
	return t, nil
}

func (t *token) call(fn int, args ...uintptr) uintptr {
	rv, _, _ := purego.SyscallN(t.fn[fn], args...)
	return rv
}

// ref hands memory of ours to the library. It is pinned until close: a program that
// lives for one call need not be finer.
func (t *token) ref(p unsafe.Pointer) uintptr {
	t.pins.Pin(p)
	return uintptr(p)
}

func (t *token) bytes(b []byte) uintptr {
	if len(b) == 0 {
		return 0
	}
	return t.ref(unsafe.Pointer(&b[0]))
}

func (t *token) pointer(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return nil
	}
	t.pins.Pin(&b[0])
	return unsafe.Pointer(&b[0])
}

func (t *token) close() {
	if t.session != 0 {
		t.call(fnCloseSession, t.session)
	}
	t.call(fnFinalize, 0)
	t.pins.Unpin()
}

// slot finds the token by its label, which the standard pads with blanks.
func (t *token) slot(label string) (uintptr, error) {
	n := new(uintptr)
	if rv := t.call(fnGetSlotList, 1, 0, t.ref(unsafe.Pointer(n))); rv != 0 {
		return 0, fmt.Errorf("C_GetSlotList: 0x%x", rv)
	}
	slots := make([]uintptr, *n+1)
	if rv := t.call(fnGetSlotList, 1, t.ref(unsafe.Pointer(&slots[0])), t.ref(unsafe.Pointer(n))); rv != 0 {
		return 0, fmt.Errorf("C_GetSlotList: 0x%x", rv)
	}
	for _, s := range slots[:*n] {
		info := new(tokenInfo)
		if rv := t.call(fnGetTokenInfo, s, t.ref(unsafe.Pointer(info))); rv == 0 && strings.TrimRight(string(info.label[:]), " \x00") == label {
			return s, nil
		}
	}
	return 0, fmt.Errorf("no token with the label %q in %d slots", label, *n)
}

func (t *token) word(v uintptr) attributeValue {
	p := &v
	t.pins.Pin(p)
	return attributeValue{unsafe.Pointer(p), unsafe.Sizeof(v)}
}

func (t *token) yes(v bool) attributeValue {
	b := new(byte)
	if v {
		*b = 1
	}
	t.pins.Pin(b)
	return attributeValue{unsafe.Pointer(b), 1}
}

func (t *token) text(s string) attributeValue {
	b := []byte(s)
	return attributeValue{t.pointer(b), uintptr(len(b))}
}

type attributeValue struct {
	value unsafe.Pointer
	size  uintptr
}

func (v attributeValue) of(kind uintptr) attribute { return attribute{kind, v.value, v.size} }

// find is the handle of the AES key with the label, 0 when there is none.
func (t *token) find(label string) (uintptr, error) {
	want := []attribute{t.word(ckoSecretKey).of(ckaClass), t.word(ckkAES).of(ckaKeyType), t.text(label).of(ckaLabel)}
	if rv := t.call(fnFindObjectsInit, t.session, t.ref(unsafe.Pointer(&want[0])), uintptr(len(want))); rv != 0 {
		return 0, fmt.Errorf("C_FindObjectsInit: 0x%x", rv)
	}
	found, n := make([]uintptr, 2), new(uintptr)
	rv := t.call(fnFindObjects, t.session, t.ref(unsafe.Pointer(&found[0])), uintptr(len(found)), t.ref(unsafe.Pointer(n)))
	t.call(fnFindObjectsEnd, t.session)
	switch {
	case rv != 0:
		return 0, fmt.Errorf("C_FindObjects: 0x%x", rv)
	case *n > 1:
		return 0, fmt.Errorf("the token has several AES keys %q: give the right one a label of its own", label)
	case *n == 0:
		return 0, nil
	}
	return found[0], nil
}

func (t *token) create(label string) error {
	m := &mechanism{kind: ckmAESKeyGen}
	attrs := []attribute{
		t.word(ckoSecretKey).of(ckaClass), t.word(ckkAES).of(ckaKeyType), t.text(label).of(ckaLabel), t.word(32).of(ckaValueLen),
		t.yes(true).of(ckaToken), t.yes(true).of(ckaPrivate), t.yes(true).of(ckaSensitive), t.yes(false).of(ckaExtractable),
		t.yes(true).of(ckaEncrypt), t.yes(true).of(ckaDecrypt),
	}
	key := new(uintptr)
	if rv := t.call(fnGenerateKey, t.session, t.ref(unsafe.Pointer(m)), t.ref(unsafe.Pointer(&attrs[0])), uintptr(len(attrs)), t.ref(unsafe.Pointer(key))); rv != 0 {
		return fmt.Errorf("C_GenerateKey: 0x%x", rv)
	}
	return nil
}

func (t *token) gcm(iv, aad []byte) uintptr {
	p := &gcmParams{iv: t.pointer(iv), ivLen: ivSize, ivBits: ivSize * 8, aad: t.pointer(aad), aadLen: uintptr(len(aad)), tagBits: tagSize * 8}
	t.pins.Pin(p)
	m := &mechanism{ckmAESGCM, unsafe.Pointer(p), unsafe.Sizeof(*p)}
	return t.ref(unsafe.Pointer(m))
}

// encrypt gives nonce, ciphertext and tag.
func (t *token) encrypt(key uintptr, plain, aad []byte) ([]byte, error) {
	out := make([]byte, ivSize+len(plain)+tagSize)
	rand.Read(out[:ivSize]) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	if rv := t.call(fnEncryptInit, t.session, t.gcm(out[:ivSize], aad), key); rv != 0 {
		return nil, fmt.Errorf("C_EncryptInit (AES-GCM): 0x%x", rv)
	}
	n := new(uintptr)
	*n = uintptr(len(out) - ivSize)
	if rv := t.call(fnEncrypt, t.session, t.bytes(plain), uintptr(len(plain)), t.bytes(out[ivSize:]), t.ref(unsafe.Pointer(n))); rv != 0 {
		return nil, fmt.Errorf("C_Encrypt: 0x%x", rv)
	}
	return out[:ivSize+*n], nil
}

func (t *token) decrypt(key uintptr, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < ivSize+tagSize {
		return nil, fmt.Errorf("a wrapped key of %d bytes", len(sealed))
	}
	in := append([]byte(nil), sealed...)
	if rv := t.call(fnDecryptInit, t.session, t.gcm(in[:ivSize], aad), key); rv != 0 {
		return nil, fmt.Errorf("C_DecryptInit (AES-GCM): 0x%x", rv)
	}
	// Longer than the plain text: libraries ask for room for the tag, too.
	out, n := make([]byte, len(in)), new(uintptr)
	*n = uintptr(len(out))
	if rv := t.call(fnDecrypt, t.session, t.bytes(in[ivSize:]), uintptr(len(in)-ivSize), t.bytes(out), t.ref(unsafe.Pointer(n))); rv != 0 {
		return nil, fmt.Errorf("C_Decrypt: 0x%x (another key, or an altered value)", rv)
	}
	return out[:*n], nil
}
