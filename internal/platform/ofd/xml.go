package ofd

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

const (
	maxXML      = 16 << 20
	maxDepth    = 64
	maxElements = 400_000
)

var (
	errXMLSize    = errors.New("XML part too large")
	errXMLDepth   = errors.New("XML nested too deeply")
	errXMLDoctype = errors.New("XML with a document type")
)

// checkXML walks a part once before it is decoded: no document type (entities
// could expand without bound), bounded depth, size and number of elements.
func checkXML(part []byte) error {
	if len(part) > maxXML {
		return errXMLSize
	}
	dec := xml.NewDecoder(bytes.NewReader(part))
	depth, elements := 0, 0
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return errXMLDepth
			}
			if elements++; elements > maxElements {
				return errXMLSize
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errXMLDoctype
		}
	}
}

// decode reads a part into a struct by local names, whatever the prefix is.
func (p *Package) decode(name string, into any) error {
	part, ok := p.File(name)
	if !ok {
		return invalid("missing-part", "文件包缺少必要的部分，不是完整的 OFD 文件。", errors.New(name))
	}
	if err := checkXML(part); err != nil {
		return invalid("bad-xml", "文件包内的描述文件不合规，拒绝打开。", err)
	}
	if err := xml.Unmarshal(part, into); err != nil {
		return invalid("bad-xml", "文件包内的描述文件不合规，拒绝打开。", err)
	}
	return nil
}
