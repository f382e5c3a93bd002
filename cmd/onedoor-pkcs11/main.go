// Command onedoor-pkcs11 is the one program of the house that runs foreign code: it
// loads a PKCS#11 library (C) of an HSM's vendor, wraps or unwraps the data keys that
// it reads as one JSON object from standard input, and ends. `onedoor` starts it when
// ONEDOOR_KEK=pkcs11 (ADR 0011). The PIN is read from a file and shown nowhere.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"onedoor/internal/platform/sm"
)

type cli struct {
	Module  string `required:"" help:"Path of the vendor's PKCS#11 library (.so)."`
	Token   string `required:"" help:"Label of the token."`
	Key     string `required:"" help:"Label of the AES key in it."`
	PINFile string `required:"" name:"pin-file" help:"File with the user PIN, readable by its owner only."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("onedoor-pkcs11"), kong.Description("Wraps data keys of onedoor in a PKCS#11 token."))
	// Some libraries keep state per thread.
	runtime.LockOSThread()
	var a sm.HSMAnswer
	items, err := c.answer()
	if a.Items = items; err != nil {
		a = sm.HSMAnswer{Error: err.Error()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		os.Exit(1)
	}
}

func (c *cli) answer() ([][]byte, error) {
	var r sm.HSMRequest
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		return nil, errors.New("the request is no JSON")
	}
	pin, err := readPIN(c.PINFile)
	if err != nil {
		return nil, err
	}
	t, err := open(c.Module, c.Token, pin)
	if err != nil {
		return nil, err
	}
	defer t.close()
	key, err := t.find(c.Key)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Op == "create" && key == 0:
		return nil, t.create(c.Key)
	case r.Op == "create":
		return nil, nil
	case key == 0:
		return nil, fmt.Errorf("the token %q has no AES key %q: onedoor keys create-kek makes one", c.Token, c.Key)
	}
	out := make([][]byte, len(r.Items))
	for i, it := range r.Items {
		switch r.Op {
		case "wrap":
			out[i], err = t.encrypt(key, it.Data, []byte(it.Bound))
		case "unwrap":
			out[i], err = t.decrypt(key, it.Data, []byte(it.Bound))
		default:
			err = errors.New("unknown operation")
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readPIN(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("PIN file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("PIN file %s: mode %o lets others read it; set it to 600", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own setting
	if err != nil {
		return "", fmt.Errorf("PIN file: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
