package cluster

// Problem is why the private cluster cannot start, for the person at the
// terminal: what is wrong and what to do, in Chinese and in English.
type Problem struct {
	Code    string // stable, for tests and programs
	Message string // 中文
	English string
}

func (p *Problem) Error() string { return p.Message + "\n" + p.English }

// Is compares by code.
func (p *Problem) Is(target error) bool {
	t, ok := target.(*Problem)
	return ok && t.Code == p.Code
}

// The problems, as sentinels for errors.Is.
var (
	ErrNoPostgres = &Problem{Code: "cluster.no-postgres"}
	ErrTooOld     = &Problem{Code: "cluster.postgres-too-old"}
	ErrVersion    = &Problem{Code: "cluster.other-version"}
	ErrForeign    = &Problem{Code: "cluster.foreign-folder"}
	ErrLocked     = &Problem{Code: "cluster.in-use"}
	ErrOwner      = &Problem{Code: "cluster.wrong-owner"}
	ErrAbsent     = &Problem{Code: "cluster.absent"}
	ErrNoTool     = &Problem{Code: "cluster.no-tool"}
)

func problem(kind *Problem, zh, en string) *Problem {
	return &Problem{Code: kind.Code, Message: zh, English: en}
}
