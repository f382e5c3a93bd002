package sm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
)

// people is a table as modules have them: a sealed column of an organisation's, one of
// the house's, and one that was plain before.
var people = []Column{
	{Table: "test.people", Column: "number", Key: []string{"region", "n"}, Org: "org", Context: func(k []string) string { return "number:" + k[0] + "/" + k[1] }},
	{Table: "test.people", Column: "phone", Key: []string{"region", "n"}, Context: func(k []string) string { return "phone:" + k[1] }, Before: func([]string) string { return "phone" }},
	{Table: "test.people", Column: "note_sealed", Plain: "note", Key: []string{"region", "n"}, Context: func(k []string) string { return "note:" + k[1] }},
	{Table: "test.people", Column: "detail_sealed", Plain: "detail", Key: []string{"region", "n"}, Context: func(k []string) string { return "detail:" + k[1] }},
}

const tableOfPeople = `CREATE SCHEMA test; CREATE TABLE test.people (region text COLLATE "C", n int, org text NOT NULL, number bytea NOT NULL, phone bytea,
	note text NOT NULL DEFAULT '', note_sealed bytea, detail jsonb, detail_sealed bytea, PRIMARY KEY (region, n))`

func number(n int) string { return fmt.Sprintf("4213031992%08d", n) }

func put(ctx context.Context, db *postgres.DB, k *Keyring, n int) error {
	org := []string{"health", "market", House}[n%3]
	_, err := db.Q(ctx).Exec(ctx, `INSERT INTO test.people (region, n, org, number, phone, note, detail) VALUES ('4213', $1, $2, $3, $4, $5, '{"a": 1}')`, n, org,
		k.SealFor(org, []byte(number(n)), "number:4213/"+strconv.Itoa(n)), k.Seal([]byte("138"), "phone"), "note "+strconv.Itoa(n))
	return err
}

func rotator(t testing.TB, db *postgres.DB, k *Keyring, files *Files) *Rotator {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	r := NewRotator(db, k, files, jobs.New(db, log, clock.System{}), log, people)
	r.settle, r.batch = 200*time.Millisecond, 50
	return r
}

// TestRotationInChild is the process that TestRotationIsKilled kills.
func TestRotationInChild(t *testing.T) {
	dsn := os.Getenv("ONEDOOR_TEST_ROTATION")
	if dsn == "" {
		return // only as a child
	}
	db, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id, _ := strconv.Atoi(os.Getenv("ONEDOOR_TEST_ROTATION_ID"))
	r := rotator(t, db, opened(t, db, os.Getenv("ONEDOOR_TEST_ROTATION_KEY")), nil)
	if err := r.Finish(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
}

// A rotation while others read and write, killed half way and gone on with by another
// process: nothing is unreadable at any time, and nothing is left under an old key.
func TestRotationIsKilled(t *testing.T) {
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	ctx := t.Context()
	if _, err := db.Pool.Exec(ctx, tableOfPeople); err != nil {
		t.Fatal(err)
	}
	legacy, err := OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	k := opened(t, db, path)
	const all = 6000
	if err := db.InTx(ctx, func(ctx context.Context) error {
		for n := range all {
			ring := k
			if n%4 == 0 { // from before data keys
				ring = legacy
			}
			if err := put(ctx, db, ring, n); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	old := k.now.Load().active[House].id

	// Two processes at work: one hears of the new keys, one has lost its ears.
	live, deaf := opened(t, db, path), opened(t, db, path)
	following, deafen := context.WithCancel(ctx)
	defer deafen()
	live.Start(following)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var reads, writes int
	traffic := func(ring *Keyring, seed uint64, until <-chan struct{}) {
		defer wg.Done()
		rnd := rand.New(rand.NewPCG(seed, 1))
		for {
			select {
			case <-until:
				return
			default:
			}
			n := rnd.IntN(all)
			var sealed, phone []byte
			if err := db.Pool.QueryRow(ctx, `SELECT number, phone FROM test.people WHERE region = '4213' AND n = $1`, n).Scan(&sealed, &phone); err != nil {
				t.Error(err)
				return
			}
			got, err := ring.Open(sealed, "number:4213/"+strconv.Itoa(n))
			if err != nil || string(got) != number(n) {
				t.Errorf("row %d: %q, %v", n, got, err)
				return
			}
			if n%5 == 0 {
				if _, err := db.Pool.Exec(ctx, `UPDATE test.people SET number = $2 WHERE region = '4213' AND n = $1`, n,
					ring.SealFor([]string{"health", "market", House}[n%3], []byte(number(n)), "number:4213/"+strconv.Itoa(n))); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				writes++
				mu.Unlock()
			}
			mu.Lock()
			reads++
			mu.Unlock()
		}
	}
	stopDeaf := make(chan struct{})
	wg.Add(2)
	go traffic(live, 1, stop)
	go traffic(deaf, 2, stopDeaf)

	r := rotator(t, db, k, nil)
	id, begun, err := r.Start(ctx, "管理员", "年度轮换")
	if err != nil || !begun {
		t.Fatal(begun, err)
	}
	if again, begun, err := r.Start(ctx, "管理员", "again"); err != nil || begun || again != id {
		t.Errorf("a second rotation beside the first: %d %v %v", again, begun, err)
	}
	child := exec.Command(os.Args[0], "-test.run", "TestRotationInChild$", "-test.timeout", "120s")
	child.Env = append(os.Environ(), "ONEDOOR_TEST_ROTATION="+db.Pool.Config().ConnString(), "ONEDOOR_TEST_ROTATION_KEY="+path, "ONEDOOR_TEST_ROTATION_ID="+strconv.Itoa(id))
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	changed := func() (n int) {
		if err := db.Pool.QueryRow(ctx, `SELECT coalesce(sum(changed), 0) FROM keys.progress`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	deadline := time.Now().Add(60 * time.Second)
	for changed() < 500 {
		if time.Now().After(deadline) {
			t.Fatalf("the child does nothing:\n%s", &said)
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	killedAt := changed()
	if killedAt >= 4*all {
		t.Fatalf("the child was through before it was killed: %d", killedAt)
	}
	// The deaf process goes away before the rotation can end, as its refresh would have it.
	close(stopDeaf)

	r.settle = 500 * time.Millisecond
	var told int
	if err := r.Finish(ctx, id, func(Rotation) { told++ }); err != nil {
		t.Fatal(err)
	}
	close(stop)
	wg.Wait()
	mu.Lock()
	t.Logf("killed after %d of %d values, %d reads and %d writes beside it, %d steps told", killedAt, 4*all, reads, writes, told)
	if reads == 0 || writes == 0 || told == 0 {
		t.Error("nothing happened beside the rotation")
	}
	mu.Unlock()

	for _, c := range people {
		if n, err := r.Left(ctx, c); err != nil || n != 0 {
			t.Errorf("%s: %d values under an old key, %v", c.Target(), n, err)
		}
	}
	var plain, active int
	if err := db.Pool.QueryRow(ctx, `SELECT count(*) FROM test.people WHERE note <> '' OR detail <> '{}'`).Scan(&plain); err != nil || plain != 0 {
		t.Errorf("%d values still in plain, %v", plain, err)
	}
	status, err := r.Status(ctx)
	if err != nil || status.Rotation.FinishedAt == nil {
		t.Fatalf("%+v, %v", status, err)
	}
	for _, key := range status.Keys {
		if key.Purpose == "data" && key.State == "active" {
			active++
		}
		if uint32(key.ID) == old && key.State != "retired" {
			t.Errorf("the old key is %s", key.State)
		}
	}
	if active != 3 {
		t.Errorf("%d keys in force for 3 organisations", active)
	}
	// A process that starts now, with the old master key's line gone from no one's use.
	fresh := opened(t, db, path)
	var note, detail []byte
	if err := db.Pool.QueryRow(ctx, `SELECT note_sealed, detail_sealed FROM test.people WHERE n = 17`).Scan(&note, &detail); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, fresh, note, "note:17", "note 17")
	var phone []byte
	if err := db.Pool.QueryRow(ctx, `SELECT phone FROM test.people WHERE n = 17`).Scan(&phone); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, fresh, phone, "phone:17", "138") // now bound to its row
	mustOpen(t, fresh, detail, "detail:17", `{"a": 1}`)
}

// A value that does not open stops the rotation with its place, and the old key stays.
func TestRotationStopsAtAnUnreadableValue(t *testing.T) {
	t.Parallel()
	db, path := database(t), filepath.Join(t.TempDir(), "master.key")
	if _, err := db.Pool.Exec(t.Context(), tableOfPeople); err != nil {
		t.Fatal(err)
	}
	k := opened(t, db, path)
	if err := put(t.Context(), db, k, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(t.Context(), `UPDATE test.people SET number = set_byte(number, 30, 1 + get_byte(number, 30) % 100)`); err != nil {
		t.Fatal(err)
	}
	r := rotator(t, db, k, nil)
	id, _, err := r.Start(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(t.Context(), id, nil); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v", err)
	}
	state, err := r.Rotation(t.Context(), id)
	if err != nil || state.FinishedAt != nil {
		t.Errorf("%+v, %v", state, err)
	}
}

// Files from before: plain until the rotation, sealed after it, readable all the time.
func TestRotationSealsOldFiles(t *testing.T) {
	t.Parallel()
	db, dir := database(t), t.TempDir()
	if _, err := db.Pool.Exec(t.Context(), tableOfPeople); err != nil {
		t.Fatal(err)
	}
	k := opened(t, db, filepath.Join(dir, "master.key"))
	blobs, err := blob.Open(t.Context(), "file://"+filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	f := NewFiles(db, k, blobs)
	const n = 230 // more than one step
	text := func(i int) string { return fmt.Sprintf("file %d 13800000001", i) }
	for i := range n {
		if _, _, err := blobs.Put(t.Context(), fmt.Sprintf("intake/%03d.txt", i), bytes.NewReader([]byte(text(i))), "text/plain"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.Put(t.Context(), "licence/new", bytes.NewReader([]byte("new")), "text/plain"); err != nil {
		t.Fatal(err)
	}
	read := func() {
		t.Helper()
		for i := range n {
			if got, err := f.Read(t.Context(), fmt.Sprintf("intake/%03d.txt", i)); err != nil || string(got) != text(i) {
				t.Fatalf("file %d: %q, %v", i, got, err)
			}
		}
	}
	read()
	r := rotator(t, db, k, f)
	id, _, err := r.Start(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
	read()
	err = filepath.WalkDir(filepath.Join(dir, "files"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".attrs" {
			return err
		}
		raw, err := os.ReadFile(path)
		if !bytes.HasPrefix(raw, []byte(magic)) || bytes.Contains(raw, []byte("13800000001")) {
			t.Errorf("%s lies in plain", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
