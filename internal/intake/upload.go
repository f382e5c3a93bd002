package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/filecheck"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/sm"
)

// MaxFileSize and MaxFiles are said on the page before anybody chooses a file.
const (
	MaxFileSize = 20 << 20 // bytes
	MaxFiles    = 50       // of one application
)

var (
	errTooManyFiles = fault.New(fault.Conflict, "intake.too-many-files", "一次申请最多上传50个附件，请合并或删除一些附件后再上传。")
	// ErrFileTooLarge is also what a body announced as too large gets, before it is read.
	ErrFileTooLarge = fault.New(fault.TooLarge, "intake.file-too-large", "单个附件不能超过20 MB，请压缩或拆分后再上传。")
	errFileEmpty    = fault.New(fault.Invalid, "intake.file-empty", "这个附件是空的，请检查文件后重新上传。")
	errFileNotFound = fault.New(fault.NotFound, "intake.file-not-found", "没有找到这个附件，可能已被删除，请刷新页面。")
)

// Upload is one file being handed in for a material.
type Upload struct {
	Material string
	Name     string
	Body     io.Reader
}

const uploadColumns = `id, material, name, size, content_type, blob_key, sm3, 0 AS round, created_at, name_sealed`

// UploadToDraft stores a file with a draft.
func (s *Service) UploadToDraft(ctx context.Context, draftID string, u Upload) (*File, error) {
	draft, err := s.loadDraft(ctx, actor.From(ctx), draftID)
	if err != nil {
		return nil, err
	}
	return s.upload(ctx, u, &draft.ID, nil)
}

// UploadToCase stores a file for the reply to a supplement notice.
func (s *Service) UploadToCase(ctx context.Context, caseNo string, u Upload) (*File, error) {
	who := actor.From(ctx)
	d, err := s.load(ctx, who, caseNo)
	if err != nil {
		return nil, err
	}
	if who.ApplicantID != d.ApplicantID {
		return nil, errApplicantOnly
	}
	if f := TransitionOf(MoveSupplement).check(d.State); f != nil {
		return nil, f
	}
	return s.upload(ctx, u, nil, &d.CaseNo)
}

// upload takes the body whole, looks into it, stores it and only then writes the row: a body
// cut off half way, too large, of a wrong kind or with something active in it leaves neither
// row nor blob.
func (s *Service) upload(ctx context.Context, u Upload, draftID, caseNo *string) (*File, error) {
	who := actor.From(ctx)
	name := cleanName(u.Name)
	if u.Material == "" || len(u.Material) > 64 {
		return nil, fault.New(fault.Invalid, "intake.material-missing", "请说明这个附件属于哪一项材料。")
	}
	if err := s.checkRoom(ctx, draftID, caseNo); err != nil {
		return nil, err
	}
	kind, body, err := sniff(name, u.Body)
	if err != nil {
		return nil, err
	}
	now := s.now()
	row := fileRow{ID: postgres.NewID(), Material: u.Material, Name: name, ContentType: kind, CreatedAt: now}
	row.BlobKey = "intake/" + now.Format("2006/01/02") + "/" + row.ID
	safe, err := s.inspect(ctx, kind, &limitedReader{r: body, left: MaxFileSize})
	if err != nil {
		return nil, err
	}
	row.Size, row.SM3, err = s.Blobs.Put(ctx, row.BlobKey, bytes.NewReader(safe), kind)
	if err == nil {
		err = s.saveUpload(ctx, &row, who.AccountID, draftID, caseNo)
	}
	if err != nil {
		s.dropBlob(ctx, row.BlobKey)
		return nil, err
	}
	f := row.view()
	return &f, nil
}

