package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
)

// guard is what stands before one operation.
type guard struct {
	s      *Server
	op     Op
	class  *class
	body   bool // JSON operation with a body: read it here, whole
	stream bool // Raw: no deadline for the whole, the handler reads the body
	limit  int64
	read   time.Duration
}

func (s *Server) guard(op Op, body bool) *guard {
	g := &guard{s: s, op: op, body: body, limit: op.MaxBody, read: op.BodyTimeout}
	if g.limit == 0 {
		g.limit = DefaultMaxBody
	}
	if g.read == 0 {
		g.read = s.opt.BodyTimeout
	}
	if !s.opt.NoRateLimit {
		g.class = s.limits.class(op.RateKey)
	}
	return g
}

func (g *guard) around(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		inner, done, err := g.enter(w, r)
		if err != nil {
			g.s.Fail(w, r, err)
			return
		}
		defer done()
		h(w, inner)
	}
}

var nothing = func() {}

// enter does every check in the order of its price and gives the request that
// the operation sees. The order matters to an attacker: nothing is read from
// the body or the database before the cheap refusals.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) (*http.Request, func(), error) {
	st := stateOf(w)
	st.op = g.op.ID
	st.whole = !g.stream // huma encodes a reply with one Write
	if err := g.s.origins.Check(r); err != nil {
		return r, nil, errCrossOrigin.Because(err)
	}
	who, err := g.actor(st, r)
	if err != nil {
		return r, nil, err
	}
	if g.class != nil {
		key := who.AccountID
		if key == "" || g.class.byAddress {
			key = st.address
		}
		if wait := g.class.take(key, time.Now()); wait > 0 {
			st.retryAfter = wait
			return r, nil, errTooMany
		}
	}
	if err := g.admit(who); err != nil {
		return r, nil, err
	}
	if g.op.Idempotent {
		st.key = r.Header.Get(idempotencyHeader)
		if n := len(st.key); n < 8 || n > 80 {
			return r, nil, errNoKey
		}
	}
	if err := g.takeBody(st, w, r); err != nil {
		return r, nil, err
	}
	ctx := actor.With(context.WithValue(r.Context(), stateKey{}, st), who)
	done := nothing
	if !g.stream {
		ctx, done = context.WithTimeout(ctx, g.s.opt.OpTimeout)
	}
	return r.WithContext(ctx), done, nil
}

// actor reads the session. On a public operation a session that has ended is
// no reason to refuse: the visitor is simply anonymous again.
func (g *guard) actor(st *state, r *http.Request) (*actor.Actor, error) {
	token := g.s.sessionToken(r)
	if token == "" || g.s.opt.Sessions == nil {
		return &actor.Actor{Kind: actor.Anonymous, Address: st.address}, nil
	}
	known, err := g.s.opt.Sessions.Actor(r.Context(), token)
	if err != nil {
		if g.op.Access == Public && fault.KindOf(err) == fault.Unauthenticated {
			return &actor.Actor{Kind: actor.Anonymous, Address: st.address}, nil
		}
		return nil, err
	}
	who := *known
	who.Address = st.address
	st.account = who.AccountID
	return &who, nil
}

func (g *guard) admit(who *actor.Actor) error {
	if g.op.Access == Public {
		return nil
	}
	if who.Kind == actor.Anonymous {
		return errSignIn
	}
	switch g.op.Access {
	case Applicant:
		return who.RequireApplicant()
	case StaffOnly:
		if who.Kind != actor.Staff {
			return errStaffOnly
		}
	}
	return nil
}

// takeBody bounds the body. A JSON body is read whole, so that one that is cut
// off half way never reaches a use case and the idempotency key can be bound to
// what was sent.
func (g *guard) takeBody(st *state, w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		if g.op.Idempotent {
			st.hash = sha256.Sum256(nil)
		}
		return nil
	}
	control := http.NewResponseController(w)
	// The deadline is on the connection; it must be gone before the use case
	// works, or the server would take its passing for a client that went away.
	_ = control.SetReadDeadline(time.Now().Add(g.read))
	if r.ContentLength > g.limit {
		drain(r)
		return tooLarge(g.limit)
	}
	// The bare writer, which MaxBytesReader asks to close the connection.
	r.Body = &boundBody{ReadCloser: http.MaxBytesReader(st.bare, r.Body, g.limit), control: control}
	if !g.body {
		return nil
	}
	buf, err := readAll(r)
	if err != nil {
		return BodyError(err)
	}
	if err := checkJSON(buf); err != nil {
		return err
	}
	if g.op.Idempotent {
		st.hash = sha256.Sum256(buf)
	}
	r.Body = &readBody{Reader: bytes.NewReader(buf)}
	return nil
}
