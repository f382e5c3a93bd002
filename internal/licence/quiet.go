package licence

import (
	"image"
	"image/color"

	"github.com/boombuler/barcode"
)

// quietZone surrounds a code with light modules, without which scanners fail on
// a busy ground.
type quietZone struct {
	barcode.Barcode
	modules int
}

func (q quietZone) Bounds() image.Rectangle {
	b := q.Barcode.Bounds()
	return image.Rect(0, 0, b.Dx()+2*q.modules, b.Dy()+2*q.modules)
}

func (q quietZone) ColorModel() color.Model { return color.GrayModel }

func (q quietZone) At(x, y int) color.Color {
	inner := image.Pt(x-q.modules, y-q.modules)
	if b := q.Barcode.Bounds(); inner.In(b.Sub(b.Min)) && q.Barcode.At(inner.X+b.Min.X, inner.Y+b.Min.Y) == color.Black {
		return color.Gray{}
	}
	return color.Gray{Y: 255}
}
