package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// Assets serves the built front end from memory. Files are compressed once, at
// start (a ".br" or ".gz" beside a file is used as it is). immutable says that
// file names carry a digest, so that browsers keep them for a year.
func Assets(files fs.FS, immutable bool) (http.Handler, error) {
	a := &assets{files: map[string]*asset{}, cache: []string{"no-cache"}}
	if immutable {
		a.cache = []string{"public, max-age=31536000, immutable"}
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return a.add(name, body)
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	return a, nil
}

type assets struct {
	files map[string]*asset
	cache []string
}

type asset struct {
	kind, tag      string
	plain, gz, brl []byte
}

func (a *assets) add(name string, body []byte) error {
	base, encoding := name, ""
	if ext := path.Ext(name); ext == ".br" || ext == ".gz" {
		base, encoding = strings.TrimSuffix(name, ext), ext
	}
	f := a.files[base]
	if f == nil {
		f = &asset{}
		a.files[base] = f
	}
	switch encoding {
	case ".br":
		f.brl = body
		return nil
	case ".gz":
		f.gz = body
		return nil
	}
	sum := sha256.Sum256(body)
	f.plain, f.tag = body, `"`+hex.EncodeToString(sum[:12])+`"`
	if f.kind = mime.TypeByExtension(path.Ext(name)); f.kind == "" {
		f.kind = http.DetectContentType(body)
	}
	if f.gz != nil || !compressible(http.Header{"Content-Type": {f.kind}}, nil) && path.Ext(name) != ".wasm" {
		return nil
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if out.Len() < len(body)*9/10 {
		f.gz = out.Bytes()
	}
	return nil
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.files[strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")]
	if f == nil || f.plain == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h["Cache-Control"] = a.cache
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	body, tag, accepts := f.plain, f.tag, r.Header.Get("Accept-Encoding")
	switch {
	case f.brl != nil && strings.Contains(accepts, "br"):
		body, tag = f.brl, strings.TrimSuffix(tag, `"`)+`-br"`
		h.Set("Content-Encoding", "br")
	case f.gz != nil && strings.Contains(accepts, "gzip"):
		body, tag = f.gz, strings.TrimSuffix(tag, `"`)+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Etag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
