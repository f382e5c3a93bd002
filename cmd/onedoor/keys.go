package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"text/tabwriter"

	"onedoor/internal/app"
	"onedoor/internal/platform/config"
	"onedoor/internal/platform/sm"
)

type keysCmd struct {
	Status    keysStatusCmd    `cmd:"" default:"1" help:"Which keys there are, and how far a rotation is. Shows no key."`
	Rotate    keysRotateCmd    `cmd:"" help:"New data keys for every organisation; what lies under the old ones is encrypted again while the system runs. Killed, it goes on where it was."`
	Rewrap    keysRewrapCmd    `cmd:"" help:"Wrap all data keys under the newest key of ONEDOOR_KEK; after it the former one is not needed."`
	NewMaster keysNewMasterCmd `cmd:"" help:"Append a new key to the key file (ONEDOOR_KEK=file), then rewrap."`
	CreateKEK keysCreateCmd    `cmd:"" name:"create-kek" help:"Make the AES key in the PKCS#11 token, unless it is there."`
}

// beside opens the system next to a running server and closes it again.
func beside(ctx context.Context, cfg config.Config, log *slog.Logger, do func(*app.App) error) (err error) {
	a, err := app.OpenBeside(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	return do(a)
}

type keysStatusCmd struct{}

// Run prints keys and progress.
func (keysStatusCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return beside(ctx, cfg, log, func(a *app.App) error {
		s, err := a.Rotator().Status(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("主密钥：%s，新数据密钥：%s\n\n", s.Provider, s.Algorithm)
		t := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintln(t, "编号\t用途\t单位\t算法\t主密钥\t状态\t生成时间")
		for _, k := range s.Keys {
			org := k.Org
			if org == sm.House {
				org = "（公共）"
			}
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, purposes[k.Purpose], org, k.Algorithm, k.KEK, states[k.State], k.CreatedAt.Format("2006-01-02 15:04"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if s.Rotation != nil {
			fmt.Println()
			printRotation(*s.Rotation)
		}
		return nil
	})
}

var (
	purposes = map[string]string{"data": "加密", "blind": "查找索引"}
	states   = map[string]string{"active": "使用中", "retiring": "正在停用", "retired": "已停用"}
)

func printRotation(r sm.Rotation) {
	if r.FinishedAt != nil {
		fmt.Printf("轮换 %d（%s）已于 %s 完成\n", r.ID, r.Reason, r.FinishedAt.Format("2006-01-02 15:04:05"))
		return
	}
	fmt.Printf("轮换 %d（%s）正在进行，第 %d 遍\n", r.ID, r.Reason, r.Pass)
	t := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	for _, g := range r.Targets {
		done := ""
		if g.Done {
			done = "完成"
		}
		fmt.Fprintf(t, "  %s\t已重新加密 %d\t约共 %d\t%s\n", g.Name, g.Changed, g.Rows, done)
	}
	_ = t.Flush()
}

type keysRotateCmd struct {
	Reason string `default:"定期轮换" help:"Why, for the record."`
	Detach bool   `help:"Only begin: the running servers do the work."`
}

// Run begins a rotation, or goes on with one, and works beside the servers until it is over.
func (c keysRotateCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return beside(ctx, cfg, log, func(a *app.App) error {
		by := "命令行"
		if u, err := user.Current(); err == nil {
			by += " " + u.Username
		}
		id, begun, err := a.RotateKeys(ctx, by, c.Reason)
		if err != nil {
			return err
		}
		if begun {
			fmt.Printf("轮换 %d 已开始：各单位都有了新的数据密钥，旧密钥不再用于加密。\n", id)
		} else {
			fmt.Printf("轮换 %d 尚未完成，接着进行。\n", id)
		}
		if c.Detach {
			fmt.Println("由运行中的服务继续；进度：onedoor keys status")
			return nil
		}
		last := ""
		return a.Rotator().Finish(ctx, id, func(r sm.Rotation) {
			changed, done := int64(0), 0
			for _, t := range r.Targets {
				changed += t.Changed
				if t.Done {
					done++
				}
			}
			line := fmt.Sprintf("第 %d 遍，%d/%d 列完成，已重新加密 %d 个值", r.Pass, done, len(r.Targets), changed)
			if r.FinishedAt != nil {
				line = fmt.Sprintf("完成：%d 个值已重新加密，旧密钥已停用", changed)
			}
			if line != last {
				fmt.Println(line)
			}
			last = line
		})
	})
}

type keysRewrapCmd struct{}

// Run wraps the data keys again.
func (keysRewrapCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	return beside(ctx, cfg, log, func(a *app.App) error {
		n, err := a.Rotator().Rewrap(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%d 个数据密钥已改由 %s 的最新主密钥保护\n", n, cfg.KEK)
		return nil
	})
}

type keysNewMasterCmd struct{}

// Run appends to the key file and wraps again.
func (keysNewMasterCmd) Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if cfg.KEK != "file" {
		return errors.New("ONEDOOR_KEK is not file: a new key is made where the key is kept")
	}
	if err := sm.AddMaster(cfg.MasterKey()); err != nil {
		return err
	}
	fmt.Println("已在 " + cfg.MasterKey() + " 末尾加入新的主密钥，请立即备份；其他服务器要使用同一份文件。")
	return keysRewrapCmd{}.Run(ctx, cfg, log)
}

type keysCreateCmd struct{}

// Run makes the key in the token.
func (keysCreateCmd) Run(ctx context.Context, cfg config.Config) error {
	if err := app.CreateKEK(ctx, cfg); err != nil {
		return err
	}
	fmt.Printf("密码机 %s 中已有主密钥 %s\n", cfg.PKCS11Token, cfg.PKCS11Key)
	return nil
}
