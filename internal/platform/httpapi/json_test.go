package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"testing"
	"time"
)

type part struct {
	Code string `json:"code"`
	Note string `json:"note,omitempty"`
}

type wide struct {
	part
	Name   string            `json:"name"`
	Kind   kindName          `json:"kind"`
	At     time.Time         `json:"at"`
	Until  *time.Time        `json:"until,omitempty"`
	Left   *int              `json:"left"`
	Rows   []part            `json:"rows"`
	None   []part            `json:"none"`
	By     map[string]any    `json:"by"`
	Form   json.RawMessage   `json:"form"`
	Bytes  []byte            `json:"bytes"`
	Any    any               `json:"any"`
	Titles map[string]string `json:"titles,omitempty"`
	Rate   float64           `json:"rate"`
	Own    shouting          `json:"own"`
	hidden int
}

type kindName string

type shouting string

func (s shouting) MarshalJSON() ([]byte, error) { return json.Marshal(string(s) + "!") }

func page() wide {
	at := time.Date(2026, 2, 10, 8, 30, 0, 123456000, time.FixedZone("", 8*3600))
	w := wide{
		part: part{Code: "M01"}, Name: "林晓梅 <b>&\"引号\"\u2028\n", Kind: "甲", At: at, Until: &at, None: nil,
		By: map[string]any{"b": 1, "a": []string{"x"}}, Form: json.RawMessage(`{"phone":"138****0001"}`),
		Bytes: []byte{0, 255}, Any: map[string]int{"n": 7}, Rate: 0.1, Own: "own", hidden: 1,
	}
	for range 20 {
		w.Rows = append(w.Rows, part{Code: "42130320261122000000012", Note: "食品经营许可（仅销售预包装食品）"})
	}
	return w
}

// What replies say does not depend on who writes them.
func TestRepliesAreWhatTheStandardLibraryWrites(t *testing.T) {
	w := page()
	for _, v := range []any{w, &w, nil, []string{}, map[string]bool{}, "文", wide{}} {
		var got bytes.Buffer
		if err := writeJSON(&got, v); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if json.Unmarshal(got.Bytes(), &a) != nil || json.Unmarshal(want, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("wrote %s\nwant  %s", got.Bytes(), want)
		}
	}
	if err := writeJSON(io.Discard, func() {}); err == nil {
		t.Error("a function was written")
	}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"a":"林"}`: true, `{"a":"\\u0000"}`: true, `{"a":"\\\\u0000"}`: true,
		`{"a":"\u0000"}`: false, `{"a":"\\\u0000"}`: false, "{\"a\":\"\xff\"}": false, `{"\u0000":1}`: false,
	} {
		if err := checkJSON([]byte(body)); (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func BenchmarkReply(b *testing.B) {
	w := page()
	b.Run("house", func(b *testing.B) {
		for b.Loop() {
			_ = writeJSON(io.Discard, &w)
		}
	})
	b.Run("standard", func(b *testing.B) {
		for b.Loop() {
			_ = json.NewEncoder(io.Discard).Encode(&w)
		}
	})
}
