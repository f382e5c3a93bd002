package postgres

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestToolAddress(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://onedoor@/onedoor?host=/tmp/run&port=5432&sslmode=disable&pool_max_conns=9": "postgresql://?dbname=onedoor&host=%2Ftmp%2Frun&port=5432&sslmode=disable&user=onedoor",
		"postgres://u:geheim@db.example:6000/city?timezone=Asia%2FShanghai&sslmode=require":    "postgresql://?dbname=city&host=db.example&port=6000&sslmode=require&user=u",
		"host=db.example user=u password=geheim dbname=city sslmode=require":                   "postgresql://?dbname=city&host=db.example&port=5432&sslmode=require&user=u",
	} {
		address, password, err := ToolAddress(dsn)
		if err != nil || address != want {
			t.Errorf("%s: %q %v", dsn, address, err)
		}
		if strings.Contains(dsn, "geheim") != (password == "geheim") {
			t.Errorf("%s: password %q", dsn, password)
		}
	}
}

// The list of processes shows arguments: the password is never among them, and the address
// stays the one that was given.
func FuzzToolAddress(f *testing.F) {
	f.Add("postgres://u:p@h/d?sslmode=disable")
	f.Add("host=h user='u' password=p")
	f.Fuzz(func(t *testing.T, dsn string) {
		cfg, err := pgx.ParseConfig(dsn)
		if err != nil {
			return
		}
		address, password, err := ToolAddress(dsn)
		if err != nil {
			t.Fatal(err)
		}
		again, err := pgx.ParseConfig(address)
		if err != nil {
			return // a file of certificates that is not here, and the like
		}
		if password != cfg.Password || again.Host != cfg.Host && cfg.Host != "" || again.User != cfg.User && cfg.User != "" {
			t.Errorf("%q became %q", dsn, address)
		}
	})
}
