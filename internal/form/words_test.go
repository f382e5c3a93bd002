package form

import (
	"encoding/json"
	"slices"
	"testing"

	"onedoor/data"
)

func TestWordsAreWhatPeopleWrite(t *testing.T) {
	s := New(Deps{Data: data.FS})
	shipped, err := s.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range shipped {
		if def.ID != "food-licence" {
			continue
		}
		f, err := compile(def)
		if err != nil {
			t.Fatal(err)
		}
		s.compiled[ref{def.ID, def.Version}] = f
		got, err := s.Words(t.Context(), def.ID, def.Version,
			json.RawMessage(`{"name":"好味道","business_type":"catering","projects":["hot","pastry"],"area":86.5,"online":false,"staff":6}`),
			[]string{"name", "business_type", "projects", "area", "online", "staff", "warehouse_address", "name.nothing"})
		want := []string{"好味道", "餐饮服务经营者", "热食类食品制售；糕点类食品制售", "86.5平方米", "否", "6人", "", ""}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q (%v)", got, want, err)
		}
		return
	}
	t.Fatal("the food licence has no form")
}
