package seal

import "testing"

// FuzzParse: whatever stands in SignedValue.dat or Seal.esl, reading it ends in
// a result or an error.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"UserV1.esl", "UserV4.esl", "UserV5_ts.esl", "keyword2/SignedValue.dat", "v4signed/SignedValue.dat"} {
		f.Add(vendorFile(f, name))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if s, err := parseSeal(der); err == nil {
			if c, err := parseCertificate(s.cert); err == nil {
				c.name()
				s.lists(c)
			}
		}
		if s, err := parseSignature(der); err == nil && (s.toSign == nil || s.seal.info == nil) {
			t.Error("a signature without content")
		}
		if sd, err := parseSignedData(der); err == nil && sd.attributes != nil && sd.attributes[0] != 0x31 {
			t.Error("attributes are not a SET")
		}
	})
}
