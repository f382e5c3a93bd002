package form

import (
	"encoding/json"
	"unicode/utf8"

	"onedoor/internal/kernel/fault"
)

// Bounds of what is looked at at all. A usual form has a few dozen values.
const (
	MaxBytes  = 256 << 10
	maxDepth  = 16
	maxValues = 5000
)

var (
	errTooLarge = fault.New(fault.TooLarge, "form.too-large", "表单内容过大（最多 256 KB），请精简文字，较长的内容请作为附件上传。")
	errBomb     = fault.New(fault.Invalid, "form.too-complex", "表单内容层次或条目过多，请按页面上的表单重新填写。")
	errNotJSON  = fault.New(fault.Invalid, "form.not-json", "表单内容不完整或格式有误，请刷新页面后重新提交。")
)

// decode reads data within the bounds. Numbers become float64 on purpose: an
// arbitrary-precision "1e999999999" would cost the validator minutes.
func decode(data []byte) (any, error) {
	if len(data) > MaxBytes {
		return nil, errTooLarge
	}
	if !utf8.Valid(data) {
		return nil, errNotJSON
	}
	if err := bounded(data); err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, errNotJSON.Because(err)
	}
	return v, nil
}

// bounded counts brackets and commas outside strings: linear, without allocating,
// before anything is built from the input.
func bounded(data []byte) error {
	depth, values := 0, 1
	inString, escaped := false, false
	for _, c := range data {
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return errBomb
			}
		case c == '}' || c == ']':
			depth--
		case c == ',':
			if values++; values > maxValues {
				return errBomb
			}
		}
	}
	return nil
}