// inspect gives what may be kept of a file. While it comes in, perhaps slowly, it waits in a
// temporary file without a name, not in memory.
func (s *Service) inspect(ctx context.Context, kind string, body io.Reader) ([]byte, error) {
	f, err := os.CreateTemp("", "onedoor-upload-")
	if err != nil {
		return nil, fault.New(fault.Unavailable, "intake.no-space", "文件暂时无法接收，请稍后再试。").Because(err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	if _, err := io.Copy(f, body); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	return filecheck.Check(ctx, kind, data)
}

// checkRoom is the early answer; saveUpload asks again under a lock.
func (s *Service) checkRoom(ctx context.Context, draftID, caseNo *string) error {
	var n int
	err := s.DB.Q(ctx).QueryRow(ctx, countFiles, draftID, caseNo).Scan(&n)
	if err != nil {
		return postgres.Fault(fmt.Errorf("count files: %w", err))
	}
	if n >= MaxFiles {
		return errTooManyFiles
	}
	return nil
}

const countFiles = `SELECT (SELECT count(*) FROM intake.uploads WHERE draft_id = $1)
	+ (SELECT count(*) FROM intake.uploads WHERE case_no = $2) + (SELECT count(*) FROM intake.files WHERE case_no = $2)`

func (s *Service) saveUpload(ctx context.Context, f *fileRow, accountID string, draftID, caseNo *string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		// The owner's row is locked, so that two uploads at once can't both be the fiftieth,
		// and a submit or a deletion in between is noticed.
		lock, owner := `SELECT 1 FROM intake.drafts WHERE id = $1 FOR UPDATE`, draftID
		if caseNo != nil {
			lock, owner = `SELECT 1 FROM intake.cases WHERE case_no = $1 AND state = 'supplement_requested' FOR UPDATE`, caseNo
		}
		tag, err := s.DB.Q(ctx).Exec(ctx, lock, owner)
		if err != nil {
			return fmt.Errorf("lock the file's owner: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return errDraftNotFound
		}
		if err := s.checkRoom(ctx, draftID, caseNo); err != nil {
			return err
		}
		_, err = s.DB.Q(ctx).Exec(ctx, `INSERT INTO intake.uploads
			(id, account_id, draft_id, case_no, material, name, name_sealed, size, content_type, blob_key, sm3, created_at)
			VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $10, $11)`,
			f.ID, accountID, draftID, caseNo, f.Material, s.seal(sm.House, f.Name, fileNameContext(f.ID)), f.Size, f.ContentType, f.BlobKey, f.SM3, f.CreatedAt)
		return err
	})
}

// DeleteFile removes a file that has not been handed in yet.
func (s *Service) DeleteFile(ctx context.Context, id string) error {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return err
	}
	if uuid.Validate(id) != nil {
		return errFileNotFound
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `DELETE FROM intake.uploads WHERE id = $1 AND account_id = $2 RETURNING blob_key`, id, who.AccountID)
	if err != nil {
		return postgres.Fault(fmt.Errorf("delete file: %w", err))
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return postgres.Fault(fmt.Errorf("delete file: %w", err))
	}
	if len(keys) == 0 {
		return errFileNotFound
	}
	s.dropBlob(ctx, keys[0])
	return nil
}

// StoredFile is a file to be sent to a reader whose right has been checked.
type StoredFile struct {
	File
	Body io.ReadCloser
}

// OpenFile finds a file by id: an own upload, or a file of a case the reader may know of.
func (s *Service) OpenFile(ctx context.Context, id string) (*StoredFile, error) {
	who := actor.From(ctx)
	if uuid.Validate(id) != nil {
		return nil, errFileNotFound
	}
	f, err := s.readableFile(ctx, who, id)
	if err != nil {
		return nil, err
	}
	body, _, err := s.Blobs.Open(ctx, f.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return &StoredFile{f.view(), body}, nil
}

func (s *Service) readableFile(ctx context.Context, who *actor.Actor, id string) (*fileRow, error) {
	if who.ApplicantID != "" {
		own, err := s.uploads(ctx, `id = $1 AND account_id = $2`, id, who.AccountID)
		if err != nil {
			return nil, err
		}
		if len(own) == 1 {
			return &own[0], nil
		}
	}
	var caseNo string
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT case_no FROM intake.files WHERE id = $1`, id)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("find file: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("find file: %w", err))
	}
	if len(found) == 0 {
		return nil, errFileNotFound
	}
	caseNo = found[0]
	d, err := s.loadDossier(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if mayKnow(who, &d.record) {
		if err := s.viewed(ctx, who, &d.record); err != nil {
			return nil, fmt.Errorf("evidence of reading: %w", err)
		}
		for i := range d.files {
			if d.files[i].ID == id {
				return &d.files[i], nil
			}
		}
	}
	return nil, errFileNotFound
}

// uploads lists waiting files by a condition of this package.
func (s *Service) uploads(ctx context.Context, where string, args ...any) ([]fileRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+uploadColumns+` FROM intake.uploads WHERE `+where+` ORDER BY created_at, id`, args...)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list files: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[fileRow])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list files: %w", err))
	}
	return found, s.unsealNames(found)
}

// dropBlob deletes what no row refers to. A failure leaves an unreachable blob behind,
// which costs space and shows nobody anything.
func (s *Service) dropBlob(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.Blobs.Delete(ctx, key); err != nil {
		s.Log.WarnContext(ctx, "blob left behind", "key", key, "error", err)
	}
}

// cleanName keeps the last part of a path and nothing that a file system, a header or a
// screen would take for a command.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r) {
			return -1 // a reversed name hides its real ending
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 120 {
		name = string(r[:100]) + string(r[len(r)-20:])
	}
	if name == "." || name == "/" || name == "" {
		return "附件"
	}
	return name
}

// limitedReader fails, rather than ends, beyond the limit: a truncated file must not
// look like a whole one.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, ErrFileTooLarge
	}
	return n, err
}
