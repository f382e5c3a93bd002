package events

import (
	"encoding/json"
	"fmt"
	"time"

	"onedoor/internal/platform/postgres"
)

// Event says that something has happened, past tense, to one record.
type Event struct {
	ID      string          `json:"id"`   // uuid; what a subscriber is idempotent by
	Name    string          `json:"name"` // "intake.case-decided": module, then what happened
	Key     string          `json:"key"`  // the record's key
	Payload json.RawMessage `json:"payload"`
	At      time.Time       `json:"at"`
}

// New makes an event. payload must marshal: it is a struct of the publisher's own
// making, so a failure is a programming error and panics.
func New(name, key string, payload any, at time.Time) Event {
	raw, err := json.Marshal(payload)
	if err != nil {
		panic("events: payload of " + name + ": " + err.Error())
	}
	return Event{ID: postgres.NewID(), Name: name, Key: key, Payload: raw, At: at}
}

// Decode reads the payload into v.
func (e Event) Decode(v any) error {
	if err := json.Unmarshal(e.Payload, v); err != nil {
		return fmt.Errorf("payload of %s %s: %w", e.Name, e.ID, err)
	}
	return nil
}
