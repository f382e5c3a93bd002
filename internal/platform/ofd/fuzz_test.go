package ofd_test

import (
	"testing"

	"onedoor/internal/platform/ofd"
)

func FuzzParseSignature(f *testing.F) {
	f.Add([]byte(`<ofd:Signature xmlns:ofd="http://www.ofdspec.org/2016"><ofd:SignedInfo><ofd:References CheckMethod="1.2.156.10197.1.401"><ofd:Reference FileRef="/OFD.xml"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference></ofd:References></ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>`))
	f.Add([]byte("<a"))
	f.Fuzz(func(_ *testing.T, part []byte) {
		_, _ = ofd.ParseSignature("Doc_0/Signs/Sign_0/Signature.xml", part)
	})
}
