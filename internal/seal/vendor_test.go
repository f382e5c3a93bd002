package seal

import (
	"os"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/platform/ofd"
)

func vendorFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/vendor/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVendorSignatures: real signatures parse and their cryptography holds, both
// the maker's over the seal and the signer's over TBS_Sign.
func TestVendorSignatures(t *testing.T) {
	for _, dir := range []string{"keyword2", "v4signed"} {
		part := vendorFile(t, dir+"/Signature.xml")
		x, err := ofd.ParseSignature("Doc_0/Signs/Sign_0/Signature.xml", part)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Refs) != 13 || x.Provider != "gomain_eseal" || x.ValueAt != "Doc_0/Signs/Sign_0/SignedValue.dat" {
			t.Errorf("%s: %+v", dir, x)
		}
		s, err := parseSignature(vendorFile(t, dir+"/SignedValue.dat"))
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		signer, err := parseCertificate(s.cert)
		if err != nil {
			t.Fatal(err)
		}
		maker, err := parseCertificate(s.seal.cert)
		if err != nil {
			t.Fatal(err)
		}
		if ok, bare := verifySM2(signer.key, s.toSign, s.signature); !ok || bare {
			t.Errorf("%s: signer's signature %v %v", dir, ok, bare)
		}
		if ok, _ := verifySM2(maker.key, s.seal.signed, s.seal.signature); !ok {
			t.Errorf("%s: maker's signature", dir)
		}
		if digest := sm3.Sum(part); string(digest[:]) != string(s.dataHash) {
			t.Logf("%s: the sample's Signature.xml is not the one that was signed", dir)
		}
		if !s.seal.lists(signer) || s.version != 4 || s.seal.picture.kind != "ofd" || signer.name() == "" {
			t.Errorf("%s: %q %d %q", dir, signer.name(), s.version, s.seal.picture.kind)
		}
	}
}

func TestVendorSeals(t *testing.T) {
	for name, want := range map[string]struct {
		version int64
		stamped bool
	}{"UserV1": {1, false}, "UserV4": {4, false}, "UserV5": {5, false}, "UserV5_ts": {5, true}} {
		s, err := parseSeal(vendorFile(t, name+".esl"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		maker, err := parseCertificate(s.cert)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := verifySM2(maker.key, s.signed, s.signature); !ok {
			t.Errorf("%s: maker's signature does not hold", name)
		}
		if s.version != want.version || s.stamped != want.stamped || s.picture.width != 40 || len(s.certs) != 1 {
			t.Errorf("%s: version %d, stamped %v, %d mm", name, s.version, s.stamped, s.picture.width)
		}
	}
}
