package catalog

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every line of a foreign file becomes an item or stands in quarantine with its reason.
func FuzzImport(f *testing.F) {
	head := strings.Join(guanganColumns, ",") + "\n"
	f.Add(head + "市监局,设立登记,个体工商户设立登记,511602001000-511602000000-001-11511602MB0R00000X-1-01,1,511602\n")
	f.Add(head + "\"a\n")
	f.Add(`{"task_code":"1","materials":["a"],"conditions":"《中华人民共和国行政许可法》第三十二条"}`)
	f.Add("\ufeff{")
	f.Fuzz(func(t *testing.T, file string) {
		check := func(d draft) error {
			if d.refused == nil && d.item == nil {
				t.Error("neither an item nor a reason")
			}
			if !json.Valid(d.original) {
				t.Errorf("the original %q is no JSON", d.original)
			}
			return nil
		}
		_ = readGuangan(strings.NewReader(file), check)
		_ = readGuangdong(strings.NewReader(file), check)
	})
}
