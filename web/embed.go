// Package web carries the built front end inside the binary, so that one file is the whole
// product. dist is empty but for .keep until `npm run build` has run; the server then says so
// instead of failing to start.
package web

import "embed"

// Dist holds portal.html, desk.html, ofd-viewer.html and assets/, each text file with its .gz twin.
//
//go:embed all:dist
var Dist embed.FS

// Tokens are the design tokens as CSS variables: the public pages and the tools look alike
// because they read the same file.
//
//go:embed tokens.css
var Tokens []byte
