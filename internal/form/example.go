package form

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A shipped form brings filled-in examples: made-up people with numbers that are
// well-formed. They stay in the product and out of the database, where a search for
// personal data in plain (the proof that there is none) would meet them.

// split takes the examples off a schema and keeps the order of everything else.
func split(schema json.RawMessage) (lean, examples json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(schema))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, fmt.Errorf("schema is no object: %w", err)
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("schema: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, fmt.Errorf("schema: %w", err)
		}
		if key == "examples" {
			examples = value
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, nil, fmt.Errorf("schema: %w", err)
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), examples, nil
}

// withExamples gives a stored form the examples that its shipped version has.
func (s *Service) withExamples(d Definition) (Definition, error) {
	lean, own, err := split(d.Schema)
	if err != nil || own != nil {
		return d, err // stored by a program from before
	}
	shipped, err := s.Shipped()
	if err != nil {
		return d, err
	}
	for _, o := range shipped {
		if o.ID != d.ID || o.Version != d.Version {
			continue
		}
		_, examples, err := split(o.Schema)
		if err != nil || examples == nil {
			return d, err
		}
		d.Schema = bytes.Join([][]byte{lean[:len(lean)-1], []byte(`,"examples":`), examples, []byte("}")}, nil)
	}
	return d, nil
}
