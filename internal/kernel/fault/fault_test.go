package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"onedoor/internal/kernel/fault"
)

var errStale = fault.New(fault.Conflict, "case.stale-version", "办件已被他人办理，请刷新后再试。")

func TestFaultSurvivesWrapping(t *testing.T) {
	cause := errors.New("version 3, want 2")
	err := fmt.Errorf("decide: %w", errStale.WithCurrent("accepted").Because(cause))
	got := fault.Of(err)
	if got.Code != "case.stale-version" || got.Current != "accepted" || fault.KindOf(err) != fault.Conflict {
		t.Errorf("%+v", got)
	}
	if !errors.Is(err, errStale) || !errors.Is(err, cause) {
		t.Error("neither the sentinel nor the cause may be lost")
	}
	if errors.Is(err, fault.New(fault.Conflict, "case.other", "")) {
		t.Error("another code is another fault")
	}
	if errStale.Current != nil || errStale.Unwrap() != nil {
		t.Error("the sentinel itself was changed")
	}
}

func TestWhatIsNoFaultShowsNothing(t *testing.T) {
	got := fault.Of(errors.New("password=hunter2 rejected by 10.0.0.3"))
	if got.Kind != fault.Internal || got.Code != "internal" || len(got.Message) == 0 {
		t.Errorf("%+v", got)
	}
	if fault.KindOf(nil) != "" {
		t.Error("no error has no kind")
	}
}

func TestFields(t *testing.T) {
	f := fault.New(fault.Invalid, "form.invalid", "请改正标出的内容。")
	with := f.WithFields(fault.Field{Path: "/form/phone", Message: "请填写 11 位手机号码。"})
	if len(with.Fields) != 1 || len(f.Fields) != 0 {
		t.Errorf("%+v, %+v", with, f)
	}
}
