package filecheck

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
)

// maxPixels is more than telephones make and a hundredth of what a bomb claims.
const (
	maxPixels = 50_000_000
	maxSide   = 30_000
	quality   = 92 // of a JPEG written anew: no difference on a screen or on paper
)

var (
	errPixels  = refuse("picture-too-large", "图片的像素太多（超过5000万），请用相机的普通画质重拍，或缩小后再上传。")
	errPicture = refuse("picture-broken", "这张图片无法打开，可能已损坏，请重新拍摄或另存为 JPG、PNG 后再上传。")
)

// picture decodes and writes anew: comments, places, thumbnails and whatever hides
// behind the end stay behind. Which way is up is kept.
func picture(kind string, data []byte) ([]byte, error) {
	config, decode := png.DecodeConfig, png.Decode
	if kind == JPEG {
		config, decode = jpeg.DecodeConfig, jpeg.Decode
	}
	c, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, errPicture.Because(err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxSide || c.Height > maxSide || int64(c.Width)*int64(c.Height) > maxPixels {
		return nil, errPixels
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, errPicture.Because(err)
	}
	var out bytes.Buffer
	if kind == PNG {
		err = writePNG(&out, img)
	} else {
		err = writeJPEG(&out, img, orientation(data))
	}
	if err != nil {
		return nil, errPicture.Because(err)
	}
	return out.Bytes(), nil
}

// fewPixels is from where on compressing well takes longer than anybody waits.
const fewPixels = 4_000_000

func writePNG(out *bytes.Buffer, img image.Image) error {
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if b := img.Bounds(); b.Dx()*b.Dy() <= fewPixels {
		e.CompressionLevel = png.DefaultCompression
	}
	return e.Encode(out, img)
}

func writeJPEG(out *bytes.Buffer, img image.Image, turn byte) error {
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, img, &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	b := plain.Bytes()
	out.Write(b[:2]) // start of image
	if turn > 1 {
		out.Write(turned(turn))
	}
	out.Write(b[2:])
	return nil
}

// turned is the smallest EXIF segment: the orientation and nothing else.
func turned(turn byte) []byte {
	tiff := []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, // big-endian, the directory follows
		0, 1, // one entry: tag 0x0112, short, one value
		0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0,
		0, 0, 0, 0, // no further directory
	}
	seg := append([]byte("Exif\x00\x00"), tiff...)
	return append([]byte{0xff, 0xe1, 0, byte(len(seg) + 2)}, seg...)
}

// orientation reads tag 0x0112 of the first EXIF segment; 1 is upright, or unknown.
func orientation(data []byte) byte {
	for i := 2; i+4 <= len(data) && data[i] == 0xff; {
		marker, size := data[i+1], int(binary.BigEndian.Uint16(data[i+2:]))
		if marker == 0xda || size < 2 || i+2+size > len(data) {
			return 1 // the picture itself begins
		}
		if body := data[i+4 : i+2+size]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		i += 2 + size
	}
	return 1
}

func tiffOrientation(t []byte) byte {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := order.Uint32(t[4:])
	if uint64(at)+2 > uint64(len(t)) {
		return 1
	}
	entries := t[at+2:]
	for n := int(order.Uint16(t[at:])); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 {
			if v := order.Uint16(entries[8:]); v >= 1 && v <= 8 {
				return byte(v)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
