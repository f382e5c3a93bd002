package seal

import (
	"bytes"
	"image/png"
	"os"
	"testing"
)

func sealFont(t testing.TB) []byte {
	t.Helper()
	ttf, err := os.ReadFile("../../data/fonts/wqy-microhei.ttf")
	if err != nil {
		t.Fatal(err)
	}
	return ttf
}

func TestPictureIsARedRoundSeal(t *testing.T) {
	for _, name := range []string{"随州市市场监督管理局", "随州市政务服务和大数据管理局（行政审批局）", "曾都区教育局"} {
		data, err := engrave(sealFont(t), name, useLine, "42130000000001")
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 40_000 {
			t.Errorf("%s: picture of %d bytes", name, len(data))
		}
		if dir := os.Getenv("SEAL_PICTURES"); dir != "" { // to look at them
			if err := os.WriteFile(dir+"/"+name+".png", data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() != picturePixels {
			t.Errorf("%s: %v", name, img.Bounds())
		}
		inked := 0
		for y := range picturePixels {
			for x := range picturePixels {
				r, g, b, a := img.At(x, y).RGBA()
				if a == 0 {
					continue
				}
				inked++
				if g > r || b > r {
					t.Fatalf("%s: a dot that is not red at %d,%d", name, x, y)
				}
			}
		}
		if share := float64(inked) / picturePixels / picturePixels; share < 0.15 || share > 0.5 {
			t.Errorf("%s: %.0f%% inked", name, 100*share)
		}
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Error("the ground is not transparent")
		}
		if _, _, _, a := img.At(picturePixels/2, picturePixels/2).RGBA(); a == 0 {
			t.Error("no star in the middle")
		}
	}
}
