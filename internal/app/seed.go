package app

import (
	"context"
	"fmt"
	"strings"

	"onedoor/internal/identity"
	"onedoor/internal/platform/config"
	"onedoor/internal/story"
)

// Seed loads the forms, and the reference city when the settings ask for it. It
// is idempotent; the second start finds everything there in milliseconds.
func (a *App) Seed(ctx context.Context) error {
	ctx = system(ctx)
	m := a.modules
	if err := m.form.Seed(ctx); err != nil {
		return fmt.Errorf("load the forms: %w", err)
	}
	if a.cfg.DemoCity {
		for _, step := range []struct {
			what string
			load func(context.Context) error
		}{
			{"divisions, departments and posts", m.directory.Seed},
			{"demo accounts", m.identity.SeedDemo},
			{"service items", m.catalog.Seed},
		} {
			if err := step.load(ctx); err != nil {
				return fmt.Errorf("load the %s of the reference city: %w", step.what, err)
			}
		}
	}
	return a.exportTrust(ctx)
}

// Welcome says where to look, with which accounts and what to try first.
func Welcome(cfg config.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n一扇门已在 %s 运行（示范城市：%s，人物均为虚构）\n\n", cfg.Public(), cfg.City)
	fmt.Fprintf(&b, "  演示账号（密码都是 %s）\n", identity.DemoPassword)
	for _, d := range identity.DemoAccounts() {
		fmt.Fprintf(&b, "    %s  %s\n", pad(d.Login, 14), d.Who)
	}
	fmt.Fprintf(&b, `
  可以先试
    1. 打开 %[1]s ，搜“食品经营”，看办事指南，用企业账号登录后“立即申请”
    2. 打开 %[1]s/desk ，用窗口账号受理，再用审查、审批账号办结
    3. 回到“我的证照”下载 OFD，到 %[1]s/verify 上传查验；改动任何一个字节都会被发现

  按 Ctrl-C 停止，数据保存在 %[2]s

`, cfg.Public(), cfg.Data)
	return b.String()
}

func pad(s string, n int) string {
	if len(s) >= n {
		return s
	}
	return s + strings.Repeat(" ", n-len(s))
}

// DemoStories are the stories that `onedoor demo` plays: one for a person, one
// for an enterprise through its agent.
func DemoStories(base string) []*story.Story {
	return []*story.Story{
		{Base: base, Search: "食品经营许可", Cast: story.Cast{
			Applicant: "13800000002", Clerk: "chuangkou", Reviewer: "shenhe1", Approver: "shenpi", Password: identity.DemoPassword,
		}},
		{Base: base, Search: "公共场所卫生许可", Cast: story.Cast{
			Applicant: "13800000001", Clerk: "chuangkou", Reviewer: "shenhe2", Approver: "lianpi", Password: identity.DemoPassword,
		}},
	}
}
