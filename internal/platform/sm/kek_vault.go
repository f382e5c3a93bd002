package sm

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// VaultKEK wraps by the transit engine of HashiCorp Vault or OpenBao: a key of type
// aes256-gcm96 (or sm4-gcm96 where there is one) that never leaves it. Rotating the
// key in Vault and `onedoor keys rewrap` afterwards is a new KEK.
type VaultKEK struct {
	URL       string // https://vault.city.gov.cn:8200
	Mount     string // "transit"
	Key       string // "onedoor"
	TokenFile string // read at each call: an agent renews it there
	Namespace string // Vault Enterprise and OpenBao; "" none
	Client    *http.Client
}

// Name is "vault".
func (*VaultKEK) Name() string { return "vault" }

type vaultItem struct {
	Plaintext  string `json:"plaintext,omitempty"`
	Ciphertext string `json:"ciphertext,omitempty"`
	Associated string `json:"associated_data,omitempty"`
	Error      string `json:"error,omitempty"`
}

// Wrap implements KEK.
func (v *VaultKEK) Wrap(ctx context.Context, keys []Plain) ([]Wrapped, error) {
	in := make([]vaultItem, len(keys))
	for i, k := range keys {
		in[i] = vaultItem{Plaintext: base64.StdEncoding.EncodeToString(k.Secret), Associated: base64.StdEncoding.EncodeToString([]byte(k.Bound))}
	}
	got, err := v.call(ctx, "encrypt", in)
	if err != nil {
		return nil, err
	}
	out := make([]Wrapped, len(keys))
	for i, g := range got {
		// "vault:v3:…": the version is Vault's to read, and shown to the operator.
		parts := strings.SplitN(g.Ciphertext, ":", 3)
		if len(parts) != 3 || parts[0] != "vault" {
			return nil, errors.New("the answer holds no ciphertext")
		}
		out[i] = Wrapped{Bytes: []byte(g.Ciphertext), Key: "vault:" + v.Mount + "/" + v.Key + ":" + parts[1], Bound: keys[i].Bound}
	}
	return out, nil
}

// Unwrap implements KEK.
func (v *VaultKEK) Unwrap(ctx context.Context, keys []Wrapped) ([][]byte, error) {
	in := make([]vaultItem, len(keys))
	for i, k := range keys {
		in[i] = vaultItem{Ciphertext: string(k.Bytes), Associated: base64.StdEncoding.EncodeToString([]byte(k.Bound))}
	}
	got, err := v.call(ctx, "decrypt", in)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(keys))
	for i, g := range got {
		if out[i], err = base64.StdEncoding.DecodeString(g.Plaintext); err != nil {
			return nil, errors.New("the answer is no base64")
		}
	}
	return out, nil
}

// call sends a batch. What goes wrong is told without what was sent: it is key material.
func (v *VaultKEK) call(ctx context.Context, verb string, in []vaultItem) ([]vaultItem, error) {
	token, err := os.ReadFile(v.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("token file: %w", err)
	}
	body, err := json.Marshal(map[string]any{"batch_input": in})
	if err != nil {
		return nil, errors.New("encode the request")
	}
	address, err := url.JoinPath(v.URL, "v1", v.Mount, verb, v.Key)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vault-Request", "true")
	req.Header.Set("X-Vault-Token", strings.TrimSpace(string(token)))
	if v.Namespace != "" {
		req.Header.Set("X-Vault-Namespace", v.Namespace)
	}
	res, err := v.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, err)
	}
	defer res.Body.Close()
	var out struct {
		Errors []string `json:"errors"`
		Data   struct {
			Results []vaultItem `json:"batch_results"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil && res.StatusCode < 300 {
		return nil, fmt.Errorf("%s: the answer is no JSON", verb)
	}
	for _, r := range out.Data.Results {
		if r.Error != "" {
			out.Errors = append(out.Errors, r.Error)
		}
	}
	if res.StatusCode >= 300 || len(out.Errors) > 0 {
		return nil, fmt.Errorf("%s: Vault answers %d: %s", verb, res.StatusCode, strings.Join(out.Errors, "; "))
	}
	if len(out.Data.Results) != len(in) {
		return nil, fmt.Errorf("%s: %d results for %d keys", verb, len(out.Data.Results), len(in))
	}
	return out.Data.Results, nil
}
