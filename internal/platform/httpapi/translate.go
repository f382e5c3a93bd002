package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// unprintable marks messages whose argument is an error that quotes the input.
// huma formats every message through ErrorFormatter, which drops it.
const unprintable = "格式不对"

// speakChinese replaces huma's messages. None of them holds the value that was
// sent: an ID number in an error document would end up in logs and screenshots.
func speakChinese() {
	for _, m := range []struct {
		at   *string
		text string
	}{
		{&validation.MsgUnexpectedProperty, "没有这一栏，请删除"},
		{&validation.MsgExpectedRFC3339DateTime, "请填写日期和时间"},
		{&validation.MsgExpectedRFC1123DateTime, "请填写日期和时间"},
		{&validation.MsgExpectedRFC3339Date, "请填写日期，如 2026-01-31"},
		{&validation.MsgExpectedRFC3339Time, "请填写时间，如 09:30:00"},
		{&validation.MsgExpectedRFC5322Email, "请填写正确的电子邮箱"},
		{&validation.MsgExpectedRFC5890Hostname, unprintable},
		{&validation.MsgExpectedRFC2673IPv4, unprintable},
		{&validation.MsgExpectedRFC2373IPv6, unprintable},
		{&validation.MsgExpectedRFCIPAddr, unprintable},
		{&validation.MsgExpectedRFC3986URI, "请填写正确的网址"},
		{&validation.MsgExpectedRFC4122UUID, "编号格式不对"},
		{&validation.MsgExpectedRFC6570URITemplate, unprintable},
		{&validation.MsgExpectedRFC6901JSONPointer, unprintable},
		{&validation.MsgExpectedRFC6901RelativeJSONPointer, unprintable},
		{&validation.MsgExpectedRegexp, unprintable},
		{&validation.MsgExpectedMatchAtLeastOneSchema, unprintable},
		{&validation.MsgExpectedMatchExactlyOneSchema, unprintable},
		{&validation.MsgExpectedNotMatchSchema, unprintable},
		{&validation.MsgExpectedPropertyNameInObject, "必填"},
		{&validation.MsgExpectedBoolean, "请填写是或否"},
		{&validation.MsgExpectedDuration, unprintable},
		{&validation.MsgExpectedNumber, "请填写数字"},
		{&validation.MsgExpectedInteger, "请填写整数"},
		{&validation.MsgExpectedString, "请填写文字"},
		{&validation.MsgExpectedBase64String, unprintable},
		{&validation.MsgExpectedArray, "应为列表"},
		{&validation.MsgExpectedObject, "应为一组栏目"},
		{&validation.MsgExpectedArrayItemsUnique, "有重复的内容"},
		{&validation.MsgExpectedOneOf, "请从给定选项中选择"},
		{&validation.MsgExpectedMinimumNumber, "不能小于 %v"},
		{&validation.MsgExpectedExclusiveMinimumNumber, "应大于 %v"},
		{&validation.MsgExpectedMaximumNumber, "不能大于 %v"},
		{&validation.MsgExpectedExclusiveMaximumNumber, "应小于 %v"},
		{&validation.MsgExpectedNumberBeMultipleOf, "应为 %v 的倍数"},
		{&validation.MsgExpectedMinLength, "太短，至少 %d 个字"},
		{&validation.MsgExpectedMaxLength, "太长，最多 %d 个字"},
		{&validation.MsgExpectedBePattern, unprintable},
		{&validation.MsgExpectedMatchPattern, unprintable},
		{&validation.MsgExpectedMinItems, "至少 %d 项"},
		{&validation.MsgExpectedMaxItems, "最多 %d 项"},
		{&validation.MsgExpectedMinProperties, "至少填写 %d 栏"},
		{&validation.MsgExpectedMaxProperties, "最多填写 %d 栏"},
		// huma reports these at the object; addField moves them to the property.
		{&validation.MsgExpectedRequiredProperty, "missing %s"},
		{&validation.MsgExpectedDependentRequiredProperty, "missing %s %s"},
	} {
		*m.at = m.text
	}
	huma.ErrorFormatter = func(format string, args ...any) string {
		if !strings.Contains(format, "%") {
			return format
		}
		return fmt.Sprintf(format, args...)
	}
}

// translate turns what huma found wrong into a problem document.
func translate(status int, msg string, errs []error) *Problem {
	for _, err := range errs {
		var own *Problem
		if errors.As(err, &own) {
			c := *own
			return &c
		}
	}
	p := newProblem(status, "request.invalid", "提交的内容有误，请按提示修改后重新提交。")
	p.cause = errors.New(msg) // a fixed text of huma's, never a value
	switch status {
	case http.StatusBadRequest:
		p.Code, p.Detail = "request.malformed", "提交的内容不完整或格式不对，请刷新页面后重新提交。"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		p.Code, p.Detail = "request.media-type", "不支持这种内容格式，请使用 application/json。"
	case http.StatusInternalServerError:
		p.Code, p.Detail, p.cause = "internal", "系统出了问题，您的操作没有生效，请稍后再试。", errors.Join(errs...)
	}
	if status == http.StatusUnprocessableEntity {
		for _, err := range errs {
			p.addField(err)
		}
	}
	p.Type = "urn:onedoor:problem:" + p.Code
	return p
}

// addField adds one finding. A path parameter that cannot be anything's number
// makes the whole a "not found".
func (p *Problem) addField(err error) {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return
	}
	detail := d.ErrorDetail()
	message, path := detail.Message, pointer(detail.Location)
	switch {
	case strings.HasPrefix(message, "missing "):
		path += "/" + strings.Fields(message)[1]
		message = "必填"
	case strings.HasPrefix(message, "required "):
		message = "必填"
	case strings.HasPrefix(message, "invalid "), strings.HasPrefix(message, "json:"), strings.HasPrefix(message, "parsing "):
		message = unprintable
	}
	if strings.HasPrefix(detail.Location, "path.") {
		p.Status, p.Code, p.Detail, p.Title = http.StatusNotFound, errBadID.Code, errBadID.Message, titles[http.StatusNotFound]
		return
	}
	p.Fields = append(p.Fields, ProblemField{Path: path, Message: message})
}

// pointer turns huma's "body.items[3].name" into a JSON pointer into the body.
func pointer(location string) string {
	where, rest, _ := strings.Cut(location, ".")
	switch where {
	case "query":
		return "?" + rest
	case "header":
		return rest + ":"
	case "body":
		if rest == "" {
			return ""
		}
		rest = strings.ReplaceAll(rest, "]", "")
		return "/" + strings.NewReplacer(".", "/", "[", "/").Replace(rest)
	}
	return location
}
