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

// OpenKeyring is a ring of the master keys of path alone, without a database: what
// tests and offline tools need. Open is the real one.
func OpenKeyring(path string) (*Keyring, error) {
	masters, err := ensureMasters(path)
	if err != nil {
		return nil, err
	}
	k, err := newKeyring(masters)
	if err != nil {
		return nil, fmt.Errorf("master key %s: %w", path, err)
	}
	return k, nil
}

// ensureMasters is readMasters of a file that is made, with one random key and mode
// 0600, when it is not there.
func ensureMasters(path string) ([][]byte, error) {
	masters, err := readMasters(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("master key %s: %w", path, err)
		}
		masters, err = readMasters(path)
	}
	return masters, err
}

// readMasters reads the master keys of path, one line of hex each, oldest first;
// lines with # are comments. A file that others may read is refused, for then the
// keys are no secret any more.
func readMasters(path string) ([][]byte, error) {
	raw, err := read(path)
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
	if len(masters) == 0 {
		return nil, fmt.Errorf("master key %s: there is no key in it", path)
	}
	return masters, nil
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

func newMaster() (string, error) {
	var master [masterSize]byte
	if _, err := rand.Read(master[:]); err != nil {
		return "", fmt.Errorf("random key: %w", err)
	}
	return hex.EncodeToString(master[:]), nil
}

// create makes the file with one key; of two processes that start together one wins.
func create(path string) error {
	master, err := newMaster()
	if err != nil {
		return err
	}
	text := "# Onedoor master keys. Without this file no personal data can be read: back it up apart from the database.\n" + master + "\n"
	return writeWhole(path, text, func(from string) error {
		if err := os.Link(from, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

func replaceFile(path, text string) error {
	return writeWhole(path, text, func(from string) error { return os.Rename(from, path) })
}

// writeWhole writes text whole and durable before name gives it its name: with a lost
// key every sealed value is lost.
func writeWhole(path, text string, name func(from string) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".master-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := name(f.Name()); err != nil {
		return err
	}
	d, err := os.Open(dir) //nolint:gosec // the folder of the operator's own setting
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
