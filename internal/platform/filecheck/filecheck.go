// Package filecheck looks into a file from outside before the house keeps it: what
// an official opens tomorrow must do nothing but be read. Pictures are decoded and
// written anew, without their metadata (the place where a photo was taken is nobody's
// business); PDF with actions, packages that unfold without bound, macros and embedded
// programs are refused, each in words that say how to make a file that is taken.
//
// It proves no file harmless: a city adds a virus scanner behind the file store.
package filecheck

import (
	"context"
	"runtime"

	"onedoor/internal/kernel/fault"
)

// Content types that Check knows; all others are given back as they are.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// slots bound how many files are unfolded at once: a picture of 50 megapixels needs
// up to 400 MB while it is decoded.
var slots = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

// Check refuses what must not be kept, and gives what may be: the same bytes, or for
// a picture fresh ones. Errors are faults of kind invalid.
func Check(ctx context.Context, contentType string, data []byte) ([]byte, error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case contentType == PNG || contentType == JPEG:
		return picture(contentType, data)
	case contentType == PDF:
		return data, pdf(data)
	case isZip(data):
		return data, archive(data)
	case isOLE(data):
		return data, compound(data)
	}
	return data, nil
}

func refuse(code, message string) *fault.Fault {
	return fault.New(fault.Invalid, "file."+code, message)
}
