package ofd

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"strings"
)

// Object identifiers that Signature.xml names.
const (
	SM3         = "1.2.156.10197.1.401"
	SM2WithSM3  = "1.2.156.10197.1.501"
	TypeSeal    = "Seal"
	TypeSign    = "Sign"
	signatureAt = "Doc_0/Signs/"

	maxSigns     = 20
	maxSignature = 1 << 20
)

// Signature is one entry of Signatures.xml with its Signature.xml (clause 18.2).
type Signature struct {
	ID, Type string
	Path     string // of Signature.xml
	XML      []byte // its bytes as stored; the signed digest is over them
	Provider string
	Company  string
	Method   string
	Time     string // in any of the forms that vendors write
	Check    string // digest method of the references
	Refs     []Reference
	Stamps   []StampAnnot
	SealPath string // Seal.esl, empty if there is none
	Value    []byte // SignedValue.dat
	ValueAt  string
}

// Reference is a protected file and its digest.
type Reference struct {
	Path   string
	Digest []byte // nil when it is not base64
}

// StampAnnot is where the seal shows.
type StampAnnot struct {
	ID       string `xml:"ID,attr"`
	Page     string `xml:"PageRef,attr"`
	Boundary string `xml:"Boundary,attr"`
}

type signatureXML struct {
	XMLName xml.Name `xml:"Signature"`
	Info    struct {
		Provider struct {
			Name    string `xml:"ProviderName,attr"`
			Company string `xml:"Company,attr"`
		} `xml:"Provider"`
		Method string `xml:"SignatureMethod"`
		Time   string `xml:"SignatureDateTime"`
		Refs   struct {
			Check string `xml:"CheckMethod,attr"`
			List  []struct {
				File  string `xml:"FileRef,attr"`
				Value string `xml:"CheckValue"`
			} `xml:"Reference"`
		} `xml:"References"`
		Stamps []StampAnnot `xml:"StampAnnot"`
		Seal   *struct {
			Base string `xml:"BaseLoc"`
		} `xml:"Seal"`
	} `xml:"SignedInfo"`
	Value string `xml:"SignedValue"`
}

// ParseSignature reads a Signature.xml that stands at `at` in its package; the
// parts it points to are not loaded.
func ParseSignature(at string, part []byte) (Signature, error) {
	return readSignature(at, part, resolve)
}

func readSignature(at string, part []byte, locate func(from, loc string) string) (Signature, error) {
	if len(part) > maxSignature {
		return Signature{}, invalid("bad-signature", "签名描述文件过大。", nil)
	}
	if err := checkXML(part); err != nil {
		return Signature{}, invalid("bad-signature", "签名描述文件不合规。", err)
	}
	var x signatureXML
	if err := xml.Unmarshal(part, &x); err != nil {
		return Signature{}, invalid("bad-signature", "签名描述文件不合规。", err)
	}
	s := Signature{
		Path: at, XML: part, Provider: x.Info.Provider.Name, Company: x.Info.Provider.Company,
		Method: strings.TrimSpace(x.Info.Method), Time: strings.TrimSpace(x.Info.Time),
		Check: strings.TrimSpace(x.Info.Refs.Check), Stamps: x.Info.Stamps, ValueAt: locate(at, x.Value),
	}
	for _, r := range x.Info.Refs.List {
		digest, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Value))
		if err != nil {
			digest = nil
		}
		s.Refs = append(s.Refs, Reference{locate(at, r.File), digest})
	}
	if x.Info.Seal != nil {
		s.SealPath = locate(at, x.Info.Seal.Base)
	}
	return s, nil
}

// SignaturesPath is the signature list, empty when the document has none.
func (p *Package) SignaturesPath() string {
	if p.body.Signatures == nil {
		return ""
	}
	return p.locate("OFD.xml", *p.body.Signatures)
}

// Signatures reads all signatures of the document. None is no error.
func (p *Package) Signatures() ([]Signature, error) {
	at := p.SignaturesPath()
	if at == "" {
		return nil, nil
	}
	var list struct {
		XMLName xml.Name `xml:"Signatures"`
		Items   []struct {
			ID   string `xml:"ID,attr"`
			Type string `xml:"Type,attr"`
			Base string `xml:"BaseLoc,attr"`
		} `xml:"Signature"`
	}
	if err := p.decode(at, &list); err != nil {
		return nil, err
	}
	if len(list.Items) > maxSigns {
		return nil, invalid("bad-signature", "签名数量超出限制。", nil)
	}
	var out []Signature
	for _, item := range list.Items {
		path := p.locate(at, item.Base)
		part, ok := p.File(path)
		if !ok {
			return nil, invalid("bad-signature", "签名描述文件缺失。", errors.New(path))
		}
		s, err := readSignature(path, part, p.locate)
		if err != nil {
			return nil, err
		}
		s.ID, s.Type = item.ID, item.Type
		if s.Type == "" {
			s.Type = TypeSeal // the attribute's default in the XSD
		}
		if s.Value, ok = p.File(s.ValueAt); !ok {
			return nil, invalid("bad-signature", "签名值文件缺失。", errors.New(s.ValueAt))
		}
		out = append(out, s)
	}
	return out, nil
}
