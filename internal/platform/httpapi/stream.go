package httpapi

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// heartbeat keeps proxies from closing an idle stream and finds dead clients.
const heartbeat = 15 * time.Second

// Stream sends what arrives on ch as server-sent events named "changed" until
// the client leaves, ch is closed, or the server shuts down. A browser reconnects by itself, and then
// reads the list anew, so nothing is replayed.
func Stream(w http.ResponseWriter, r *http.Request, ch <-chan string) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	if !send(control, w, "retry: 2000\n\n") {
		return
	}
	var closing <-chan struct{}
	if st := stateOf(w); st != nil {
		closing = st.closing
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-closing:
			return
		case data, ok := <-ch:
			if !ok {
				return
			}
			// A line break inside would end the event.
			data = strings.ReplaceAll(strings.ReplaceAll(data, "\r", ""), "\n", "\ndata: ")
			if !send(control, w, "event: changed\ndata: "+data+"\n\n") {
				return
			}
		case <-tick.C:
			if !send(control, w, ": \n\n") {
				return
			}
		}
	}
}

// send writes within a deadline: a client that stopped reading must not hold
// the goroutine for ever.
func send(control *http.ResponseController, w io.Writer, text string) bool {
	_ = control.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(w, text); err != nil {
		return false
	}
	return control.Flush() == nil
}
