package httpapi

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// huma keeps three settings in package variables. They are set once, here, and
// hold for the process: nothing else in the house uses huma.
func init() {
	huma.DefaultArrayNullable = false // a list in a reply is [], never null
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return translate(status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := translate(status, msg, errs)
		if st := stateFrom(ctx.Context()); st != nil {
			p.RequestID = st.id
			st.err = p.cause
		}
		return p
	}
	speakChinese()
}

// humaConfig is huma without its extras: no hooks ($schema links in every
// reply), no documentation page from a CDN.
func (s *Server) humaConfig(title, version string) huma.Config {
	config := huma.DefaultConfig(title, version)
	config.CreateHooks = nil
	config.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", s.schemaName)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: SessionCookie},
	}
	return config
}

// schemaName puts the module before the type ("IntakeCase"), because two
// modules may both have a Row, and huma panics on a name used twice.
// Types without a name (Body struct{…}) take the module from the operation
// that is being registered.
func (s *Server) schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if t.Name() == "" {
		return prefixed(s.naming, name)
	}
	path := t.PkgPath()
	if at := strings.LastIndex(t.Name(), modulePath); at >= 0 {
		// A generic type is named after what it is made of: Page[intake.Row] → IntakePageRow.
		path, _, _ = strings.Cut(t.Name()[at:], ".")
	}
	if !strings.HasPrefix(path, modulePath) || strings.HasPrefix(path, modulePath+"platform/") {
		return name
	}
	return prefixed(path[strings.LastIndex(path, "/")+1:], name)
}

const modulePath = "onedoor/internal/"

func prefixed(module, name string) string {
	if module == "" {
		return name
	}
	module = strings.ToUpper(module[:1]) + module[1:]
	if strings.HasPrefix(name, module) {
		return name
	}
	return module + name
}

// guardedMux is the mux that huma registers with: it puts the guard of the
// operation being registered around huma's own handler.
type guardedMux struct {
	*http.ServeMux
	next *guard
}

func (m *guardedMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.ServeMux.HandleFunc(pattern, m.next.around(h))
}
