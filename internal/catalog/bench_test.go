package catalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"onedoor/internal/catalog"
)

// BenchmarkLarge measures a province's catalogue: ONEDOOR_BENCH_ITEMS more rows
// than ship (for instance 200000), made of the real names with a district before each.
func BenchmarkLarge(b *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("ONEDOOR_BENCH_ITEMS"))
	s, ctx := seeded(b)
	b.Logf("import of %d rows: %v", n, grow(ctx, b, s, n))
	for name, q := range map[string]catalog.Query{
		"rare words":    {Text: "取水许可"},
		"common word":   {Text: "许可"},
		"synonym":       {Text: "曾都区 开饭店"},
		"initials":      {Text: "spjyxk"},
		"typing error":  {Text: "劳务派谴经营"},
		"homophone":     {Text: "食品经赢许可"},
		"nothing":       {Text: "饕餮魑魅魍魉"},
		"all":           {},
		"department":    {OrgCode: "sz-sfj"},
		"common theme":  {Theme: "natural:135"},
		"region":        {Region: "421303000000"},
		"theme, region": {Theme: "natural:040", Region: "421303000000"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Search(ctx, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("item by id", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.ItemByID(ctx, food); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func grow(ctx context.Context, b *testing.B, s *catalog.Service, n int) time.Duration {
	b.Helper()
	var rows []map[string]any
	for _, line := range bytes.Split(bytes.TrimSpace(unzipped(b, "gd-policy.jsonl.gz")), []byte("\n")) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			b.Fatal(err)
		}
		rows = append(rows, m)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for i := range n {
		m := rows[i%len(rows)]
		code, _ := m["CATAID"].(string)
		task, _ := m["TASK_CODE"].(string)
		copied := map[string]any{}
		for k, v := range m {
			copied[k] = v
		}
		// Another main item number each time keeps the code's structure and makes it new.
		code = fmt.Sprintf("%s%03d%03d", code[:6], i/len(rows)%1000, i%1000)
		copied["CATAID"], copied["TASK_CODE"] = code, task[:19]+code
		copied["matter_name"] = fmt.Sprintf("%v第%d类", m["matter_name"], i/len(rows))
		if err := enc.Encode(copied); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now()
	if _, err := s.Import(ctx, "guangdong", &out); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
