package idcode

import (
	"errors"
	"fmt"
	"strings"
)

// LicenceRoot is the object identifier under which GB/T 36904-2018 numbers electronic licences.
const LicenceRoot = "1.2.156.3005.2"

// LicenceID is the identifier of an electronic licence (电子证照标识, GB/T 36904-2018):
// root . Type . Issuer . Serial . Version . check.
type LicenceID struct {
	Type    string // 21: USCC of the department that defines the type, and 3 digits
	Issuer  string // 18: USCC of the department that issues
	Serial  string // 1 to 32 digits and upper-case letters, unique for type and issuer
	Version string // 3 digits from 001, one more with each re-issue
}

var errLicenceID = errors.New("idcode: not a licence identifier of GB/T 36904")

// Check is the check character: MOD 37,36 over the four parts without dots; the
// root is not part of it.
func (id LicenceID) Check() (byte, error) {
	return Mod3736(id.Type + id.Issuer + id.Serial + id.Version)
}

// String is the whole identifier with root and check character; "" when a part
// has a character that an identifier cannot hold.
func (id LicenceID) String() string {
	check, err := id.Check()
	if err != nil {
		return ""
	}
	return strings.Join([]string{LicenceRoot, id.Type, id.Issuer, id.Serial, id.Version, string(check)}, ".")
}

// Validate is the strict rule for identifiers that we issue.
func (id LicenceID) Validate() error {
	switch {
	case len(id.Type) != 21 || !ValidUSCC(id.Type[:18]) || !digits(id.Type[18:]):
		return fmt.Errorf("%w: the type is a USCC and 3 digits", errLicenceID)
	case !ValidUSCC(id.Issuer):
		return fmt.Errorf("%w: the issuer is a USCC", errLicenceID)
	case len(id.Serial) < 1 || len(id.Serial) > 32 || !upperAlphanumeric(id.Serial):
		return fmt.Errorf("%w: the serial is 1 to 32 digits and upper-case letters", errLicenceID)
	case len(id.Version) != 3 || !digits(id.Version):
		return fmt.Errorf("%w: the version is 3 digits", errLicenceID)
	}
	return nil
}

// ParseLicenceID splits an identifier. Licences in circulation carry issuers of
// 6 digits or old codes, and some carry a check character of a vendor's wrong
// routine: so only the structure is an error, and checkOK says whether the
// check character is right.
func ParseLicenceID(s string) (id LicenceID, checkOK bool, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), LicenceRoot+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 5 || len(parts[4]) != 1 {
		return LicenceID{}, false, errLicenceID
	}
	id = LicenceID{Type: parts[0], Issuer: parts[1], Serial: parts[2], Version: parts[3]}
	check, err := id.Check()
	if err != nil || len(id.Type) != 21 || len(id.Issuer) < 6 || len(id.Issuer) > 18 ||
		len(id.Serial) < 1 || len(id.Serial) > 32 || len(id.Version) != 3 || !upperAlphanumeric(parts[4]) {
		return LicenceID{}, false, errLicenceID
	}
	return id, check == parts[4][0], nil
}
