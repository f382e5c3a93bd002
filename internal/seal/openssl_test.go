package seal

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenSSLAgrees takes maker's and document's signature out of a finished file
// and lets OpenSSL 3 check them, and the certificates link by link.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is needed: apt-get install openssl")
	}
	h := newHouse(t)
	p, err := parseSignature(part(t, h.sign(t, h.signing()), signDir+"SignedValue.dat"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	run := func(args ...string) string {
		out, err := exec.Command(openssl, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	certFile := func(name string, der []byte) string {
		return write(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	for _, c := range []struct {
		name                     string
		cert, message, signature []byte
	}{
		{"maker", p.seal.cert, p.seal.signed, p.seal.signature},
		{"document", p.cert, p.toSign, p.signature},
	} {
		key := write(c.name+".pub", []byte(run("x509", "-in", certFile(c.name+".pem", c.cert), "-pubkey", "-noout")))
		out := run("dgst", "-sm3", "-verify", key, "-sigopt", "distid:1234567812345678",
			"-signature", write(c.name+".sig", c.signature), write(c.name+".bin", c.message))
		if !strings.Contains(out, "Verified OK") {
			t.Errorf("%s: %s", c.name, out)
		}
	}
	root, issuer := certFile("root.pem", h.ca[roleRoot].cert.Raw), certFile("issuer.pem", h.ca[roleIssuer].cert.Raw)
	for _, link := range [][2]string{{root, filepath.Join(dir, "maker.pem")}, {root, issuer}, {issuer, filepath.Join(dir, "document.pem")}} {
		// The issuer is no root, hence -partial_chain; the instant is the test's.
		run("verify", "-vfyopt", "distid:1234567812345678", "-partial_chain", "-no_check_time", "-CAfile", link[0], link[1])
	}
	text := run("x509", "-in", filepath.Join(dir, "document.pem"), "-noout", "-text", "-nameopt", "utf8,sep_comma_plus")
	for _, want := range []string{"Digital Signature, Non Repudiation", "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier", "CA:FALSE", "11421300MB1111111X"} {
		if !strings.Contains(text, want) {
			t.Errorf("the signer's certificate lacks %q:\n%s", want, text)
		}
	}
}
