package ofd

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/kernel/fault"
)

// Plan is what a signature says besides its value.
type Plan struct {
	Provider, Version, Company string
	At                         time.Time
	Seal                       []byte // Seal.esl
	Stamps                     []StampPlace
}

// StampPlace is a box on a page, 1-based, in millimetres.
type StampPlace struct {
	Page       int
	X, Y, W, H float64
}

// Sign adds the seal signature to an unsigned package and returns a new one.
//
// Order (clause 18.2): all files incl. the signature list and Seal.esl are in
// place; each gets an SM3 reference; Signature.xml is frozen; `value` makes
// SignedValue.dat from its bytes and its path. The list is covered too, hence a
// signed document takes no second signature: a licence has one issuer.
func (p *Package) Sign(plan Plan, value func(signatureXML []byte, path string) ([]byte, error)) ([]byte, error) {
	if p.body.Signatures != nil {
		return nil, fault.New(fault.Conflict, "ofd.already-signed", "该文件已经签章，不能再次签章。")
	}
	const list, dir = signatureAt + "Signatures.xml", signatureAt + "Sign_0/"
	root, err := p.rootWithSignatures(list)
	if err != nil {
		return nil, err
	}
	files := []File{{"OFD.xml", root}}
	for _, f := range p.files {
		if strings.HasPrefix(f.Name, signatureAt) {
			return nil, fault.New(fault.Conflict, "ofd.already-signed", "该文件已经签章，不能再次签章。")
		}
		if f.Name != "OFD.xml" {
			files = append(files, f)
		}
	}
	files = append(files,
		File{list, []byte(xmlHead + `<ofd:Signatures xmlns:ofd="` + Namespace + `"><ofd:MaxSignId>s002</ofd:MaxSignId>` +
			`<ofd:Signature ID="s001" Type="Seal" BaseLoc="/` + dir + `Signature.xml"/></ofd:Signatures>`)},
		File{dir + "Seal.esl", plan.Seal})
	part, err := p.signatureXML(plan, files, dir)
	if err != nil {
		return nil, err
	}
	signed, err := value(part, "/"+dir+"Signature.xml")
	if err != nil {
		return nil, fmt.Errorf("make signature value: %w", err)
	}
	return Pack(append(files, File{dir + "Signature.xml", part}, File{dir + "SignedValue.dat", signed})), nil
}

func (p *Package) signatureXML(plan Plan, files []File, dir string) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, xmlHead+`<ofd:Signature xmlns:ofd="%s"><ofd:SignedInfo><ofd:Provider ProviderName="%s" Version="%s" Company="%s"/>`+
		`<ofd:SignatureMethod>%s</ofd:SignatureMethod><ofd:SignatureDateTime>%s</ofd:SignatureDateTime><ofd:References CheckMethod="%s">`,
		Namespace, escape(plan.Provider), escape(plan.Version), escape(plan.Company),
		SM2WithSM3, plan.At.UTC().Format("20060102150405Z"), SM3)
	for _, f := range files {
		digest := sm3.Sum(f.Data)
		fmt.Fprintf(&b, `<ofd:Reference FileRef="/%s"><ofd:CheckValue>%s</ofd:CheckValue></ofd:Reference>`,
			escape(f.Name), base64.StdEncoding.EncodeToString(digest[:]))
	}
	b.WriteString(`</ofd:References>`)
	for i, s := range plan.Stamps {
		if s.Page < 1 || s.Page > len(p.pages) {
			return nil, fmt.Errorf("ofd: stamp on page %d of %d", s.Page, len(p.pages))
		}
		fmt.Fprintf(&b, `<ofd:StampAnnot ID="a%03d" PageRef="%s" Boundary="%s"/>`, i+1, escape(p.pages[s.Page-1].id), box(s.X, s.Y, s.W, s.H))
	}
	fmt.Fprintf(&b, `<ofd:Seal><ofd:BaseLoc>/%sSeal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>/%sSignedValue.dat</ofd:SignedValue></ofd:Signature>`, dir, dir)
	return []byte(b.String()), nil
}

// rootWithSignatures is OFD.xml with the Signatures element where the XSD wants
// it: after DocRoot and Versions of the first document, all else untouched.
func (p *Package) rootWithSignatures(list string) ([]byte, error) {
	part, _ := p.File("OFD.xml")
	dec := xml.NewDecoder(bytes.NewReader(part))
	depth := 0
	for {
		before := dec.InputOffset()
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, invalid("bad-xml", "文件包内的描述文件不合规，拒绝签章。", nil)
		}
		if err != nil {
			return nil, invalid("bad-xml", "文件包内的描述文件不合规，拒绝签章。", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			if depth--; depth == 1 && t.Name.Local == "DocBody" {
				prefix := ""
				if t.Name.Space != "" {
					prefix = t.Name.Space + ":"
				}
				element := "<" + prefix + "Signatures>" + list + "</" + prefix + "Signatures>"
				return bytes.Join([][]byte{part[:before], []byte(element), part[before:]}, nil), nil
			}
		}
	}
}
