package ofd

import (
	"encoding/binary"
	"slices"
)

// subset is a complete TrueType file with only the glyphs of the given
// characters, renumbered: a licence uses some hundred of 35,000 glyphs, so the
// file stays below a tenth of a megabyte. Glyph 0 (the missing-glyph box) stays.
func (f *Font) subset(runes map[rune]bool) ([]byte, error) {
	chars := make([]rune, 0, len(runes))
	for r := range runes {
		if f.cmap[r] != 0 {
			chars = append(chars, r)
		}
	}
	slices.Sort(chars)
	glyphs, number := []uint16{0}, map[uint16]uint16{0: 0}
	keep := func(g uint16) {
		if _, ok := number[g]; !ok {
			number[g] = uint16(len(glyphs))
			glyphs = append(glyphs, g)
		}
	}
	for _, r := range chars {
		keep(f.cmap[r])
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(glyphs); i++ { // grows: composite glyphs bring in their components
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		hmtx = binary.BigEndian.AppendUint16(hmtx, f.hadvance(glyphs[i]))
		hmtx = binary.BigEndian.AppendUint16(hmtx, f.bearing(glyphs[i]))
		outline, err := f.outline(glyphs[i])
		if err != nil {
			return nil, err
		}
		outline = slices.Clone(outline)
		if err := eachComponent(outline, func(at int) {
			keep(u16(outline, at))
			binary.BigEndian.PutUint16(outline[at:], number[u16(outline, at)])
		}); err != nil {
			return nil, err
		}
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)  // checksum, set when the file is complete
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	hhea := slices.Clone(f.tables["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(glyphs)))
	maxp := slices.Clone(f.tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(glyphs)))
	post := make([]byte, 32)
	binary.BigEndian.PutUint32(post, 0x00030000) // no glyph names
	tables := map[string][]byte{
		"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": glyf, "post": post,
		"cmap": writeCmap(chars, func(r rune) uint16 { return number[f.cmap[r]] }),
		"name": writeName(f.name),
	}
	if os2 := f.tables["OS/2"]; os2 != nil {
		tables["OS/2"] = os2
	}
	return assemble(tables), nil
}

// eachComponent visits the glyph numbers inside a composite outline.
func eachComponent(outline []byte, visit func(at int)) error {
	if len(outline) < 10 || int16(u16(outline, 0)) >= 0 {
		return nil
	}
	const wordArgs, scale, more, xyScale, matrix = 1, 8, 32, 64, 128
	for at := 10; ; {
		if at+4 > len(outline) {
			return errFont
		}
		flags := u16(outline, at)
		visit(at + 2)
		at += 6
		if flags&wordArgs != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&xyScale != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return nil
		}
	}
}

// writeCmap has format 12 for every plane and format 4 for readers that know
// only the basic plane.
func writeCmap(chars []rune, glyph func(rune) uint16) []byte {
	be := binary.BigEndian
	type segment struct {
		first, last rune
		glyph       uint16
	}
	var segments []segment
	for _, r := range chars {
		g := glyph(r)
		if n := len(segments); n > 0 {
			if s := &segments[n-1]; s.last+1 == r && s.glyph+uint16(r-s.first) == g {
				s.last = r
				continue
			}
		}
		segments = append(segments, segment{r, r, g})
	}
	var ends, starts, deltas, groups []byte
	n4 := 0
	for _, s := range segments {
		groups = be.AppendUint32(groups, uint32(s.first))
		groups = be.AppendUint32(groups, uint32(s.last))
		groups = be.AppendUint32(groups, uint32(s.glyph))
		if s.last < 0xFFFF {
			n4++
			ends = be.AppendUint16(ends, uint16(s.last))
			starts = be.AppendUint16(starts, uint16(s.first))
			deltas = be.AppendUint16(deltas, s.glyph-uint16(s.first))
		}
	}
	n4++ // the closing segment that the format demands
	ends, starts, deltas = be.AppendUint16(ends, 0xFFFF), be.AppendUint16(starts, 0xFFFF), be.AppendUint16(deltas, 1)
	power, log := 1, 0
	for power*2 <= n4 {
		power, log = power*2, log+1
	}
	var f4 []byte
	for _, v := range []int{4, 16 + 8*n4, 0, 2 * n4, 2 * power, log, 2 * (n4 - power)} {
		f4 = be.AppendUint16(f4, uint16(v))
	}
	f4 = append(f4, ends...)
	f4 = append(f4, 0, 0)
	f4 = append(f4, starts...)
	f4 = append(f4, deltas...)
	f4 = append(f4, make([]byte, 2*n4)...)

	var t []byte
	for _, v := range []uint16{0, 2, 3, 1} {
		t = be.AppendUint16(t, v)
	}
	t = be.AppendUint32(t, 20)
	t = be.AppendUint16(t, 3)
	t = be.AppendUint16(t, 10)
	t = be.AppendUint32(t, uint32(20+len(f4)))
	t = append(t, f4...)
	t = be.AppendUint16(t, 12)
	t = be.AppendUint16(t, 0)
	for _, v := range []int{16 + len(groups), 0, len(segments)} {
		t = be.AppendUint32(t, uint32(v))
	}
	return append(t, groups...)
}

// writeName gives the subset the name that the document uses for it.
func writeName(name string) []byte {
	be := binary.BigEndian
	var text, records []byte
	put := func(id uint16, s string) {
		var b []byte
		for _, r := range s { // names of the basic plane
			b = be.AppendUint16(b, uint16(r))
		}
		for _, v := range []uint16{3, 1, 0x409, id, uint16(len(b)), uint16(len(text))} {
			records = be.AppendUint16(records, v)
		}
		text = append(text, b...)
	}
	put(1, name)
	put(2, "Regular")
	put(4, name)
	put(6, "OFDSubset")
	var t []byte
	for _, v := range []uint16{0, 4, uint16(6 + len(records))} {
		t = be.AppendUint16(t, v)
	}
	return append(append(t, records...), text...)
}

// assemble lays the tables out with their checksums, in tag order.
func assemble(tables map[string][]byte) []byte {
	be := binary.BigEndian
	tags := make([]string, 0, len(tables))
	for tag := range tables {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	power, log := 1, 0
	for power*2 <= len(tags) {
		power, log = power*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(tags), 16 * power, log, 16 * (len(tags) - power)} {
		out = be.AppendUint16(out, uint16(v))
	}
	at, headAt := 12+16*len(tags), 0
	for _, tag := range tags {
		t := tables[tag]
		out = append(out, tag...)
		for _, v := range []uint32{checksum(t), uint32(at), uint32(len(t))} {
			out = be.AppendUint32(out, v)
		}
		if tag == "head" {
			headAt = at
		}
		at += (len(t) + 3) &^ 3
	}
	for _, tag := range tags {
		out = append(out, tables[tag]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	be.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(t []byte) uint32 {
	var sum uint32
	for len(t) >= 4 {
		sum += u32(t, 0)
		t = t[4:]
	}
	if len(t) > 0 {
		var last [4]byte
		copy(last[:], t)
		sum += u32(last[:], 0)
	}
	return sum
}
