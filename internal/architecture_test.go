package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// levels is the house plan: a module imports only modules of a lower level.
// A new module is entered here and in docs/guide/package.md.
var levels = map[string]int{
	"audit": 0, "notify": 0,
	"directory": 1,
	"identity":  2, "keys": 2,
	"catalog": 3, "form": 3, "seal": 3, "rating": 3,
	"licence": 4, "exchange": 4,
	"intake": 5, "hotline": 5, "supervision": 5, "trading": 5, "disclosure": 5,
	"hall": 6, "theme": 6, "crossregion": 6, "assist": 6, "archive": 6,
	"insight": 7,
	"site":    8,
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Dir        string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Dir", "onedoor/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list output: %v", err)
		}
		all = append(all, p)
	}
}

// area splits an import path into where it lives: ("kernel", "fault"),
// ("platform", "sm"), ("module", "intake"), ("app", ""), ("outside", path).
func area(path string) (kind, name string) {
	rest, inside := strings.CutPrefix(path, "onedoor/")
	switch {
	case !inside && !strings.Contains(strings.SplitN(path, "/", 2)[0], "."):
		return "std", path
	case !inside:
		return "outside", path
	}
	parts := strings.Split(rest, "/")
	switch {
	case parts[0] == "data" || parts[0] == "web" || parts[0] == "cmd":
		return parts[0], ""
	case len(parts) >= 3 && (parts[1] == "kernel" || parts[1] == "platform"):
		return parts[1], parts[2]
	case len(parts) >= 2 && (parts[1] == "app" || parts[1] == "bench" || parts[1] == "story"):
		return parts[1], ""
	case len(parts) >= 2:
		return "module", parts[1]
	}
	return "root", ""
}

func TestImportsRespectTheLevels(t *testing.T) {
	for _, p := range packages(t) {
		kind, name := area(p.ImportPath)
		if kind == "module" {
			if _, known := levels[name]; !known {
				t.Errorf("%s is no module of the house plan: give it a level", p.ImportPath)
			}
		}
		for _, imp := range p.Imports {
			ik, in := area(imp)
			if breach := breaks(kind, name, ik, in); breach != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, breach)
			}
		}
	}
}

func breaks(kind, name, importKind, importName string) string {
	switch {
	case kind == "kernel" && importKind != "std" && importKind != "kernel":
		return "the kernel imports the standard library only"
	case kind == "platform" && (importKind == "module" || importKind == "app" || importKind == "web" || importKind == "cmd" || importKind == "bench" || importKind == "story"):
		return "the platform knows no domain"
	case kind == "module" && (importKind == "app" || importKind == "bench" || importKind == "story" || importKind == "cmd"):
		return "a module is wired by app and does not know it"
	case kind == "module" && importKind == "module" && importName != name && levels[importName] >= levels[name]:
		return "a module imports only modules of a lower level; publish an event or declare an interface"
	}
	return ""
}

func TestBreachesAreFound(t *testing.T) {
	for _, c := range []struct {
		name                   string
		kind, pkg, ikind, ipkg string
		breach                 bool
	}{
		{"kernel with pgx", "kernel", "page", "outside", "github.com/jackc/pgx/v5", true},
		{"kernel with kernel", "kernel", "page", "kernel", "fault", false},
		{"platform with module", "platform", "httpapi", "module", "identity", true},
		{"module with lower module", "module", "intake", "module", "licence", false},
		{"module with its own level", "module", "catalog", "module", "form", true},
		{"module with higher level", "module", "audit", "module", "directory", true},
		{"module with its own subpackage", "module", "seal", "module", "seal", false},
		{"module with app", "module", "site", "app", "", true},
	} {
		if got := breaks(c.kind, c.pkg, c.ikind, c.ipkg) != ""; got != c.breach {
			t.Errorf("%s: breach %v, want %v", c.name, got, c.breach)
		}
	}
}

var sqlSchema = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES)\s+(?:IF (?:NOT )?EXISTS\s+)?([a-z]+)\.[a-z_]+`)

// No query names another module's schema: batch readers take the place of joins.
func TestQueriesStayInTheirSchema(t *testing.T) {
	for module := range levels {
		err := filepath.WalkDir(module, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || (filepath.Ext(path) != ".go" && filepath.Ext(path) != ".sql") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range sqlSchema.FindAllStringSubmatch(string(text), -1) {
				if _, other := levels[strings.ToLower(m[1])]; other && strings.ToLower(m[1]) != module {
					t.Errorf("%s: %q names another module's schema", path, m[0])
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestEveryModuleHasItsPage(t *testing.T) {
	for module := range levels {
		if _, err := os.Stat(module); err != nil {
			continue // not built yet
		}
		if _, err := os.Stat(filepath.Join(module, "README.md")); err != nil {
			t.Errorf("internal/%s has no README.md: what it owns, publishes, listens to, and its invariants", module)
		}
	}
}
