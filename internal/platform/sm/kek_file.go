package sm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// FileKEK wraps by the master key file, whose newest line it uses. The file is read
// at each call, so that a line added while the system runs is known at once.
type FileKEK struct{ Path string }

// Name is "file".
func (FileKEK) Name() string { return "file" }

// Wrap implements KEK.
func (f FileKEK) Wrap(_ context.Context, keys []Plain) ([]Wrapped, error) {
	masters, err := readMasters(f.Path)
	if err != nil {
		return nil, err
	}
	n := len(masters)
	aead, err := sm4GCM(derive(masters[n-1], "onedoor kek v1"))
	if err != nil {
		return nil, err
	}
	out := make([]Wrapped, len(keys))
	for i, k := range keys {
		nonce := make([]byte, nonceSize, nonceSize+len(k.Secret)+tagSize)
		rand.Read(nonce) //nolint:errcheck // see SealFor
		out[i] = Wrapped{Bytes: aead.Seal(nonce, nonce, k.Secret, []byte(k.Bound)), Key: "file:" + strconv.Itoa(n), Bound: k.Bound}
	}
	return out, nil
}

// Unwrap implements KEK.
func (f FileKEK) Unwrap(_ context.Context, keys []Wrapped) ([][]byte, error) {
	masters, err := readMasters(f.Path)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(keys))
	for i, w := range keys {
		n, err := strconv.Atoi(strings.TrimPrefix(w.Key, "file:"))
		if err != nil || n < 1 || n > len(masters) {
			return nil, fmt.Errorf("%s has %d lines, a data key needs %s", f.Path, len(masters), w.Key)
		}
		aead, err := sm4GCM(derive(masters[n-1], "onedoor kek v1"))
		if err != nil {
			return nil, err
		}
		if len(w.Bytes) < nonceSize+tagSize {
			return nil, ErrOpen
		}
		if out[i], err = aead.Open(nil, w.Bytes[:nonceSize], w.Bytes[nonceSize:], []byte(w.Bound)); err != nil {
			return nil, fmt.Errorf("%s does not open the data keys of this database: is it another installation's? %w", f.Path, ErrOpen)
		}
	}
	return out, nil
}

// AddMaster appends a new line to the key file: from the next rewrap on it wraps.
// The old lines must stay until nothing is wrapped or sealed under them.
func AddMaster(path string) error {
	masters, err := readMasters(path)
	if err != nil {
		return err
	}
	if len(masters) >= maxMasters {
		return fmt.Errorf("master key %s: %d lines are too many", path, len(masters))
	}
	old, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return fmt.Errorf("master key %s: %w", path, err)
	}
	line, err := newMaster()
	if err != nil {
		return err
	}
	if err := replaceFile(path, strings.TrimRight(string(old), "\n")+"\n"+line+"\n"); err != nil {
		return fmt.Errorf("master key %s: %w", path, err)
	}
	return nil
}

// hasFile tells whether there is a key file, whatever its state.
func hasFile(path string) bool {
	_, err := os.Stat(path)
	return path != "" && !errors.Is(err, fs.ErrNotExist)
}
