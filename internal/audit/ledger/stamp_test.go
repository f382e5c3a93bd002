package ledger

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"onedoor/internal/platform/outbound"
)

// authority is a time-stamping authority made of OpenSSL and a few lines of HTTP.
func authority(t *testing.T) (url string, roots []byte) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openssl := func(args ...string) {
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	file("ext.cnf", "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n")
	file("tsa.cnf", "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=ca.pem\nsigner_digest=sha256\n"+
		"default_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\nordering=yes\ntsa_name=yes\ness_cert_id_chain=no\n")
	file("serial", "01")
	openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test TSA root")
	openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA")
	openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "ext.cnf", "-out", "tsa.pem")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "no query", http.StatusBadRequest)
			return
		}
		file("query.tsq", string(query))
		openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
		reply, err := os.ReadFile(filepath.Join(dir, "reply.tsr"))
		if err != nil {
			http.Error(w, "no reply", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(reply)
	}))
	t.Cleanup(server.Close)
	roots, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return server.URL, roots
}

var toLoopback = outbound.New(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})

func TestTimeStamps(t *testing.T) {
	url, pem := authority(t)
	raw, err := RequestStamp(t.Context(), toLoopback, url, []byte("checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	roots, err := ParseStampTrust(pem)
	if err != nil {
		t.Fatal(err)
	}
	at, err := roots.Verify(raw, []byte("checkpoint"))
	if err != nil || time.Since(at).Abs() > time.Hour {
		t.Fatalf("%v, %v", at, err)
	}
	if _, err := roots.Verify(raw, []byte("another")); err == nil {
		t.Error("it dates anything")
	}
	_, others := authority(t)
	stranger, err := ParseStampTrust(others)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Verify(raw, []byte("checkpoint")); err == nil {
		t.Error("anybody may stamp")
	}
	for i := range raw {
		forged := append([]byte(nil), raw...)
		forged[i] ^= 1
		if i%7 == 0 {
			if got, err := roots.Verify(forged, []byte("checkpoint")); err == nil && !got.Equal(at) {
				t.Errorf("byte %d changed the time to %v", i, got)
			}
		}
	}
	l, keys := made(t, 300)
	for _, n := range []int{0, 1} {
		cp, err := keys.Open(l.notes[n])
		if err != nil {
			t.Fatal(err)
		}
		if l.stamp[cp.Size], err = RequestStamp(t.Context(), toLoopback, url, []byte(l.notes[n])); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := Check(l, Options{Keys: keys, Roots: roots}); err != nil || !r.Valid() || r.Stamped != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	l.stamp[300] = raw
	if r, err := Check(l, Options{Keys: keys, Roots: roots}); err != nil || len(r.Problems) != 1 || r.Problems[0].Kind != BadStamp {
		t.Errorf("a stamp of something else: %+v, %v", r, err)
	}
}

func TestAnAuthorityThatIsDownOrLies(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusServiceUnavailable) },
		"refusal": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02})
		},
		"noise": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
	} {
		s := httptest.NewServer(h)
		if _, err := RequestStamp(t.Context(), toLoopback, s.URL, []byte("x")); err == nil {
			t.Errorf("%s was taken for a time stamp", name)
		}
		s.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := RequestStamp(ctx, toLoopback, "http://127.0.0.1:1/", nil); err == nil {
		t.Error("nobody listens there")
	}
}
