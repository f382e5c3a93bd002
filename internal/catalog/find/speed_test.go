package find

import (
	"fmt"
	"testing"
)

func BenchmarkFill(b *testing.B) {
	docs := make([]Doc, 10_000)
	for i := range docs {
		docs[i] = Doc{
			ID: fmt.Sprint(i), Name: fmt.Sprintf("食品（含保健食品）经营许可变更法定代表人第%d类", i), Region: "421303000000",
			Words: []string{"食品经营许可申请书", "营业执照复印件", "法定代表人身份证明", "食品安全管理制度"},
		}
	}
	for b.Loop() {
		New().Put(docs...)
	}
}
