package seal

import (
	"testing"
	"time"
)

func BenchmarkSignOFD(b *testing.B) {
	h := newHouse(b)
	doc := document(b)
	for b.Loop() {
		if _, err := signOFD(doc, h.signing(), planAt(today, []Stamp{{Page: 1, X: 1, Y: 1}})); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyOFD(b *testing.B) {
	h := newHouse(b)
	signed := h.sign(b, h.signing())
	for b.Loop() {
		if !VerifyOFD(signed, h.trust, today.Add(time.Hour)).Valid {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkEngrave(b *testing.B) {
	ttf := sealFont(b)
	for b.Loop() {
		if _, err := engrave(ttf, "随州市市场监督管理局", useLine, "42130000000001"); err != nil {
			b.Fatal(err)
		}
	}
}
