package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	fastjson "github.com/segmentio/encoding/json"
)

// jsonFormat writes replies by segmentio/encoding, a third of the standard
// library's time on a list (BenchmarkReply), and reads requests by the standard
// library: what strangers send is parsed without unsafe code.
var jsonFormat = huma.Format{Marshal: writeJSON, Unmarshal: json.Unmarshal}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKept bounds what a pooled buffer may hold on to, in bytes.
const maxKept = 256 << 10

// writeJSON writes v with one Write, so that the length of the reply is known.
func writeJSON(w io.Writer, v any) error {
	buf := buffers.Get().(*[]byte)
	out, err := fastjson.Append((*buf)[:0], v, fastjson.SortMapKeys)
	if err != nil {
		return fmt.Errorf("encode the reply: %w", err)
	}
	_, err = w.Write(out)
	if cap(out) <= maxKept {
		*buf = out
		buffers.Put(buf)
	}
	return err
}
