package ofd

import (
	"encoding/xml"
	"strings"
	"time"
)

const maxPages = 1000

// docBody is one document of OFD.xml; licences have one and only the first is read.
type docBody struct {
	Info struct {
		DocID    string `xml:"DocID"`
		Title    string `xml:"Title"`
		Subject  string `xml:"Subject"`
		Author   string `xml:"Author"`
		Creator  string `xml:"Creator"`
		Creation string `xml:"CreationDate"`
		Custom   []struct {
			Name  string `xml:"Name,attr"`
			Value string `xml:",chardata"`
		} `xml:"CustomDatas>CustomData"`
	} `xml:"DocInfo"`
	Root       string  `xml:"DocRoot"`
	Signatures *string `xml:"Signatures"`
}

func (p *Package) readRoot() error {
	var root struct {
		XMLName xml.Name  `xml:"OFD"`
		Bodies  []docBody `xml:"DocBody"`
	}
	if err := p.decode("OFD.xml", &root); err != nil {
		return err
	}
	if len(root.Bodies) == 0 {
		return invalid("no-document", "文件包内没有文档。", nil)
	}
	p.body = root.Bodies[0]
	in := p.body.Info
	p.info = Info{DocID: in.DocID, Title: in.Title, Subject: in.Subject, Author: in.Author, Creator: in.Creator}
	p.info.Created, _ = time.Parse("2006-01-02", in.Creation) // optional
	for _, c := range in.Custom {
		p.info.Custom = append(p.info.Custom, CustomData{c.Name, c.Value})
	}
	p.doc = p.locate("OFD.xml", p.body.Root)
	var doc struct {
		XMLName xml.Name `xml:"Document"`
		Pages   []struct {
			ID   string `xml:"ID,attr"`
			Base string `xml:"BaseLoc,attr"`
		} `xml:"Pages>Page"`
	}
	if err := p.decode(p.doc, &doc); err != nil {
		return err
	}
	if len(doc.Pages) > maxPages {
		return invalid("too-many-pages", "文档页数超出限制。", nil)
	}
	for _, page := range doc.Pages {
		p.pages = append(p.pages, pageRef{page.ID, p.locate(p.doc, page.Base)})
	}
	return nil
}

// Info is what the document says of itself; believe it only when its signature holds.
func (p *Package) Info() Info { return p.info }

// Custom is one value of CustomDatas, empty when there is none.
func (p *Package) Custom(name string) string {
	for _, c := range p.info.Custom {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// PageText is the text of each page, a line for each text object; a page that
// cannot be read is empty.
func (p *Package) PageText() []string {
	texts := make([]string, len(p.pages))
	for i, ref := range p.pages {
		part, ok := p.File(ref.path)
		if !ok || checkXML(part) != nil {
			continue
		}
		var lines []string
		dec := xml.NewDecoder(strings.NewReader(string(part)))
		for {
			tok, err := dec.Token()
			if err != nil {
				break
			}
			start, ok := tok.(xml.StartElement)
			if !ok || start.Name.Local != "TextCode" {
				continue
			}
			var line string
			if dec.DecodeElement(&line, &start) == nil {
				lines = append(lines, line)
			}
		}
		texts[i] = strings.Join(lines, "\n")
	}
	return texts
}
