package httpapi

import (
	"net/http"
	"time"
)

// SessionCookie is the name of the cookie that holds the session token. The
// token is a secret: the database has only its digest, the log nothing of it.
const SessionCookie = "onedoor_session"

// NewSessionCookie is the cookie that signs a browser in until expires, for a
// huma reply's `SetCookie http.Cookie` field tagged header:"Set-Cookie". Script
// cannot read it, and other sites' requests do not carry it (Lax).
func (s *Server) NewSessionCookie(token string, expires time.Time) http.Cookie {
	return http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", Expires: expires,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

// EndSessionCookie is the cookie that signs a browser out.
func (s *Server) EndSessionCookie() http.Cookie {
	return http.Cookie{
		Name: SessionCookie, Path: "/", MaxAge: -1,
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

func sessionToken(r *http.Request) string {
	if _, ok := r.Header["Cookie"]; !ok {
		return ""
	}
	c, err := r.Cookie(SessionCookie)
	if err != nil || len(c.Value) > maxToken {
		return ""
	}
	return c.Value
}
