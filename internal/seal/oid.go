package seal

import encasn1 "encoding/asn1"

// Object identifiers of GM/T 0006.
var (
	oidSM3WithSM2 = encasn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}
	oidSM2        = encasn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}
	oidSM2Sign    = encasn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 1}
	oidECKey      = encasn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidCommonName = encasn1.ObjectIdentifier{2, 5, 4, 3}

	oidBasicConstraints = encasn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = encasn1.ObjectIdentifier{2, 5, 29, 15}

	// GB/T 35275, signatures without a seal.
	oidSignedData    = encasn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	oidMessageDigest = encasn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
)

// signatureAlgorithm says whether the OID names SM2 with SM3; some makers write
// the key algorithm there.
func signatureAlgorithm(oid encasn1.ObjectIdentifier) bool {
	return oid.Equal(oidSM3WithSM2) || oid.Equal(oidSM2Sign)
}
