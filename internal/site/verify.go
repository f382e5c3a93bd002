package site

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/licence"
)

type verifyView struct {
	base
	Problem string
	Result  *resultView
}

type resultView struct {
	Class, Heading, Summary, At string
	Facts                       []named
	Checks                      []checkView
}

type checkView struct {
	Class, Word, Name, Note string
}

// verify is the empty form, or the answer for a code.
func (s *Service) verify(w http.ResponseWriter, r *http.Request) error {
	v := verifyView{base: s.frame(r, "证照核验", "核对一张电子证照是不是由"+s.City+"的部门签发、有没有被改动、现在还有没有效。上传文件或输入出示码即可。", link{Name: "证照核验"})}
	code := trimTo(r.URL.Query().Get("code"), 160)
	if code == "" {
		return s.render(w, r, http.StatusOK, "verify", v)
	}
	// The address holds the code: no cache, no index, and no referrer may keep it.
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	v.NoIndex, v.Back = true, "/verify"
	report, err := s.Licences.VerifyByCode(r.Context(), code)
	if err != nil {
		return err
	}
	return s.verdict(w, r, v, report)
}

// verifyFile answers for an uploaded file, which is read once and kept nowhere.
func (s *Service) verifyFile(w http.ResponseWriter, r *http.Request) error {
	v := verifyView{base: s.frame(r, "证照核验", "核验结果", link{Name: "证照核验"})}
	v.NoIndex = true
	w.Header().Set("Cache-Control", "no-store")
	file, err := uploaded(r)
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			return err
		}
		v.Problem = f.Message
		return s.render(w, r, problems[f.Kind].status, "verify", v)
	}
	report, err := s.Licences.Verify(r.Context(), file)
	if err != nil {
		return err
	}
	return s.verdict(w, r, v, report)
}

var (
	errNoFile  = fault.New(fault.Invalid, "verify.no-file", "没有收到文件，请先选择要核验的 OFD 文件，再按“上传并核验”。")
	errTooBig  = fault.New(fault.TooLarge, "verify.too-large", "文件超过 20 MB，电子证照不会这么大，请确认选对了文件。")
	errCutOff  = fault.New(fault.Invalid, "verify.cut-off", "文件没有传完，请检查网络后重新上传。")
	errOneFile = fault.New(fault.Invalid, "verify.bad-form", "没有收到完整的表单，请重新选择文件再试。")
)

func uploaded(r *http.Request) ([]byte, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, errOneFile.Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errNoFile
		}
		if err != nil {
			return nil, readFault(err)
		}
		if part.FormName() != "file" {
			continue
		}
		file, err := io.ReadAll(io.LimitReader(part, MaxFile+1))
		switch {
		case err != nil:
			return nil, readFault(err)
		case len(file) > MaxFile:
			return nil, errTooBig
		case len(file) == 0:
			return nil, errNoFile
		}
		return file, nil
	}
}

func readFault(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return errTooBig.Because(err)
	}
	return errCutOff.Because(err)
}

var verdictNames = map[licence.Verdict]string{
	licence.VerdictValid: "有效", licence.VerdictAltered: "被篡改", licence.VerdictRevoked: "已失效",
	licence.VerdictExpired: "已过期", licence.VerdictUnknown: "查无此证",
}

func (s *Service) verdict(w http.ResponseWriter, r *http.Request, v verifyView, report licence.VerifyReport) error {
	name, ok := verdictNames[report.Verdict]
	if !ok {
		return fmt.Errorf("verify: verdict %q has no name", report.Verdict)
	}
	res := resultView{
		Class: string(report.Verdict), Heading: name, Summary: report.Summary,
		At: report.At.In(clock.Shanghai).Format("2006年1月2日 15:04:05"),
	}
	if l := report.Licence; l != nil {
		if report.Verdict == licence.VerdictRevoked {
			// 撤销, 吊销 and 注销 are different acts (Art 69, 70): the register says which.
			res.Heading = l.StatusText
		}
		to := "长期"
		if l.ValidTo != nil {
			to = day(*l.ValidTo)
		}
		res.Facts = pairs("证照名称", l.Title, "证照编号", l.Number, "电子证照标识", l.Identifier, "持证主体", l.HolderName,
			"持证主体代码", l.HolderMasked, "颁发机构", l.IssuerName, "颁发日期", day(l.IssuedAt),
			"有效期", day(l.ValidFrom)+" 至 "+to, "状态", joined("，", l.StatusText, l.StatusReason))
	}
	for _, c := range report.Checks {
		cv := checkView{Name: c.Name, Note: c.Detail}
		switch c.Result {
		case licence.Pass:
			cv.Class, cv.Word = "yes", "✓ 通过"
		case licence.Fail:
			cv.Class, cv.Word = "no", "✗ 不符"
		case licence.Warn:
			cv.Class, cv.Word = "skip-check", "! 注意"
		default:
			cv.Class, cv.Word = "skip-check", "– 未查"
		}
		res.Checks = append(res.Checks, cv)
	}
	v.Title, v.Result = strings.TrimSpace("核验结果："+name), &res
	return s.render(w, r, http.StatusOK, "verify", v)
}

func day(t time.Time) string { return t.In(clock.Shanghai).Format("2006年1月2日") }
