package ofd

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// File is one entry of the package.
type File struct {
	Name string
	Data []byte
}

// Pack writes the one canonical container of a set of files (clause 5.2: ZIP).
//
// A signature covers the content of the files, not the ZIP around them. So that
// a changed byte anywhere is found, our container leaves nothing to choose:
// OFD.xml first, then names in byte order; stored, since compressors differ
// between versions and have spare bits; no flags, extra fields, comments,
// descriptors or gaps; every time is 1980-01-01. The fonts are subset and the
// pictures compressed by themselves, so storing costs little.
func Pack(files []File) []byte {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int {
		if (a.Name == "OFD.xml") != (b.Name == "OFD.xml") {
			if a.Name == "OFD.xml" {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	le := binary.LittleEndian
	var out, directory []byte
	for _, f := range files {
		// From "version needed" to "extra length", the same in both headers.
		common := le.AppendUint16(nil, 10)
		for _, v := range []uint16{0, 0, 0, 1<<5 | 1} { // flags, method, time, date
			common = le.AppendUint16(common, v)
		}
		for _, v := range []uint32{crc32.ChecksumIEEE(f.Data), uint32(len(f.Data)), uint32(len(f.Data))} {
			common = le.AppendUint32(common, v)
		}
		common = le.AppendUint16(common, uint16(len(f.Name)))
		common = le.AppendUint16(common, 0)

		directory = append(directory, 'P', 'K', 1, 2, 10, 0)
		directory = append(directory, common...)
		directory = append(directory, make([]byte, 10)...) // comment, disk, attributes
		directory = le.AppendUint32(directory, uint32(len(out)))
		directory = append(directory, f.Name...)

		out = append(out, 'P', 'K', 3, 4)
		out = append(out, common...)
		out = append(out, f.Name...)
		out = append(out, f.Data...)
	}
	at := len(out)
	out = append(out, directory...)
	out = append(out, 'P', 'K', 5, 6, 0, 0, 0, 0)
	out = le.AppendUint16(out, uint16(len(files)))
	out = le.AppendUint16(out, uint16(len(files)))
	out = le.AppendUint32(out, uint32(len(directory)))
	out = le.AppendUint32(out, uint32(at))
	return append(out, 0, 0)
}

// Canonical says whether the container is byte for byte the one that this
// package would write for these files.
func (p *Package) Canonical() bool { return bytes.Equal(p.raw, Pack(p.files)) }
