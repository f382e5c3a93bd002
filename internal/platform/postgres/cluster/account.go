package cluster

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is whom the server runs as. drop is false when that is ourselves.
type account struct {
	name     string
	uid, gid int
	drop     bool
}

// accountFor is ourselves, unless we are root: PostgreSQL refuses root, and so do
// we. An existing folder decides, so that its owner stays the same.
func accountFor(pgdata string) (account, error) {
	euid := os.Geteuid()
	owner, exists := ownerOf(pgdata)
	if euid != 0 {
		if exists && owner.uid != euid {
			return account{}, problem(ErrOwner,
				fmt.Sprintf("数据目录 %s 属于用户 %s，当前用户不能使用。请以该用户或 root 启动，或用 --data 指定另一个目录。", pgdata, owner.name),
				fmt.Sprintf("The data folder %s belongs to user %s. Start as that user or as root, or name another folder with --data.", pgdata, owner.name))
		}
		return account{name: strconv.Itoa(euid), uid: euid, gid: os.Getegid()}, nil
	}
	if exists && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return account{name: name, uid: uid, gid: gid, drop: true}, nil
		}
	}
	return account{}, problem(ErrOwner,
		"以 root 启动时需要用户 postgres 或 nobody 来运行数据库，系统里都没有。请建立其中一个，或以普通用户启动。",
		"Started as root, onedoor runs the database as postgres or nobody, and neither exists. Create one, or start as an ordinary user.")
}

func ownerOf(path string) (account, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return account{}, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	a := account{name: strconv.Itoa(int(st.Uid)), uid: int(st.Uid), gid: int(st.Gid), drop: true}
	if u, err := user.LookupId(a.name); err == nil {
		a.name = u.Username
	}
	return a, true
}

// attr makes a child run as the account, outside our process group: a Ctrl-C at
// the terminal is for onedoor alone, which stops the server after its requests.
func (a account) attr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // ids of the system
	}
	return attr
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// mayEnter reports whether the account may pass through the folder.
func (a account) mayEnter(info os.FileInfo) bool {
	if a.uid == 0 || !a.drop {
		return true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	switch {
	case ok && int(st.Uid) == a.uid:
		return mode&0o100 != 0
	case ok && int(st.Gid) == a.gid:
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}
