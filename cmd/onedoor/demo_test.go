package main

import (
	"os"
	"testing"
)

// A private instance run by root keeps its database as another user: in a folder closed
// to it the cluster would be made under /var/lib and outlive the instance.
func TestPrivateFolderLetsTheDatabasePass(t *testing.T) {
	dir, err := privateFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o711 {
		t.Errorf("mode %o: others must be able to pass, and not to look", got)
	}
}
