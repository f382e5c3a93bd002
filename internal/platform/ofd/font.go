package ofd

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Font is a TrueType font with glyf outlines. It is read once and shared by all
// documents; it is safe for concurrent use since nothing of it changes.
type Font struct {
	name     string
	tables   map[string][]byte
	unitsEm  int
	ascent   float64 // of the em square
	descent  float64 // of the em square, positive
	glyphs   int
	longLoca bool
	hmetrics int
	cmap     map[rune]uint16
}

var errFont = errors.New("ofd: not a TrueType font with glyf outlines")

// ParseFont reads a TrueType file; name is what the document calls the font.
func ParseFont(name string, ttf []byte) (f *Font, err error) {
	// A font is our own data, yet a truncated file must give an error and no crash.
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("%w: %v", errFont, r)
		}
	}()
	if len(ttf) < 12 || binary.BigEndian.Uint32(ttf) != 0x00010000 {
		return nil, errFont
	}
	f = &Font{name: name, tables: map[string][]byte{}}
	for i := range int(u16(ttf, 4)) {
		rec := ttf[12+16*i:]
		off, size := u32(rec, 8), u32(rec, 12)
		if uint64(off)+uint64(size) > uint64(len(ttf)) {
			return nil, errFont
		}
		f.tables[string(rec[:4])] = ttf[off : off+size]
	}
	for _, need := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cmap"} {
		if f.tables[need] == nil {
			return nil, fmt.Errorf("%w: no table %s", errFont, need)
		}
	}
	f.unitsEm = int(u16(f.tables["head"], 18))
	f.longLoca = u16(f.tables["head"], 50) == 1
	f.ascent = float64(int16(u16(f.tables["hhea"], 4))) / float64(f.unitsEm)
	f.descent = -float64(int16(u16(f.tables["hhea"], 6))) / float64(f.unitsEm)
	f.hmetrics = int(u16(f.tables["hhea"], 34))
	f.glyphs = int(u16(f.tables["maxp"], 4))
	if f.unitsEm == 0 || f.hmetrics == 0 || len(f.tables["hmtx"]) < 4*f.hmetrics {
		return nil, errFont
	}
	if f.cmap, err = readCmap(f.tables["cmap"]); err != nil {
		return nil, err
	}
	return f, nil
}

// Has says whether the font has a glyph for the character.
func (f *Font) Has(r rune) bool { return f.cmap[r] != 0 }

// Width is how far the text advances, in the unit of size.
func (f *Font) Width(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		w += f.advance(r)
	}
	return w * size
}

// advance is the glyph's advance in em.
func (f *Font) advance(r rune) float64 { return float64(f.hadvance(f.cmap[r])) / float64(f.unitsEm) }

func (f *Font) hadvance(glyph uint16) uint16 {
	return u16(f.tables["hmtx"], 4*min(int(glyph), f.hmetrics-1))
}

func (f *Font) bearing(glyph uint16) uint16 {
	t := f.tables["hmtx"]
	at := 4*int(glyph) + 2
	if int(glyph) >= f.hmetrics {
		at = 4*f.hmetrics + 2*(int(glyph)-f.hmetrics)
	}
	if at+2 > len(t) {
		return 0
	}
	return u16(t, at)
}

// outline is the glyph's entry in glyf; empty for a blank glyph.
func (f *Font) outline(glyph uint16) ([]byte, error) {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to uint32
	if f.longLoca {
		if 4*int(glyph)+8 > len(loca) {
			return nil, errFont
		}
		from, to = u32(loca, 4*int(glyph)), u32(loca, 4*int(glyph)+4)
	} else {
		if 2*int(glyph)+4 > len(loca) {
			return nil, errFont
		}
		from, to = 2*uint32(u16(loca, 2*int(glyph))), 2*uint32(u16(loca, 2*int(glyph)+2))
	}
	if from > to || int64(to) > int64(len(glyf)) {
		return nil, errFont
	}
	return glyf[from:to], nil
}

// readCmap takes the widest Unicode table that the font has: format 12, else 4.
func readCmap(t []byte) (map[rune]uint16, error) {
	var best []byte
	for i := range int(u16(t, 2)) {
		rec := t[4+8*i:]
		sub := t[u32(rec, 4):]
		switch format := u16(sub, 0); {
		case format == 12:
			best = sub
		case format == 4 && best == nil:
			best = sub
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: no Unicode cmap", errFont)
	}
	if u16(best, 0) == 12 {
		return readCmap12(best), nil
	}
	return readCmap4(best), nil
}

func readCmap12(t []byte) map[rune]uint16 {
	m := map[rune]uint16{}
	for i := range int(u32(t, 12)) {
		g := t[16+12*i:]
		first, last, glyph := u32(g, 0), min(u32(g, 4), 0x10FFFF), u32(g, 8)
		for c := first; c <= last; c++ {
			m[rune(c)] = uint16(glyph + c - first)
		}
	}
	return m
}

func readCmap4(t []byte) map[rune]uint16 {
	m := map[rune]uint16{}
	n := int(u16(t, 6)) / 2
	ends, starts, deltas, offsets := 14, 16+2*n, 16+4*n, 16+6*n
	for i := range n {
		first, last := int(u16(t, starts+2*i)), int(u16(t, ends+2*i))
		delta, off := u16(t, deltas+2*i), int(u16(t, offsets+2*i))
		for c := first; c <= last && c < 0xFFFF; c++ {
			glyph := uint16(c) + delta
			if off != 0 {
				if glyph = u16(t, offsets+2*i+off+2*(c-first)); glyph != 0 {
					glyph += delta
				}
			}
			if glyph != 0 {
				m[rune(c)] = glyph
			}
		}
	}
	return m
}

func u16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func u32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }
