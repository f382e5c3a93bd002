package workday_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onedoor/data"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/workday"
)

// published is the State Council calendar 2007 to 2026.
func published(t testing.TB) *workday.Calendar {
	t.Helper()
	f, err := data.FS.Open(data.Holidays)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := workday.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads "2026-02-10" (ten in the morning) or "2026-02-10 18:00" in Asia/Shanghai.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	if len(s) == len("2026-02-10") {
		s += " 10:00"
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDeadline(t *testing.T) {
	c := published(t)
	w := func(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.Working} }
	n := func(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.Natural} }
	for _, v := range []struct {
		situation, start string
		limit            workday.Limit
		due              string
		provisional      bool
	}{
		{"an ordinary week: the first day is not counted", "2026-11-16", w(4), "2026-11-20 17:30", false},
		{"accepted at midnight counts as that day", "2026-11-16 00:00", w(4), "2026-11-20 17:30", false},
		{"accepted on a Sunday online", "2026-11-22", w(20), "2026-12-18 17:30", false},
		{"across Spring Festival 2026, two make-up Saturdays", "2026-02-09", w(20), "2026-03-13 17:30", false},
		{"the Saturday before Spring Festival is worked", "2026-02-13", w(1), "2026-02-14 17:30", false},
		{"accepted on a make-up Saturday", "2026-02-14", w(1), "2026-02-24 17:30", false},
		{"a make-up Sunday before National Day is worked", "2026-09-18", w(5), "2026-09-24 17:30", false},
		{"across Mid-Autumn and National Day 2026", "2026-09-24", w(10), "2026-10-15 17:30", false},
		{"last working day before the golden week", "2026-09-30", w(1), "2026-10-08 17:30", false},
		{"the Saturday after the golden week is worked", "2026-09-30", w(3), "2026-10-10 17:30", false},
		{"Spring Festival 2024, worked Sundays", "2024-02-08", w(10), "2024-02-28 17:30", false},
		{"within the year that is published last", "2026-12-01", w(20), "2026-12-29 17:30", false},
		{"into a year not published: weekends only", "2026-12-30", w(2), "2027-01-01 17:30", true},
		{"ends on the last published day", "2026-12-30", w(1), "2026-12-31 17:30", false},
		{"wholly in a year not published", "2027-03-01", w(5), "2027-03-08 17:30", true},

		{"natural days end on a working day", "2026-11-16", n(4), "2026-11-20 17:30", false},
		{"natural days that end on a Saturday move to Monday", "2026-11-16", n(5), "2026-11-23 17:30", false},
		{"natural days that end in the golden week move behind it", "2026-09-24", n(10), "2026-10-08 17:30", false},
		{"natural days that end on a worked Sunday stay", "2024-02-08", n(10), "2024-02-18 17:30", false},
		{"natural days into a year not published", "2026-12-20", n(15), "2027-01-04 17:30", true},
		{"a holiday that moves the end over the year", "2026-12-30", n(2), "2027-01-01 17:30", true},

		{"on the spot, in the morning", "2026-11-16 09:00", w(0), "2026-11-16 17:30", false},
		{"on the spot, at the close", "2026-11-16 17:30", w(0), "2026-11-16 17:30", false},
		{"on the spot, after hours", "2026-11-16 20:00", w(0), "2026-11-17 17:30", false},
		{"on the spot, Friday night", "2026-11-20 20:00", n(0), "2026-11-23 17:30", false},
		{"on the spot, on a Saturday night", "2026-11-21 20:00", w(0), "2026-11-23 17:30", false},
		{"on the spot, on a make-up Saturday", "2026-10-10 09:00", w(0), "2026-10-10 17:30", false},
		{"on the spot, in the golden week", "2026-10-01 09:00", w(0), "2026-10-08 17:30", false},
		{"on the spot, New Year's Eve after hours", "2026-12-31 18:00", w(0), "2027-01-01 17:30", true},
	} {
		due, provisional := c.Deadline(at(t, v.start), v.limit)
		if !due.Equal(at(t, v.due)) || provisional != v.provisional {
			t.Errorf("%s: %s from %s is due %s, provisional %v", v.situation, v.limit, v.start, due, provisional)
		}
	}
}

func TestDeadlineIsCountedInShanghai(t *testing.T) {
	c := published(t)
	// 20:00 UTC on Sunday is Monday morning in Shanghai, and Monday is not counted.
	due, _ := c.Deadline(time.Date(2026, 11, 15, 20, 0, 0, 0, time.UTC), workday.Limit{Value: 1, Unit: workday.Working})
	if want := at(t, "2026-11-17 17:30"); !due.Equal(want) {
		t.Errorf("due %s, want %s", due, want)
	}
}

func TestExtend(t *testing.T) {
	c := published(t)
	// Art 42: twenty days and ten more are the thirtieth working day.
	start := at(t, "2026-08-03")
	due, _ := c.Deadline(start, workday.Limit{Value: 20, Unit: workday.Working})
	extended, provisional := c.Extend(due, workday.Limit{Value: 10, Unit: workday.Working})
	want, _ := c.Deadline(start, workday.Limit{Value: 30, Unit: workday.Working})
	if !extended.Equal(want) || provisional {
		t.Errorf("extended to %s, want %s", extended, want)
	}
	if same, _ := c.Extend(due, workday.Limit{}); !same.Equal(due) {
		t.Errorf("an extension by nothing moved %s to %s", due, same)
	}
	if _, provisional := c.Extend(at(t, "2026-12-25 17:30"), workday.Limit{Value: 10, Unit: workday.Working}); !provisional {
		t.Error("an extension into 2027 must be provisional")
	}
}

func TestShift(t *testing.T) {
	c := published(t)
	for _, v := range []struct{ situation, due, from, to, want string }{
		{"an inspection of two days", "2026-11-20 17:30", "2026-11-16", "2026-11-18", "2026-11-24 17:30"},
		{"back on the same day", "2026-11-20 17:30", "2026-11-16 09:00", "2026-11-16 16:00", "2026-11-20 17:30"},
		{"a weekend costs nothing", "2026-11-24 17:30", "2026-11-20", "2026-11-22", "2026-11-24 17:30"},
		{"a hearing over the golden week", "2026-10-09 17:30", "2026-09-29", "2026-10-08", "2026-10-12 17:30"},
		{"resumed before it began", "2026-11-20 17:30", "2026-11-18", "2026-11-16", "2026-11-20 17:30"},
	} {
		if got := c.Shift(at(t, v.due), at(t, v.from), at(t, v.to)); !got.Equal(at(t, v.want)) {
			t.Errorf("%s: %s, want %s", v.situation, got, v.want)
		}
	}
}

func TestLeftAndLight(t *testing.T) {
	c := published(t)
	start, due := "2026-09-14", "2026-10-15 17:30"
	for _, v := range []struct {
		now   string
		left  int
		light workday.Light
	}{
		{"2026-09-14", 19, workday.Green},
		{"2026-09-30", 7, workday.Green},
		{"2026-10-03", 7, workday.Green}, // the golden week uses up no time
		{"2026-10-09", 5, workday.Green},
		{"2026-10-10", 4, workday.Green}, // a worked Saturday; 4 of 19 is more than a fifth
		{"2026-10-12", 3, workday.Yellow},
		{"2026-10-14", 1, workday.Yellow},
		{"2026-10-15 17:30", 0, workday.Yellow},
		{"2026-10-15 17:31", 0, workday.Red},
		{"2026-10-20", -3, workday.Red},
	} {
		if left := c.Left(at(t, v.now), at(t, due)); left != v.left {
			t.Errorf("%s: %d days left, want %d", v.now, left, v.left)
		}
		if light := c.Light(at(t, v.now), at(t, start), at(t, due)); light != v.light {
			t.Errorf("%s: %s, want %s", v.now, light, v.light)
		}
	}
}

func TestWeekends(t *testing.T) {
	c := published(t)
	for day, want := range map[string]bool{
		"1969-12-29": true, "1970-01-01": true, "1970-01-03": false, "1970-01-04": false, "1970-01-05": true,
		"2026-11-20": true, "2026-11-21": false, "2026-11-22": false, "2026-11-23": true,
		"2026-10-10": true, "2026-10-05": false, "2027-10-01": true,
	} {
		if got := c.IsWorkday(at(t, day)); got != want {
			t.Errorf("%s is worked: %v", day, got)
		}
	}
	if left := c.Left(at(t, "2026-11-23"), time.Time{}); left > -500_000 {
		t.Errorf("a deadline that was never set: %d days", left)
	}
}

func TestLimitString(t *testing.T) {
	for want, l := range map[string]workday.Limit{
		"20个工作日": {Value: 20, Unit: workday.Working}, "15个自然日": {Value: 15, Unit: workday.Natural}, "当场办结": {},
	} {
		if l.String() != want {
			t.Errorf("%+v prints %s", l, l)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "date,is_off_day,name,paper\n"
	for situation, in := range map[string]string{
		"nothing":             "",
		"another heading":     "day,off,name,paper\n2026-10-01,1,国庆节,x\n",
		"no date":             head + "1 October,1,国庆节,x\n",
		"neither off nor on":  head + "2026-10-01,2,国庆节,x\n",
		"both off and worked": head + "2026-10-01,1,国庆节,x\n2026-10-01,0,国庆节,x\n",
		"no complete year":    head + "2026-01-01,1,元旦,x\n",
		"a column missing":    head + "2026-10-01,1,国庆节\n",
	} {
		if _, err := workday.Load(strings.NewReader(in)); err == nil {
			t.Errorf("%s: accepted", situation)
		}
	}
}

func TestYearsPublished(t *testing.T) {
	c := published(t)
	for year, want := range map[int]bool{2006: false, 2007: true, 2026: true, 2027: false} {
		if c.Published(year) != want {
			t.Errorf("%d published: %v", year, !want)
		}
	}
}

// anyDay is an instant from the middle of 2007 to the end of 2028.
func anyDay(t *rapid.T, label string) time.Time {
	first := time.Date(2007, 6, 1, 0, 0, 0, 0, clock.Shanghai)
	return first.Add(time.Duration(rapid.IntRange(0, 7800*24*60).Draw(t, label)) * time.Minute)
}

func TestProperties(t *testing.T) {
	c := published(t)
	t.Run("a deadline is the close of a working day, never before the start's day", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			start := anyDay(t, "start")
			l := workday.Limit{Value: rapid.IntRange(0, 90).Draw(t, "n"), Unit: rapid.SampledFrom([]workday.Unit{workday.Working, workday.Natural}).Draw(t, "unit")}
			due, _ := c.Deadline(start, l)
			if !c.IsWorkday(due) || due.Format("15:04") != "17:30" || due.Before(start) {
				t.Fatalf("%s from %s: %s", l, start, due)
			}
		})
	})
	t.Run("working days: exactly n are left", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			start, n := anyDay(t, "start"), rapid.IntRange(1, 90).Draw(t, "n")
			due, _ := c.Deadline(start, workday.Limit{Value: n, Unit: workday.Working})
			if left := c.Left(start, due); left != n {
				t.Fatalf("%d left of %d", left, n)
			}
		})
	})
	t.Run("days left are the working days one by one", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			from := anyDay(t, "from")
			to, n := from, 0
			for range rapid.IntRange(0, 400).Draw(t, "days") {
				if to = to.AddDate(0, 0, 1); c.IsWorkday(to) {
					n++
				}
			}
			if c.Left(from, to) != n || c.Left(to, from) != -n {
				t.Fatalf("from %s to %s: %d and %d, counted %d", from, to, c.Left(from, to), c.Left(to, from), n)
			}
		})
	})
	t.Run("more days never end earlier, a later start neither", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			start, n := anyDay(t, "start"), rapid.IntRange(0, 60).Draw(t, "n")
			unit := rapid.SampledFrom([]workday.Unit{workday.Working, workday.Natural}).Draw(t, "unit")
			later := start.Add(time.Duration(rapid.IntRange(0, 20000).Draw(t, "later")) * time.Minute)
			a, _ := c.Deadline(start, workday.Limit{Value: n, Unit: unit})
			b, _ := c.Deadline(start, workday.Limit{Value: n + 1, Unit: unit})
			d, _ := c.Deadline(later, workday.Limit{Value: n, Unit: unit})
			if b.Before(a) || d.Before(a) {
				t.Fatalf("%d %s: %s; one more: %s; started %s later: %s", n, unit, a, b, later.Sub(start), d)
			}
		})
	})
	t.Run("a suspension keeps the days that were left", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			start := anyDay(t, "start")
			due, _ := c.Deadline(start, workday.Limit{Value: rapid.IntRange(1, 45).Draw(t, "n"), Unit: workday.Working})
			from := start.Add(time.Duration(rapid.Int64Range(0, int64(due.Sub(start))).Draw(t, "suspended")))
			to := from.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "for")) * time.Minute)
			if before, after := c.Left(from, due), c.Left(to, c.Shift(due, from, to)); before != after {
				t.Fatalf("%d before, %d after", before, after)
			}
		})
	})
	t.Run("a light only gets worse", func(t *testing.T) {
		rank := map[workday.Light]int{workday.Green: 0, workday.Yellow: 1, workday.Red: 2}
		rapid.Check(t, func(t *rapid.T) {
			start := anyDay(t, "start")
			due, _ := c.Deadline(start, workday.Limit{Value: rapid.IntRange(0, 45).Draw(t, "n"), Unit: workday.Working})
			now := start.Add(time.Duration(rapid.IntRange(0, 90*24*60).Draw(t, "passed")) * time.Minute)
			later := now.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "more")) * time.Minute)
			if rank[c.Light(later, start, due)] < rank[c.Light(now, start, due)] {
				t.Fatalf("%s at %s, %s at %s", c.Light(now, start, due), now, c.Light(later, start, due), later)
			}
		})
	})
}
