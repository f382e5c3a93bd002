package ofd

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// Bytes is the unsigned package. The element order is that of the XSDs of Annex A.
func (d *Document) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	if len(d.pages) == 0 {
		return nil, fmt.Errorf("ofd: a document needs a page")
	}
	files := []File{
		{"OFD.xml", []byte(d.root())},
		{"Doc_0/Document.xml", []byte(d.document())},
	}
	var fonts, media strings.Builder
	for _, u := range d.fonts {
		ttf, err := u.font.subset(u.runes)
		if err != nil {
			return nil, fmt.Errorf("subset font %s: %w", u.font.name, err)
		}
		name := fmt.Sprintf("font_%d.ttf", u.id)
		files = append(files, File{"Doc_0/Res/" + name, ttf})
		fmt.Fprintf(&fonts, `<ofd:Font ID="%d" FontName="%s" FamilyName="%s"><ofd:FontFile>%s</ofd:FontFile></ofd:Font>`,
			u.id, escape(u.font.name), escape(u.font.name), name)
	}
	for _, pic := range d.pictures {
		name := fmt.Sprintf("img_%d.%s", pic.id, strings.ToLower(pic.format))
		files = append(files, File{"Doc_0/Res/" + name, pic.data})
		fmt.Fprintf(&media, `<ofd:MultiMedia ID="%d" Type="Image" Format="%s"><ofd:MediaFile>%s</ofd:MediaFile></ofd:MultiMedia>`,
			pic.id, pic.format, name)
	}
	files = append(files,
		File{"Doc_0/PublicRes.xml", []byte(res("Fonts", fonts.String()))},
		File{"Doc_0/DocumentRes.xml", []byte(res("MultiMedias", media.String()))})
	for i, p := range d.pages {
		files = append(files, File{pagePath(i), []byte(p.xml())})
	}
	return Pack(files), nil
}

func pagePath(i int) string { return fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", i) }

// root is OFD.xml (clause 7.4).
func (d *Document) root() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<ofd:OFD xmlns:ofd="` + Namespace + `" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>`)
	element := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, `<ofd:%s>%s</ofd:%s>`, name, escape(value), name)
		}
	}
	element("DocID", d.info.DocID)
	element("Title", d.info.Title)
	element("Author", d.info.Author)
	element("Subject", d.info.Subject)
	if !d.info.Created.IsZero() {
		element("CreationDate", d.info.Created.Format("2006-01-02"))
	}
	element("Creator", d.info.Creator)
	if len(d.info.Custom) > 0 {
		b.WriteString(`<ofd:CustomDatas>`)
		for _, c := range d.info.Custom {
			fmt.Fprintf(&b, `<ofd:CustomData Name="%s">%s</ofd:CustomData>`, escape(c.Name), escape(c.Value))
		}
		b.WriteString(`</ofd:CustomDatas>`)
	}
	b.WriteString(`</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`)
	return b.String()
}

// document is Document.xml (clause 7.5).
func (d *Document) document() string {
	var b strings.Builder
	first := d.pages[0]
	fmt.Fprintf(&b, xmlHead+`<ofd:Document xmlns:ofd="%s"><ofd:CommonData><ofd:MaxUnitID>%d</ofd:MaxUnitID>`+
		`<ofd:PageArea><ofd:PhysicalBox>%s</ofd:PhysicalBox></ofd:PageArea>`+
		`<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>`+
		`</ofd:CommonData><ofd:Pages>`, Namespace, d.nextID, box(0, 0, first.width, first.height))
	for i, p := range d.pages {
		fmt.Fprintf(&b, `<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, p.id, i)
	}
	b.WriteString(`</ofd:Pages></ofd:Document>`)
	return b.String()
}

func res(group, content string) string {
	if content != "" {
		content = "<ofd:" + group + ">" + content + "</ofd:" + group + ">"
	}
	return xmlHead + `<ofd:Res xmlns:ofd="` + Namespace + `" BaseLoc="Res">` + content + `</ofd:Res>`
}

func (p *Page) xml() string {
	area := ""
	if first := p.doc.pages[0]; p.width != first.width || p.height != first.height {
		area = `<ofd:Area><ofd:PhysicalBox>` + box(0, 0, p.width, p.height) + `</ofd:PhysicalBox></ofd:Area>`
	}
	return fmt.Sprintf(xmlHead+`<ofd:Page xmlns:ofd="%s">%s<ofd:Content><ofd:Layer ID="%d" Type="Body">%s</ofd:Layer></ofd:Content></ofd:Page>`,
		Namespace, area, p.layer, p.body.String())
}

// escape makes text fit for XML; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
