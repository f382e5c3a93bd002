package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Tiles hold the tree: 256 hashes each, level n the roots of 256^n leaves.
const (
	tileHeight = 8
	TileWidth  = 1 << tileHeight // hashes
)

// TileKey names a tile.
type TileKey struct {
	Level int
	N     int64
}

// TileReader gives the hashes of a tile, as many as there are.
type TileReader func(k TileKey) ([]byte, error)

// Tree is the right edge of the log: what is needed to append.
type Tree struct {
	Size int64
	edge [][]byte // by level: the hashes of the last, unfinished tile
}

// OpenTree reads the edge of a tree of size leaves.
func OpenTree(size int64, read TileReader) (*Tree, error) {
	t := &Tree{Size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n/TileWidth {
		width := n % TileWidth
		if width == 0 {
			t.edge = append(t.edge, nil)
			continue
		}
		data, err := read(TileKey{level, n / TileWidth})
		if err != nil {
			return nil, fmt.Errorf("tile %d/%d: %w", level, n/TileWidth, err)
		}
		if int64(len(data)) < width*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%d holds %d bytes for %d hashes", level, n/TileWidth, len(data), width)
		}
		t.edge = append(t.edge, append([]byte(nil), data[:width*tlog.HashSize]...))
	}
	return t, nil
}

// Append adds leaves and gives the tiles that changed.
func (t *Tree) Append(leaves ...[]byte) map[TileKey][]byte {
	changed := map[TileKey][]byte{}
	for _, l := range leaves {
		t.push(0, t.Size/TileWidth, tlog.RecordHash(l), changed)
		t.Size++
	}
	return changed
}

// AppendHashes is Append for leaves that are known by their hash.
func (t *Tree) AppendHashes(hashes ...tlog.Hash) map[TileKey][]byte {
	changed := map[TileKey][]byte{}
	for _, h := range hashes {
		t.push(0, t.Size/TileWidth, h, changed)
		t.Size++
	}
	return changed
}

func (t *Tree) push(level int, tile int64, h tlog.Hash, changed map[TileKey][]byte) {
	if level == len(t.edge) {
		t.edge = append(t.edge, nil)
	}
	t.edge[level] = append(t.edge[level], h[:]...)
	data := t.edge[level]
	changed[TileKey{level, tile}] = data
	if len(data) == TileWidth*tlog.HashSize {
		t.edge[level] = nil
		t.push(level+1, tile/TileWidth, blockRoot(data), changed)
	}
}

// blockRoot is the root of the hashes of a full tile.
func blockRoot(data []byte) tlog.Hash {
	hashes := make([]tlog.Hash, len(data)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], data[i*tlog.HashSize:])
	}
	for len(hashes) > 1 {
		for i := range len(hashes) / 2 {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = hashes[:len(hashes)/2]
	}
	return hashes[0]
}

// Reader reads single hashes out of tiles, for roots and proofs.
func Reader(read TileReader) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			data, err := read(TileKey{t.L, t.N})
			if err != nil {
				return nil, fmt.Errorf("tile %d/%d: %w", t.L, t.N, err)
			}
			if len(data) < t.W*tlog.HashSize {
				return nil, fmt.Errorf("tile %d/%d is short", t.L, t.N)
			}
			if out[i], err = tlog.HashFromTile(t, data[:t.W*tlog.HashSize], index); err != nil {
				return nil, fmt.Errorf("tile %d/%d: %w", t.L, t.N, err)
			}
		}
		return out, nil
	})
}

// Root is the tree's root at a size.
func Root(size int64, read TileReader) (tlog.Hash, error) {
	if size == 0 {
		return tlog.Hash{}, errors.New("an empty tree has no root")
	}
	return tlog.TreeHash(size, Reader(read))
}

// memory keeps tiles in memory.
type memory map[TileKey][]byte

func (m memory) read(k TileKey) ([]byte, error) {
	data, ok := m[k]
	if !ok {
		return nil, errors.New("missing")
	}
	return data, nil
}

// build makes the tiles of a list of hashes.
func build(hashes []tlog.Hash) memory {
	m := memory{}
	t := &Tree{}
	for k, data := range t.AppendHashes(hashes...) {
		m[k] = data
	}
	return m
}
