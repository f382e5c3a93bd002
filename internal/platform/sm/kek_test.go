package sm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/platform/outbound"
)

// transit stands in for Vault's transit engine: encrypt and decrypt with batch_input,
// associated data and key versions, as its API documentation describes them. A real
// Vault could not be had from the registries of this machine.
type transit struct {
	token string

	mu       sync.Mutex
	versions []cipher.AEAD
}

func newTransit(t testing.TB) (*transit, *VaultKEK) {
	t.Helper()
	v := &transit{token: "hvs.secret-token"}
	v.rotate()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(v.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return v, &VaultKEK{
		URL: server.URL, Mount: "transit", Key: "onedoor", TokenFile: file,
		Client: outbound.New(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
	}
}

func (v *transit) rotate() {
	block, _ := aes.NewCipher(random())
	aead, _ := cipher.NewGCM(block)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.versions = append(v.versions, aead)
}

func (v *transit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fail := func(status int, message string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{message}})
	}
	if r.Header.Get("X-Vault-Token") != v.token {
		fail(http.StatusForbidden, "permission denied")
		return
	}
	var in struct {
		Items []vaultItem `json:"batch_input"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail(http.StatusBadRequest, err.Error())
		return
	}
	out := make([]map[string]any, len(in.Items))
	for i, it := range in.Items {
		aad, _ := base64.StdEncoding.DecodeString(it.Associated)
		switch r.URL.Path {
		case "/v1/transit/encrypt/onedoor":
			plain, _ := base64.StdEncoding.DecodeString(it.Plaintext)
			n := len(v.versions)
			nonce := make([]byte, 12)
			_, _ = rand.Read(nonce)
			out[i] = map[string]any{"key_version": n, "ciphertext": fmt.Sprintf("vault:v%d:%s", n, base64.StdEncoding.EncodeToString(v.versions[n-1].Seal(nonce, nonce, plain, aad)))}
		case "/v1/transit/decrypt/onedoor":
			var n int
			var text string
			if _, err := fmt.Sscanf(it.Ciphertext, "vault:v%d:%s", &n, &text); err != nil || n < 1 || n > len(v.versions) {
				fail(http.StatusBadRequest, "invalid ciphertext")
				return
			}
			raw, _ := base64.StdEncoding.DecodeString(text)
			plain, err := v.versions[n-1].Open(nil, raw[:12], raw[12:], aad)
			if err != nil {
				fail(http.StatusBadRequest, "cipher: message authentication failed")
				return
			}
			out[i] = map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}
		default:
			fail(http.StatusNotFound, "no handler for route")
			return
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"batch_results": out}})
}

func TestVaultKEK(t *testing.T) {
	t.Parallel()
	v, k := newTransit(t)
	swapped(t, k)
	w, err := k.Wrap(t.Context(), []Plain{{random(), "b"}})
	if err != nil || w[0].Key != "vault:transit/onedoor:v1" {
		t.Fatalf("%+v, %v", w, err)
	}
	v.rotate()
	if _, err := k.Unwrap(t.Context(), w); err != nil {
		t.Errorf("after a rotation in Vault: %v", err)
	}
	if w, err = k.Wrap(t.Context(), []Plain{{random(), "b"}}); err != nil || w[0].Key != "vault:transit/onedoor:v2" {
		t.Errorf("%+v, %v", w, err)
	}
	// The agent's next token is a wrong one: refused in words, without the token.
	if err := os.WriteFile(k.TokenFile, []byte("hvs.other"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = k.Unwrap(t.Context(), w)
	if err == nil || !strings.Contains(err.Error(), "permission denied") || strings.Contains(err.Error(), "hvs.") {
		t.Errorf("got %v", err)
	}
}

func TestMoveToVault(t *testing.T) {
	t.Parallel()
	_, k := newTransit(t)
	move(t, k)
}

var helper = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onedoor-pkcs11-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "onedoor-pkcs11")
	cmd := exec.Command("go", "build", "-o", path, "onedoor/cmd/onedoor-pkcs11")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the helper: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := helper(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// softHSM makes a token of SoftHSM in a folder of the test.
func softHSM(t testing.TB) *PKCS11KEK {
	t.Helper()
	path, err := helper()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens")
	conf := filepath.Join(dir, "softhsm2.conf")
	pin := filepath.Join(dir, "pin")
	for name, text := range map[string]string{conf: "directories.tokendir = " + tokens + "\nobjectstore.backend = file\nlog.level = ERROR\n", pin: "13579246\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", "onedoor-test", "--so-pin", "97531864", "--pin", "13579246").CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util: %v\n%s", err, out)
	}
	return &PKCS11KEK{Helper: path, Module: "/usr/lib/softhsm/libsofthsm2.so", Token: "onedoor-test", Key: "onedoor", PINFile: pin}
}

func TestPKCS11KEK(t *testing.T) {
	k := softHSM(t)
	if _, err := k.Wrap(t.Context(), []Plain{{random(), "b"}}); err == nil || !strings.Contains(err.Error(), "create-kek") {
		t.Errorf("without a key: %v", err)
	}
	for range 2 { // the second finds it there
		if err := k.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	swapped(t, k)
	w, err := k.Wrap(t.Context(), []Plain{{random(), "b"}})
	if err != nil || w[0].Key != "pkcs11:onedoor-test/onedoor" {
		t.Fatalf("%+v, %v", w, err)
	}
	// Another key of the same token is a new KEK.
	second := *k
	second.Key = "onedoor-2027"
	if err := second.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Unwrap(t.Context(), w); err != nil {
		t.Errorf("the old key's values by the new one's settings: %v", err)
	}
	move(t, &second)
	if err := os.WriteFile(k.PINFile, []byte("00000000"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Unwrap(t.Context(), w); err == nil || strings.Contains(err.Error(), "00000000") {
		t.Errorf("wrong PIN: %v", err)
	}
	if err := os.Chmod(k.PINFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Unwrap(t.Context(), w); err == nil || !strings.Contains(err.Error(), "mode") {
		t.Errorf("a PIN that others may read: %v", err)
	}
}
