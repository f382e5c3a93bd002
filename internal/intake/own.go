package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"onedoor/internal/kernel/fault"
)

// ownIdentity refuses a form in which an enterprise gives another's code as its own: the
// licence is issued to who signed in (实名, 在线政务服务的若干规定 Art 9), and a paper with
// two codes would be worth nothing.
func (s *Service) ownIdentity(ctx context.Context, item *Item, of Applicant, form json.RawMessage) error {
	if of.Kind != "legal" {
		return nil
	}
	layout, err := s.Forms.Layout(ctx, item.FormID, item.FormVersion)
	if err != nil {
		return err
	}
	var filled map[string]any
	if err := json.Unmarshal(form, &filled); err != nil {
		return fmt.Errorf("form that was just checked: %w", err)
	}
	for path, what := range layout.Prefill {
		if what != "uscc" {
			continue
		}
		parent, last := at(filled, path)
		if code, _ := parent[last].(string); code != "" && code != of.IDNumber {
			return fault.New(fault.Invalid, "form.invalid", "表单有误，请按提示修改后重新提交。").WithFields(fault.Field{
				Path: "/form/" + last, Message: "与登录的企业不一致。请填写本企业的统一社会信用代码，或换用该企业的账号登录后申请。",
			})
		}
	}
	return nil
}
