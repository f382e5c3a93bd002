package sm

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const masterSize = 32

// OpenKeyring reads the master keys of path, one line of hex each, oldest
// first; lines with # are comments. A missing file is made, with one random key
// and mode 0600; a file that others may read is refused, for then the keys are
// no secret any more. To rotate, append a line: old values still open.
func OpenKeyring(path string) (*Keyring, error) {
	raw, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(path); err == nil {
			raw, err = read(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("master key %s: %w", path, err)
	}
	var masters [][]byte
	for n, line := range strings.Split(string(raw), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		m, err := hex.DecodeString(line)
		if err != nil || len(m) != masterSize {
			return nil, fmt.Errorf("master key %s: line %d is not %d bytes of hex", path, n+1, masterSize)
		}
		masters = append(masters, m)
	}
	k, err := newKeyring(masters)
	if err != nil {
		return nil, fmt.Errorf("master key %s: %w", path, err)
	}
	return k, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("mode %o lets others read it; set it to 600", mode)
	}
	return os.ReadFile(path)
}

// create writes the file whole and durable before it gets its name: with a lost
// key every sealed value is lost, and of two processes that start together one
// must win.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var master [masterSize]byte
	if _, err := rand.Read(master[:]); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".master-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	text := "# Onedoor master keys. Without this file no personal data can be read: back it up apart from the database.\n" +
		hex.EncodeToString(master[:]) + "\n"
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
