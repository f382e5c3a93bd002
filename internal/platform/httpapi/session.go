package httpapi

import (
	"net/http"
	"time"
)

// SessionCookie is the name of the cookie that holds the session token. The
// token is a secret: the database has only its digest, the log nothing of it.
const SessionCookie = "onedoor_session"

// secureCookie is its name over https. A browser takes a name with this beginning only
// with Secure, for "/" and from this very host: no neighbour under the same domain can
// plant a session here. The name without it is then not read either.
const secureCookie = "__Host-" + SessionCookie

func (s *Server) cookieName() string {
	if s.secure {
		return secureCookie
	}
	return SessionCookie
}

// NewSessionCookie is the cookie that signs a browser in until expires, for a
// huma reply's `SetCookie http.Cookie` field tagged header:"Set-Cookie". Script
// cannot read it, and other sites' requests do not carry it (Lax).
func (s *Server) NewSessionCookie(token string, expires time.Time) http.Cookie {
	return http.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", Expires: expires,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

// EndSessionCookie is the cookie that signs a browser out.
func (s *Server) EndSessionCookie() http.Cookie {
	return http.Cookie{
		Name: s.cookieName(), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

// SetSession and ClearSession are the same for raw handlers.
func (s *Server) SetSession(w http.ResponseWriter, token string, expires time.Time) {
	c := s.NewSessionCookie(token, expires)
	http.SetCookie(w, &c)
}

// ClearSession signs the browser out.
func (s *Server) ClearSession(w http.ResponseWriter) {
	c := s.EndSessionCookie()
	http.SetCookie(w, &c)
}

// maxToken bounds what is hashed and looked up.
const maxToken = 128

func (s *Server) sessionToken(r *http.Request) string {
	if _, ok := r.Header["Cookie"]; !ok {
		return ""
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil || len(c.Value) > maxToken {
		return ""
	}
	return c.Value
}
