package form

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is bounded stays bounded: what decodes is no deeper than promised and encodes again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"周小川","list":[1,2.5,null,true]}`))
	f.Add([]byte(strings.Repeat("[", 100)))
	f.Add([]byte(`{"a":1e999}`))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decode(data)
		if err != nil {
			return
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := bounded(raw); err != nil {
			t.Errorf("what was decoded is out of bounds: %v", err)
		}
	})
}
