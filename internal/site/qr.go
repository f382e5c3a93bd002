package site

import (
	"fmt"
	"html/template"
	"image/color"
	"strconv"
	"strings"
	"sync"

	"github.com/boombuler/barcode/qr"
)

// codes keeps what was drawn: choosing the mask of a code costs more than the
// rest of a guide. The table is emptied when it is full, since addresses of
// guides come in any number.
type codes struct {
	mu    sync.Mutex
	drawn map[string]drawnCode
}

type drawnCode struct {
	svg  template.HTML
	size int
}

const maxDrawn = 2000

func (c *codes) svg(text string) (template.HTML, int, error) {
	c.mu.Lock()
	d, ok := c.drawn[text]
	c.mu.Unlock()
	if ok {
		return d.svg, d.size, nil
	}
	svg, size, err := qrSVG(text)
	if err != nil {
		return "", 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drawn == nil || len(c.drawn) >= maxDrawn {
		c.drawn = map[string]drawnCode{}
	}
	c.drawn[text] = drawnCode{svg, size}
	return svg, size, nil
}

// qrSVG draws text as one path, a rectangle for each run of dark modules, so
// that it prints sharp at any size and needs no second request. The path has the id
// "qr", so that a page may draw it again. The number is its width in modules.
func qrSVG(text string) (template.HTML, int, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("QR of %d characters: %w", len(text), err)
	}
	b := code.Bounds()
	n := b.Dx()
	var p strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			if code.At(b.Min.X+x, b.Min.Y+y) != color.Black {
				continue
			}
			from := x
			for x < n && code.At(b.Min.X+x, b.Min.Y+y) == color.Black {
				x++
			}
			run := strconv.Itoa(x - from)
			p.WriteString("M" + strconv.Itoa(from) + " " + strconv.Itoa(y) + "h" + run + "v1h-" + run + "z")
		}
	}
	size := strconv.Itoa(n)
	// Only digits and path commands go in; the text itself never does.
	return template.HTML(`<svg viewBox="0 0 ` + size + ` ` + size + `" role="img" aria-label="本页网址的二维码" shape-rendering="crispEdges"><path id="qr" d="` + p.String() + `"/></svg>`), n, nil
}
