// Package config holds every setting of the binary: a flag and an environment
// variable each, with a default that makes a private instance run on one machine.
package config

import (
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
)

// Config is read by kong from flags and ONEDOOR_* variables; flags win.
type Config struct {
	Listen      string `default:"127.0.0.1:8080" env:"ONEDOOR_LISTEN" help:"Address of the pages and the interface."`
	AdminListen string `default:"127.0.0.1:8081" env:"ONEDOOR_ADMIN_LISTEN" help:"Address of /healthz, /readyz and /metrics; keep it private. Empty switches it off."`
	Data        string `default:"./var" env:"ONEDOOR_DATA" help:"Folder of the private database, the files and the key."`
	DatabaseURL string `env:"ONEDOOR_DATABASE_URL" help:"PostgreSQL 15 or newer. Without it a private cluster runs in the data folder." secret:"url"`
	BlobURL     string `env:"ONEDOOR_BLOB_URL" help:"Where files are kept: s3://bucket?region=… or file:///folder. Without it, the data folder." secret:"url"`
	KeyFile     string `env:"ONEDOOR_KEY_FILE" help:"Master key of personal data and seals. Without it, keys/master.key in the data folder, made at the first start."`
	KEK         string `default:"file" enum:"file,vault,pkcs11" env:"ONEDOOR_KEK" help:"Who keeps the key that protects all others: file (the key file), vault (Vault or OpenBao transit) or pkcs11 (an HSM)."`
	Cipher      string `default:"sm4-gcm" enum:"sm4-gcm,aes-256-gcm" env:"ONEDOOR_CIPHER" help:"Algorithm of new data keys: sm4-gcm or aes-256-gcm."`

	VaultURL       string `env:"ONEDOOR_VAULT_URL" help:"Address of Vault, https://…; a private one must be in ONEDOOR_OUTBOUND_ALLOW." secret:"url"`
	VaultMount     string `default:"transit" env:"ONEDOOR_VAULT_MOUNT" help:"Path of the transit engine."`
	VaultKey       string `default:"onedoor" env:"ONEDOOR_VAULT_KEY" help:"Name of the key in it, of a type with associated data (aes256-gcm96)."`
	VaultNamespace string `env:"ONEDOOR_VAULT_NAMESPACE" help:"Namespace, if there are any."`
	VaultTokenFile string `env:"ONEDOOR_VAULT_TOKEN_FILE" help:"File with the token, as a Vault agent writes it; read at each use."`

	PKCS11Module  string `name:"pkcs11-module" env:"ONEDOOR_PKCS11_MODULE" help:"Library (.so) of the HSM's vendor."`
	PKCS11Token   string `name:"pkcs11-token" env:"ONEDOOR_PKCS11_TOKEN" help:"Label of the token."`
	PKCS11Key     string `name:"pkcs11-key" default:"onedoor" env:"ONEDOOR_PKCS11_KEY" help:"Label of the AES key in it; onedoor keys create-kek makes it."`
	PKCS11PINFile string `name:"pkcs11-pin-file" env:"ONEDOOR_PKCS11_PIN_FILE" help:"File with the user PIN, mode 600."`
	PKCS11Helper  string `name:"pkcs11-helper" env:"ONEDOOR_PKCS11_HELPER" help:"The program onedoor-pkcs11. Without it, the one beside onedoor."`

	PublicURL     string `env:"ONEDOOR_PUBLIC_URL" help:"Address that people type, https://… behind a proxy. Without it, http:// and the listen address."`
	Proxies       string `env:"ONEDOOR_TRUSTED_PROXIES" help:"Networks whose X-Forwarded-For is believed, separated by commas: 10.0.0.0/8,127.0.0.1/32."`
	OutboundAllow string `env:"ONEDOOR_OUTBOUND_ALLOW" help:"Private networks that the server may call (message gateway, identity platform, key service), separated by commas: 10.8.0.0/16. Public addresses by https are always allowed."`
	TSAURL        string `name:"tsa-url" env:"ONEDOOR_TSA_URL" help:"RFC 3161 authority that dates the checkpoints of the evidence log every hour."`
	TSARoots      string `name:"tsa-roots" env:"ONEDOOR_TSA_ROOTS" help:"File of its root certificates (PEM): stamps of anybody else are refused."`
	LogLevel      string `default:"info" enum:"debug,info,warn,error" env:"ONEDOOR_LOG_LEVEL" help:"debug, info, warn or error."`
	LogFormat     string `default:"text" enum:"text,json" env:"ONEDOOR_LOG_FORMAT" help:"text or json."`
	Region        string `default:"421300000000" env:"ONEDOOR_REGION" help:"12-digit code of the city."`
	City          string `default:"随州市" env:"ONEDOOR_CITY" help:"Name of the city."`
	DemoCity      bool   `env:"ONEDOOR_DEMO_CITY" help:"Load the reference city with made-up people and known passwords. Never on a real site."`
	NoRateLimit   bool   `env:"ONEDOOR_NO_RATE_LIMIT" help:"Switch request limits off, for benches whose clients share one address."`
}

// MasterKey is the path of the key file in force.
func (c Config) MasterKey() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Data, "keys", "master.key")
}

// Blobs is the URL of the file store in force.
func (c Config) Blobs() (string, error) {
	if c.BlobURL != "" {
		return c.BlobURL, nil
	}
	dir, err := filepath.Abs(filepath.Join(c.Data, "files"))
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return (&url.URL{Scheme: "file", Path: dir}).String(), nil
}

// Public is the address that people type, without a slash at the end.
func (c Config) Public() string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	return "http://" + c.Listen
}

// TrustedProxies parses Proxies.
func (c Config) TrustedProxies() ([]netip.Prefix, error) {
	return networks("trusted proxies", c.Proxies)
}

// OutboundNetworks parses OutboundAllow, for platform/outbound.
func (c Config) OutboundNetworks() ([]netip.Prefix, error) {
	return networks("outbound allow", c.OutboundAllow)
}

func networks(setting, list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a network like 10.0.0.0/8", setting, s)
		}
		out = append(out, p)
	}
	return out, nil
}

// Print writes every setting in force with the variable that sets it; passwords in URLs are masked.
func (c Config) Print(w io.Writer) error {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := fmt.Sprint(v.Field(i).Interface())
		if f.Tag.Get("secret") == "url" {
			value = maskURL(value)
		}
		if _, err := fmt.Fprintf(w, "%-24s %s\n", f.Tag.Get("env"), value); err != nil {
			return fmt.Errorf("print the settings: %w", err)
		}
	}
	_, err := fmt.Fprintf(w, "\n%-24s %s\n%-24s %s\n", "master key", c.MasterKey(), "public address", c.Public())
	return err
}

// maskURL hides the password and every query value: either may be a secret.
func maskURL(s string) string {
	if s == "" {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return "(set)" // a keyword/value connection string: not worth the risk
	}
	q := u.Query()
	for k := range q {
		q.Set(k, "xxxxx")
	}
	u.RawQuery = q.Encode()
	return u.Redacted()
}

// Secure says whether people come by https, so that cookies must say so.
func (c Config) Secure() bool { return strings.HasPrefix(c.Public(), "https://") }
