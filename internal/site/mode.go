package site

import (
	"net/http"
	"net/url"
	"strings"

	"onedoor/internal/kernel/fault"
)

// modeCookie remembers how somebody wants to see the pages. It is no secret and
// is read by the signed-in tools, too.
const modeCookie = "onedoor_display"

// mode is 长者模式 (larger) and 高对比, each on or off.
type mode struct {
	Elder, Contrast bool
}

// Class is what the html element gets.
func (m mode) Class() string {
	var on []string
	if m.Elder {
		on = append(on, "elder")
	}
	if m.Contrast {
		on = append(on, "contrast")
	}
	return strings.Join(on, " ")
}

func modeOf(r *http.Request) mode {
	c, err := r.Cookie(modeCookie)
	if err != nil {
		return mode{}
	}
	return mode{Elder: strings.Contains(c.Value, "elder"), Contrast: strings.Contains(c.Value, "contrast")}
}

// display switches one mode and returns to the page, by a plain form, so that
// it works without script.
func (s *Service) display(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "site.bad-form", "没有收到完整的请求，请返回上一页再试一次。").Because(err)
	}
	m := modeOf(r)
	for name, on := range map[string]*bool{"elder": &m.Elder, "contrast": &m.Contrast} {
		if v := r.PostForm.Get(name); v != "" {
			*on = v == "1"
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: modeCookie, Value: strings.ReplaceAll(m.Class(), " ", "."), Path: "/", MaxAge: 365 * 24 * 3600,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.PublicURL, "https://"),
	})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

// localPath keeps a redirect on this site: what is not a plain path becomes "/".
func localPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	return back
}
