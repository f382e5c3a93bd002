package config

import (
	"strings"
	"testing"
)

func TestPrintShowsNoSecret(t *testing.T) {
	for name, c := range map[string]Config{
		"password in the URL":       {DatabaseURL: "postgres://city:hunter2@db/onedoor"},
		"password in the query":     {DatabaseURL: "postgres://db/onedoor?password=hunter2"},
		"keyword connection string": {DatabaseURL: "host=db password=hunter2"},
		"password of Vault":         {VaultURL: "https://city:hunter2@vault/?token=hunter2"},
		"secret of the bucket":      {BlobURL: "s3://files?secret=hunter2"},
	} {
		var out strings.Builder
		if err := c.Print(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "hunter2") {
			t.Errorf("%s: the secret is printed:\n%s", name, &out)
		}
		if !strings.Contains(out.String(), "ONEDOOR_LISTEN") {
			t.Errorf("%s: a setting is missing", name)
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	got, err := Config{Proxies: "10.0.0.0/8, 127.0.0.1/32"}.TrustedProxies()
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if _, err := (Config{Proxies: "everyone"}).TrustedProxies(); err == nil {
		t.Error("a word that is no network was accepted")
	}
}

func TestDefaultsFollowTheDataFolder(t *testing.T) {
	c := Config{Data: "/srv/onedoor", Listen: "127.0.0.1:8080"}
	if got := c.MasterKey(); got != "/srv/onedoor/keys/master.key" {
		t.Error(got)
	}
	if got, err := c.Blobs(); err != nil || got != "file:///srv/onedoor/files" {
		t.Error(got, err)
	}
	if got := c.Public(); got != "http://127.0.0.1:8080" {
		t.Error(got)
	}
}
