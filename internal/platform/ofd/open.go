package ofd

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// The bounds of a package that Open accepts. Anyone may upload a file to the
// verify page, so each is far above a real licence and far below harm.
const (
	maxPackage  = 32 << 20
	maxEntries  = 2000
	maxExpanded = 64 << 20
	maxRatio    = 100 // deflate reaches 1032; text of OFD parts seldom 50
	maxName     = 512
)

// Package is an opened OFD file. Nothing of it changes after Open.
type Package struct {
	raw   []byte
	files []File
	index map[string]int
	info  Info
	body  docBody
	doc   string // path of Document.xml
	pages []pageRef
}

type pageRef struct {
	id   string
	path string
}

// Open reads a package and the parts that every document must have. Errors are
// faults of kind invalid.
func Open(data []byte) (*Package, error) {
	if len(data) > maxPackage {
		return nil, invalid("too-large", "文件过大，不是常见的电子证照文件。", nil)
	}
	p := &Package{raw: data, index: map[string]int{}}
	if err := p.unpack(); err != nil {
		return nil, err
	}
	if err := p.readRoot(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Package) unpack() error {
	zr, err := zip.NewReader(bytes.NewReader(p.raw), int64(len(p.raw)))
	if err != nil {
		return invalid("not-zip", "这不是 OFD 文件，或文件不完整，请重新下载后再试。", err)
	}
	if len(zr.File) > maxEntries {
		return invalid("too-many-entries", "文件包内的文件数量超出限制。", nil)
	}
	left := int64(maxExpanded)
	for _, f := range zr.File {
		name, ok := entryName(f.Name)
		if !ok {
			return invalid("bad-entry", "文件包内有不合规的文件名，拒绝打开。", fmt.Errorf("entry %q", f.Name))
		}
		if strings.HasSuffix(name, "/") {
			if f.UncompressedSize64 != 0 {
				return invalid("bad-entry", "文件包内的目录项带有数据，拒绝打开。", nil)
			}
			continue
		}
		if _, dup := p.index[name]; dup {
			return invalid("duplicate-entry", "文件包内有同名文件，拒绝打开。", fmt.Errorf("entry %q", name))
		}
		content, err := readEntry(f, left)
		if err != nil {
			return err
		}
		left -= int64(len(content))
		p.index[name] = len(p.files)
		p.files = append(p.files, File{name, content})
	}
	return nil
}

func readEntry(f *zip.File, left int64) ([]byte, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	if size > uint64(left) || (size > 1<<20 && size/maxRatio > packed) {
		return nil, invalid("bomb", "文件包解压后超出限制，拒绝打开。", nil)
	}
	r, err := f.Open()
	if err != nil {
		return nil, invalid("damaged", "文件包已损坏，请重新下载后再试。", err)
	}
	defer r.Close()
	content := make([]byte, size) // bounded above
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, invalid("damaged", "文件包已损坏，请重新下载后再试。", err)
	}
	// The next read has to be the end: there the reader compares size and CRC.
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return nil, invalid("damaged", "文件包已损坏，请重新下载后再试。", err)
	}
	return content, nil
}

// entryName normalises what Windows packers write and refuses what would leave
// the package's root.
func entryName(name string) (string, bool) {
	name = strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/")
	clean := strings.TrimSuffix(name, "/")
	if name == "" || len(name) > maxName || strings.ContainsAny(name, "\x00:") ||
		path.Clean(clean) != clean || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", false
	}
	return name, true
}

// Names lists the files in the order of the container.
func (p *Package) Names() []string {
	names := make([]string, len(p.files))
	for i, f := range p.files {
		names[i] = f.Name
	}
	return names
}

// File gives a file's bytes, not to be changed.
func (p *Package) File(name string) ([]byte, bool) {
	i, ok := p.index[name]
	if !ok {
		return nil, false
	}
	return p.files[i].Data, true
}

// resolve turns an ST_Loc found in the file `from` into a package path (clause
// 7.3): a leading slash is the package's root, otherwise it is relative.
func resolve(from, loc string) string {
	loc = strings.ReplaceAll(strings.TrimSpace(loc), `\`, "/")
	if strings.HasPrefix(loc, "/") {
		return strings.TrimPrefix(path.Clean(loc), "/")
	}
	return strings.TrimPrefix(path.Clean("/"+path.Join(path.Dir(from), loc)), "/")
}

// locate resolves as the standard says, and as some vendors write: relative to
// the package's root although there is no leading slash.
func (p *Package) locate(from, loc string) string {
	name := resolve(from, loc)
	if _, ok := p.index[name]; !ok {
		if alt := resolve("", loc); alt != name {
			if _, ok := p.index[alt]; ok {
				return alt
			}
		}
	}
	return name
}
