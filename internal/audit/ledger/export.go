package ledger

import (
	"archive/zip"
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An export is a zip archive: entries.jsonl, tiles.jsonl, checkpoints.txt, stamps.jsonl
// and keys.json. It holds what entries say, so it is kept as closely as the log.
const (
	fileEntries     = "entries.jsonl"
	fileTiles       = "tiles.jsonl"
	fileCheckpoints = "checkpoints.txt"
	fileStamps      = "stamps.jsonl"
	fileKeys        = "keys.json"
)

// Limits of an export that is read: beyond them it is no honest one.
const (
	maxLine    = 4 << 20 // bytes
	maxNotes   = 1 << 30
	maxEntries = 200_000_000
)

type tileLine struct {
	Level int    `json:"level"`
	N     int64  `json:"n"`
	Data  []byte `json:"data"`
}

type stampLine struct {
	Size int64  `json:"size"`
	Data []byte `json:"data"`
}

// Export writes a log as one archive. tiles and stamps walk what the source has.
func Export(w io.Writer, s Source, keys Keys, tiles func(yield func(TileKey, []byte) error) error, stamps func(yield func(int64, []byte) error) error) error {
	z := zip.NewWriter(w)
	file := func(name string, fill func(w *bufio.Writer) error) error {
		f, err := z.Create(name)
		if err != nil {
			return err
		}
		buf := bufio.NewWriterSize(f, 1<<20)
		if err := fill(buf); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return buf.Flush()
	}
	lines := func(w *bufio.Writer, v any) error {
		raw, err := json.Marshal(v)
		if err == nil {
			_, err = w.Write(append(raw, '\n'))
		}
		return err
	}
	err := errors.Join(
		file(fileEntries, func(w *bufio.Writer) error {
			return s.Rows(func(seq int64, r *Record) error {
				raw, err := EncodeLine(seq, r)
				if err == nil {
					_, err = w.Write(append(raw, '\n'))
				}
				return err
			})
		}),
		file(fileTiles, func(w *bufio.Writer) error {
			return tiles(func(k TileKey, data []byte) error { return lines(w, tileLine{k.Level, k.N, data}) })
		}),
		file(fileCheckpoints, func(w *bufio.Writer) error {
			notes, err := s.Notes()
			if err != nil {
				return err
			}
			_, err = w.WriteString(strings.Join(notes, "\n"))
			return err
		}),
		file(fileStamps, func(w *bufio.Writer) error {
			return stamps(func(size int64, data []byte) error { return lines(w, stampLine{size, data}) })
		}),
		file(fileKeys, func(w *bufio.Writer) error { return lines(w, keys) }),
	)
	return errors.Join(err, z.Close())
}

// File is an export that is being checked.
type File struct {
	zip    *zip.ReadCloser
	Keys   Keys // as the file says: compare them with the ones that were published
	tiles  map[TileKey][]byte
	stamps map[int64][]byte
}

// OpenFile opens an export.
func OpenFile(path string) (*File, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s is no exported log: %w", path, err)
	}
	f := &File{zip: z, tiles: map[TileKey][]byte{}, stamps: map[int64][]byte{}}
	err = errors.Join(
		f.lines(fileKeys, func(raw []byte) error { return json.Unmarshal(raw, &f.Keys) }),
		f.lines(fileTiles, func(raw []byte) error {
			var t tileLine
			err := json.Unmarshal(raw, &t)
			f.tiles[TileKey{t.Level, t.N}] = t.Data
			return err
		}),
		f.lines(fileStamps, func(raw []byte) error {
			var t stampLine
			err := json.Unmarshal(raw, &t)
			f.stamps[t.Size] = t.Data
			return err
		}),
	)
	if err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error { return f.zip.Close() }

func (f *File) lines(name string, each func(raw []byte) error) error {
	r, err := f.zip.Open(name)
	if err != nil {
		return fmt.Errorf("%s is missing in the exported log", name)
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; lines.Scan(); n++ {
		if n > maxEntries {
			return fmt.Errorf("%s has too many lines", name)
		}
		if err := each(lines.Bytes()); err != nil {
			return fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Rows gives every entry of the file.
func (f *File) Rows(yield func(int64, *Record) error) error {
	return f.lines(fileEntries, func(raw []byte) error {
		seq, r, err := DecodeLine(raw)
		if err != nil {
			return err
		}
		return yield(seq, r)
	})
}

// Tile gives a tile of the file.
func (f *File) Tile(k TileKey) ([]byte, error) { return memory(f.tiles).read(k) }

// Notes are the checkpoints of the file.
func (f *File) Notes() ([]string, error) {
	r, err := f.zip.Open(fileCheckpoints)
	if err != nil {
		return nil, fmt.Errorf("%s is missing in the exported log", fileCheckpoints)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxNotes))
	if err != nil {
		return nil, err
	}
	return SplitNotes(raw), nil
}

// Stamp is a time stamp of the file, nil for none.
func (f *File) Stamp(size int64) ([]byte, error) { return f.stamps[size], nil }

// Fingerprint is how people compare keys.
func (k Keys) Fingerprint() string {
	return "Ed25519 " + tail(k.Ed25519) + ", SM2 " + tail(k.SM2)
}

func tail(key string) string {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 {
		return base64.StdEncoding.EncodeToString([]byte(key))
	}
	return parts[1]
}
