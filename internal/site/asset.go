package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"

	"onedoor/web"
)

//go:embed static
var staticFiles embed.FS

// assets are the few files a page links to. Their names carry a hash of their
// content, so they may be kept for ever and never need asking after.
type assets struct {
	CSS, JS, Icon string
	files         map[string]assetFile
}

type assetFile struct {
	body        []byte
	zipped      []byte // gzip, as small as it gets, made once
	contentType string
}

func loadAssets() assets {
	a := assets{files: map[string]assetFile{}}
	// The tokens are shared with the signed-in tools, so both look like one house.
	css := append(bytes.Clone(web.Tokens), concat("site.css", "guide.css")...)
	a.CSS = a.add("site", ".css", "text/css; charset=utf-8", css)
	a.JS = a.add("site", ".js", "text/javascript; charset=utf-8", concat("site.js"))
	a.Icon = a.add("mark", ".svg", "image/svg+xml", concat("mark.svg"))
	return a
}

func (a *assets) add(name, ext, contentType string, body []byte) string {
	sum := sha256.Sum256(body)
	file := name + "-" + hex.EncodeToString(sum[:6]) + ext
	a.files[file] = assetFile{body: body, zipped: zipped(body), contentType: contentType}
	return "/static/" + file
}

func concat(names ...string) []byte {
	var out []byte
	for _, n := range names {
		b, err := staticFiles.ReadFile("static/" + n)
		if err != nil {
			panic("site: an embedded file is missing: " + err.Error())
		}
		out = append(out, b...)
	}
	return out
}

func (s *Service) static(w http.ResponseWriter, r *http.Request) {
	f, ok := s.asset.files[r.PathValue("name")]
	if !ok {
		s.page(s.missing)(w, r)
		return
	}
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(f.zipped)
		return
	}
	_, _ = w.Write(f.body)
}

func zipped(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails only for an unknown level
	_, _ = z.Write(body)
	_ = z.Close()
	return out.Bytes()
}

// favicon answers browsers that ask by habit.
func (s *Service) favicon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, s.asset.Icon, http.StatusMovedPermanently)
}
