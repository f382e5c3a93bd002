package events

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"onedoor/internal/platform/postgres"
)

// Hub tells open pages, in whatever process they are connected, that something
// changed. It is a hint and not a record: a message may be lost in a crash or
// doubled, and a page that receives one reads the state again.
type Hub struct {
	db  *postgres.DB
	log *slog.Logger
	id  string // of this process: what it sent itself it has already delivered

	mu          sync.Mutex
	subscribers map[string]map[chan string]bool // by topic
	outgoing    []liveMessage
	wake        chan struct{}
}

type liveMessage struct {
	Topic string `json:"t"`
	Data  string `json:"d"`
}

type liveEnvelope struct {
	From     string        `json:"f"`
	Messages []liveMessage `json:"m"`
}

const (
	liveChannel = "onedoor_live"
	// maxLive keeps an envelope below NOTIFY's 8,000 bytes.
	maxLive = 1200
	// gather is how long messages wait for company before they go to the other
	// processes: NOTIFY takes a lock of the whole server at commit, so it must not
	// be part of hot transactions.
	gather = 20 * time.Millisecond
	buffer = 16
)

func newHub(db *postgres.DB, log *slog.Logger) *Hub {
	return &Hub{
		db: db, log: log, id: postgres.NewID(),
		subscribers: map[string]map[chan string]bool{}, wake: make(chan struct{}, 1),
	}
}

var errLiveTooLong = errors.New("live message is too long: send a hint, not the record")

// Publish sends data (short: a key or a small JSON object) to the topic's
// subscribers in all processes once the transaction of ctx has committed, or at
// once outside one. It costs the transaction nothing.
func (h *Hub) Publish(ctx context.Context, topic, data string) error {
	if len(topic)+len(data) > maxLive {
		return errLiveTooLong
	}
	postgres.AfterCommit(ctx, func() {
		h.deliver(topic, data)
		h.mu.Lock()
		h.outgoing = append(h.outgoing, liveMessage{topic, data})
		h.mu.Unlock()
		select {
		case h.wake <- struct{}{}:
		default:
		}
	})
	return nil
}

// Subscribe gives the messages of one topic. An empty message means "some may
// have been missed, read the state again". cancel closes the channel; call it.
func (h *Hub) Subscribe(topic string) (messages <-chan string, cancel func()) {
	ch := make(chan string, buffer)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers[topic] == nil {
		h.subscribers[topic] = map[chan string]bool{}
	}
	h.subscribers[topic][ch] = true
	return ch, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !h.subscribers[topic][ch] {
			return // Close was first
		}
		delete(h.subscribers[topic], ch)
		if len(h.subscribers[topic]) == 0 {
			delete(h.subscribers, topic)
		}
		close(ch)
	})
}

// Close ends every subscription, so that open event streams end and a server can
// shut down; browsers connect again to whoever answers next.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for topic, channels := range h.subscribers {
		for ch := range channels {
			close(ch)
		}
		delete(h.subscribers, topic)
	}
}

func (h *Hub) deliver(topic, data string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subscribers[topic] {
		offer(ch, data)
	}
}

// offer never waits for a slow page: with a full buffer it has hints enough.
func offer(ch chan string, data string) {
	select {
	case ch <- data:
	default:
	}
}

// run exchanges messages with the other processes until ctx ends.
func (h *Hub) run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { h.db.Listen(ctx, liveChannel, h.receive) })
	wg.Go(func() { h.send(ctx) })
	wg.Wait()
}

func (h *Hub) receive(payload string) {
	if payload == "" { // (re)connected: whatever was sent meanwhile is lost
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, channels := range h.subscribers {
			for ch := range channels {
				offer(ch, "")
			}
		}
		return
	}
	var env liveEnvelope
	if err := json.Unmarshal([]byte(payload), &env); err != nil {
		h.log.Warn("live message of a shape this version does not know", "error", err)
		return
	}
	if env.From == h.id {
		return
	}
	for _, m := range env.Messages {
		h.deliver(m.Topic, m.Data)
	}
}

func (h *Hub) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		h.mu.Lock()
		messages := h.outgoing
		h.outgoing = nil
		h.mu.Unlock()
		if err := h.notify(ctx, messages); err != nil && ctx.Err() == nil {
			// The listeners' connections broke too: on reconnection they say "read again".
			h.log.Warn("live messages to other processes were lost", "messages", len(messages), "error", err)
		}
	}
}

func (h *Hub) notify(ctx context.Context, messages []liveMessage) error {
	for len(messages) > 0 {
		n, size := 0, 100
		for n < len(messages) {
			// Six bytes is the most that JSON makes of one.
			size += 20 + 6*(len(messages[n].Topic)+len(messages[n].Data))
			if n > 0 && size > 7900 {
				break
			}
			n++
		}
		raw, err := json.Marshal(liveEnvelope{From: h.id, Messages: messages[:n]})
		if err != nil {
			return err
		}
		if err := h.db.Notify(ctx, liveChannel, string(raw)); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}
