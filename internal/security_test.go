package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// productFiles walks the Go files that ship, from the root of the repository.
func productFiles(t *testing.T, visit func(path string)) {
	t.Helper()
	for _, top := range []string{"internal", "cmd", "data", "web"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				visit(filepath.ToSlash(strings.TrimPrefix(path, "../")))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ways out of the house that are not platform/outbound.
var waysOut = map[string]map[string]bool{
	"net/http": {
		"DefaultClient": true, "DefaultTransport": true, "Get": true, "Head": true, "Post": true, "PostForm": true, "Client": true, "Transport": true,
	},
	"net":        {"Dial": true, "DialTimeout": true, "Dialer": true, "DialTCP": true, "DialUDP": true},
	"crypto/tls": {"Dial": true, "DialWithDialer": true, "Dialer": true},
	"net/smtp":   {"SendMail": true, "Dial": true},
}

// mayCallOut may, with the reason. The database and the file store are addresses that the
// operator configures, by libraries of their own.
var mayCallOut = map[string]string{
	"internal/platform/outbound/outbound.go": "it is the way out",
	"internal/story/client.go":               "the demo's and the benches' own client of the product",
	"internal/bench/wire.go":                 "the benches' own client of the product",
}

// Every request that leaves the house passes the guard against server-side request forgery.
func TestNothingGoesOutBesideOutbound(t *testing.T) {
	found := map[string]bool{}
	productFiles(t, func(path string) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join("..", path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]map[string]bool{}
		for _, imp := range file.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			if banned, ok := waysOut[p]; ok {
				name := p[strings.LastIndex(p, "/")+1:]
				if imp.Name != nil {
					name = imp.Name.Name
				}
				names[name] = banned
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var sel *ast.SelectorExpr
			switch n := n.(type) {
			case *ast.StarExpr, *ast.Field: // a type in a signature is no request
				return false
			case *ast.SelectorExpr:
				sel = n
			default:
				return true
			}
			if id, ok := sel.X.(*ast.Ident); ok && names[id.Name][sel.Sel.Name] {
				found[path] = true
				if mayCallOut[path] == "" {
					t.Errorf("%s: %s.%s goes around platform/outbound", fset.Position(sel.Pos()), id.Name, sel.Sel.Name)
				}
			}
			return true
		})
	})
	for path := range mayCallOut {
		if !found[path] {
			t.Errorf("%s no longer calls out: take it off the list", path)
		}
	}
}

// A password or a private key that was committed is found here before it is found elsewhere.
var secrets = regexp.MustCompile(`-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[0-9A-Za-z-]{10,}|ONEDOOR-KEY-[A-Za-z0-9_-]{43}|hvs\.[A-Za-z0-9_-]{24,}`)

func TestNoSecretsInTheTree(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "dist", "bin", "var", "results", "shots", "testdata":
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > 4<<20 {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if m := secrets.Find(text); m != nil && filepath.Base(path) != "security_test.go" {
			t.Errorf("%s holds what looks like a secret: %.20s…", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	row     = regexp.MustCompile(`^\| (V?[0-9][0-9., –V]*) \|(.*)\|(.*)\|(.*)\|$`)
	place   = regexp.MustCompile("`([a-zA-Z0-9_./-]+/[a-zA-Z0-9_.-]+)(?:#([A-Za-z0-9_]+))?`")
	aTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	decided = regexp.MustCompile(`^(not done|open|n/a):? .{10,}`)
)

// docs/security.md claims what exists: each row names files and tests that are there, or says
// why not.
func TestTheSecurityTableIsTrue(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := allTests(t)
	rows, chapters := 0, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		m := row.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		rows++
		chapter, _, _ := strings.Cut(m[1], ".")
		chapters[chapter] = true
		where, how := strings.TrimSpace(m[3]), strings.TrimSpace(m[4])
		for _, p := range place.FindAllStringSubmatch(where+how, -1) {
			source, err := os.ReadFile(filepath.Join("..", p[1]))
			if info, serr := os.Stat(filepath.Join("..", p[1])); serr == nil && info.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s: %s does not exist", m[1], p[1])
			} else if p[2] != "" && !regexp.MustCompile(`\b`+p[2]+`\b`).Match(source) {
				t.Errorf("%s: %s has no %s", m[1], p[1], p[2])
			}
		}
		named := aTest.FindAllStringSubmatch(how, -1)
		for _, n := range named {
			if !tests[n[1]] {
				t.Errorf("%s: there is no test %s", m[1], n[1])
			}
		}
		if decided.MatchString(where) {
			continue
		}
		if !place.MatchString(where) {
			t.Errorf("%s: no place is named, and it does not say why not: %s", m[1], where)
		}
		if len(named) == 0 && !place.MatchString(how) && !strings.HasPrefix(how, "by review") {
			t.Errorf("%s: no test is named: %s", m[1], how)
		}
	}
	if rows < 80 {
		t.Errorf("only %d rows", rows)
	}
	for _, c := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"} {
		if !chapters[c] {
			t.Errorf("no row of chapter V%s", c)
		}
	}
}

func allTests(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range name.FindAllStringSubmatch(string(text), -1) {
				out[m[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
