package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"onedoor/internal/kernel/fault"
)

const problemType = "application/problem+json"

// Problem is the error document of every operation (RFC 9457).
type Problem struct {
	Type      string         `json:"type" doc:"错误类型，urn:onedoor:problem:加错误代码"`
	Title     string         `json:"title" doc:"一句话标题"`
	Status    int            `json:"status" doc:"HTTP 状态码"`
	Detail    string         `json:"detail" doc:"给办事人看的说明：出了什么问题、怎么办"`
	Code      string         `json:"code" doc:"稳定的错误代码，供程序判断"`
	RequestID string         `json:"request_id" doc:"请求编号，求助时请提供"`
	Fields    []ProblemField `json:"fields,omitempty" doc:"填写有误的栏目"`
	Current   any            `json:"current,omitempty" doc:"冲突时对象的当前状态"`

	cause error
}

// ProblemField is one input that is wrong. Path is a JSON pointer into the body;
// "?name" is a query parameter, "{name}" one of the path, "name:" a header.
type ProblemField struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

func (p *Problem) Error() string {
	if p.cause != nil {
		return p.Code + ": " + p.cause.Error()
	}
	return p.Code
}

// Unwrap gives the cause, which is logged and never shown.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus and ContentType make it huma's error document.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType replaces the negotiated type of an error.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders tells a client when to come back.
func (p *Problem) GetHeaders() http.Header {
	if p.Status == http.StatusServiceUnavailable {
		return http.Header{"Retry-After": {"2"}}
	}
	return nil
}

func (p *Problem) because(err error) *Problem { p.cause = err; return p }

func newProblem(status int, code, detail string) *Problem {
	title := titles[status]
	if title == "" {
		title = http.StatusText(status)
	}
	return &Problem{Type: "urn:onedoor:problem:" + code, Title: title, Status: status, Detail: detail, Code: code}
}

var statusOf = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

var titles = map[int]string{
	http.StatusBadRequest:            "请求不完整",
	http.StatusUnauthorized:          "需要登录",
	http.StatusForbidden:             "没有权限",
	http.StatusNotFound:              "没有找到",
	http.StatusMethodNotAllowed:      "不支持的操作",
	http.StatusNotAcceptable:         "不支持的格式",
	http.StatusRequestTimeout:        "上传超时",
	http.StatusConflict:              "内容已有变化",
	http.StatusRequestEntityTooLarge: "内容太大",
	http.StatusUnsupportedMediaType:  "不支持的格式",
	http.StatusUnprocessableEntity:   "内容有误",
	http.StatusTooManyRequests:       "操作太频繁",
	http.StatusServiceUnavailable:    "服务暂时不可用",
	http.StatusInternalServerError:   "系统出了问题",
}

var (
	errNoRoute     = fault.New(fault.NotFound, "request.no-route", "没有这个接口，请检查地址。")
	errSignIn      = fault.New(fault.Unauthenticated, "session.required", "请先登录，登录后可以继续刚才的操作。")
	errStaffOnly   = fault.New(fault.Forbidden, "right.staff-only", "这项操作只供工作人员使用，请用工作人员账号登录。")
	errCrossOrigin = fault.New(fault.Forbidden, "request.cross-origin", "请求来自其他网站，已被拒绝。请回到本网站页面操作。")
	errTooMany     = fault.New(fault.TooMany, "request.too-many", "操作太频繁，请稍等片刻再试。")
	errNoKey       = fault.New(fault.Invalid, "idempotency.key-missing", "请求缺少防重复提交编号（Idempotency-Key，8–80 个字符），请刷新页面后重试。")
	errTimeout     = fault.New(fault.Unavailable, "request.timeout", "系统繁忙，处理超时，请稍后再试。")
	errBadID       = fault.New(fault.NotFound, "request.bad-id", "没有找到对应的内容，请核对编号是否完整。")
	errBadText     = fault.New(fault.Invalid, "request.bad-text", "内容里有无法识别的字符，请删除后重新提交。")
)

// problemOf maps any error to its document and notes the cause for the log.
func (s *Server) problemOf(ctx context.Context, err error) *Problem {
	st := stateFrom(ctx)
	p := s.toProblem(ctx, err)
	if st != nil {
		p.RequestID = st.id
		st.err = err
	}
	return p
}

func (s *Server) toProblem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		own := *p // package-level problems are shared
		return &own
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		if s.opt.Translate != nil {
			err = s.opt.Translate(err)
		}
		f = fault.Of(libraryFault(ctx, err))
	}
	p = newProblem(statusOf[f.Kind], f.Code, f.Message)
	p.Current = f.Current
	for _, field := range f.Fields {
		p.Fields = append(p.Fields, ProblemField(field))
	}
	return p.because(err)
}

// libraryFault knows the few errors that mean the caller's input or patience
// and not a defect of ours.
func libraryFault(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.As(err, new(*fault.Fault)):
		return err
	case errors.As(err, &pg) && pg.Code == "22P02": // text that is no uuid
		return errBadID.Because(err)
	case errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05"): // a zero byte in text
		return errBadText.Because(err)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return errTimeout.Because(err)
	}
	return err
}

// Fail writes err as a problem document. Nothing may have been written before.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.toProblem(r.Context(), err)
	if st := stateOf(w); st != nil {
		st.err = err
	}
	s.writeProblem(w, r, p)
}

func (s *Server) writeProblem(w http.ResponseWriter, _ *http.Request, p *Problem) {
	st := stateOf(w)
	h := w.Header()
	if st != nil {
		p.RequestID = st.id
		if st.err == nil {
			st.err = p
		}
		if st.retryAfter > 0 {
			h.Set("Retry-After", strconv.Itoa(int(math.Ceil(st.retryAfter.Seconds()))))
		}
	}
	if p.Status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "2")
	}
	body, err := json.Marshal(p)
	if err != nil { // Current is a module's value and may not be JSON
		p.Current = nil
		body, _ = json.Marshal(p)
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}
