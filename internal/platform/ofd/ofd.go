// Package ofd writes and reads fixed-layout documents by GB/T 33190-2016 (OFD).
//
// It keeps to the part of the standard that a licence needs (clauses 7 package,
// 8 pages, 9.1 fonts, 11 text, 10 paths and images, 18 signature parts) and
// knows nothing of licences or of who may seal: package seal makes and checks
// the signature data of GB/T 38540 that is stored here as an opaque file.
//
// A package that we write has exactly one byte form (see container.go), so that
// a changed byte anywhere, also outside the signed parts, can be found.
package ofd

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"onedoor/internal/kernel/fault"
)

// Namespace is the XML namespace of every part (clause 5.1).
const Namespace = "http://www.ofdspec.org/2016"

// Info is CT_DocInfo (clause 7.4): what the document says of itself.
type Info struct {
	// DocID is 32 hex digits; New makes one when it is empty.
	DocID                           string
	Title, Subject, Author, Creator string
	Created                         time.Time
	// Custom keeps the order given, since GB/T 36903 lists its keys in order.
	Custom []CustomData
}

// CustomData is one named value of CustomDatas.
type CustomData struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Color is RGB; the zero value is black.
type Color struct{ R, G, B uint8 }

// Document is a document being written. Not safe for concurrent use.
type Document struct {
	info     Info
	pages    []*Page
	pictures []*Picture
	fonts    []*fontUse
	nextID   int
	err      error
}

// Picture is an image stored once and placed on any number of pages.
type Picture struct {
	id     int
	format string
	data   []byte
}

// fontUse is a font with the runes of this document, to be embedded as a subset.
type fontUse struct {
	id    int
	font  *Font
	runes map[rune]bool
}

// New starts a document.
func New(info Info) *Document {
	d := &Document{info: info}
	if d.info.DocID == "" {
		var id [16]byte
		_, _ = rand.Read(id[:]) // never fails, see crypto/rand
		d.info.DocID = hex.EncodeToString(id[:])
	}
	return d
}

// id gives the next object identifier, unique in the document (clause 7.5, MaxUnitID).
func (d *Document) id() int {
	d.nextID++
	return d.nextID
}

// Image adds a PNG or JPEG to the document's resources.
func (d *Document) Image(data []byte) *Picture {
	pic := &Picture{id: d.id(), data: data}
	switch {
	case len(data) > 8 && string(data[1:4]) == "PNG":
		pic.format = "PNG"
	case len(data) > 3 && data[0] == 0xFF && data[1] == 0xD8:
		pic.format = "JPEG"
	default:
		d.fail(fmt.Errorf("ofd: image is neither PNG nor JPEG"))
	}
	d.pictures = append(d.pictures, pic)
	return pic
}

func (d *Document) use(f *Font) *fontUse {
	for _, u := range d.fonts {
		if u.font == f {
			return u
		}
	}
	u := &fontUse{id: d.id(), font: f, runes: map[rune]bool{}}
	d.fonts = append(d.fonts, u)
	return u
}

// fail keeps the first error, which Bytes returns, so that drawing reads as drawing.
func (d *Document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func invalid(code, message string, cause error) error {
	f := fault.New(fault.Invalid, "ofd."+code, message)
	if cause != nil {
		return f.Because(cause)
	}
	return f
}
