package licence

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

// quiet is the light margin in modules, without which scanners fail on a busy ground.
const quiet = 4

// qrPNG draws text as a code of about so many pixels, every module the same
// whole number of them, in two colours, so that the picture stays small and sharp.
func qrPNG(text string, pixels int) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	b := code.Bounds()
	side := b.Dx() + 2*quiet
	scale := max(pixels/side, 1)
	img := image.NewPaletted(image.Rect(0, 0, side*scale, side*scale), color.Palette{color.White, color.Black})
	for y := range b.Dy() {
		for x := range b.Dx() {
			if code.At(b.Min.X+x, b.Min.Y+y) != color.Black {
				continue
			}
			for dy := range scale {
				from := img.PixOffset((x+quiet)*scale, (y+quiet)*scale+dy)
				for dx := range scale {
					img.Pix[from+dx] = 1
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	return out.Bytes(), nil
}
