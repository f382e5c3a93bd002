package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/sm"
)

// Draft is an application being filled in. It is nobody's business but the account's,
// has no legal effect and no number.
type Draft struct {
	ID          string            `json:"id"`
	ItemID      string            `json:"item_id"`
	ItemName    string            `json:"item_name"`
	FormID      string            `json:"form_id"`
	FormVersion int               `json:"form_version"`
	Form        json.RawMessage   `json:"form"`
	Prefilled   map[string]string `json:"prefilled" doc:"已代填的栏目及来源"`
	Version     int               `json:"version"`
	Files       []File            `json:"files"`
	UpdatedAt   time.Time         `json:"updated_at"`
	CreatedAt   time.Time         `json:"created_at"`
}

type draftRow struct {
	ID          string
	AccountID   string
	ApplicantID string
	ItemID      string
	ItemName    string
	FormID      string
	FormVersion int
	Form        []byte
	Prefilled   map[string]string
	Version     int
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

const draftColumns = `id, account_id, applicant_id, item_id, item_name, form_id, form_version, form, prefilled, version, created_at, updated_at`

// maxDraftForm bounds what a draft may hold; the form's own limits are checked at submit.
const maxDraftForm = 256 << 10

var errDraftNotFound = fault.New(fault.NotFound, "intake.draft-not-found", "没有找到这份草稿，可能已经提交或删除，请在“我的办件”中查看。")

// OpenDraft returns the account's draft for the item, or begins one with what is already
// known of the applicant filled in.
func (s *Service) OpenDraft(ctx context.Context, itemID string) (*Draft, error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return nil, err
	}
	item, err := s.openItem(ctx, itemID, "")
	if err != nil {
		return nil, err
	}
	const existing = `SELECT ` + draftColumns + ` FROM intake.drafts WHERE account_id = $1 AND applicant_id = $2 AND item_id = $3`
	row, err := s.draft(ctx, existing, who.AccountID, who.ApplicantID, itemID)
	if errors.Is(err, errDraftNotFound) {
		if err = s.beginDraft(ctx, who, item); err == nil {
			row, err = s.draft(ctx, existing, who.AccountID, who.ApplicantID, itemID)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.viewDraft(ctx, row)
}

func (s *Service) beginDraft(ctx context.Context, who *actor.Actor, item *Item) error {
	form, sources, err := s.prefill(ctx, who, item)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("prefilled form: %w", err)
	}
	id, now := postgres.NewID(), s.now()
	_, err = s.DB.Q(ctx).Exec(ctx, `INSERT INTO intake.drafts (`+draftColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
		ON CONFLICT ON CONSTRAINT drafts_one_per_item DO NOTHING`, // two tabs may open the item at once
		id, who.AccountID, who.ApplicantID, item.ID, item.Name, item.FormID, item.FormVersion,
		s.Keys.SealFor(sm.House, raw, draftContext(id)), sources, now)
	return postgres.Fault(err)
}

// prefill is 国务院令716号 Art 7 at its smallest: who signed in need not be typed again.
func (s *Service) prefill(ctx context.Context, who *actor.Actor, item *Item) (map[string]any, map[string]string, error) {
	form, sources := map[string]any{}, map[string]string{}
	layout, err := s.Forms.Layout(ctx, item.FormID, item.FormVersion)
	if err != nil {
		return nil, nil, err
	}
	if len(layout.Prefill) == 0 {
		return form, sources, nil
	}
	of, err := s.Applicants.Applicant(ctx, who.ApplicantID)
	if err != nil {
		return nil, nil, fmt.Errorf("applicant to prefill: %w", err)
	}
	// A form that asks for the kind of the number takes any kind.
	anyKind := slices.Contains(slices.Collect(maps.Values(layout.Prefill)), "id_type")
	for path, what := range layout.Prefill {
		if value := knownOf(of, what, anyKind); value != "" {
			setAt(form, path, value)
			sources[path] = "实名账号信息"
		}
	}
	return form, sources, nil
}

// knownOf is what the account tells of an applicant. A person who applies runs the
// business (legal_name is 负责人); who represents an enterprise is not known yet, and
// its own name must not land there.
func knownOf(of Applicant, what string, anyKind bool) string {
	legal := of.Kind == "legal"
	switch {
	case what == "phone":
		return of.Phone
	case what == "name", what == "legal_name" && !legal:
		return of.Name
	case what == "id_type":
		return of.IDType
	case what == "id_number" && (anyKind || !legal), what == "uscc" && legal:
		return of.IDNumber
	}
	return ""
}

// Drafts lists the account's drafts for the present applicant, newest first. Without
// their forms: a list must not carry what only the form's page needs.
func (s *Service) Drafts(ctx context.Context) ([]Draft, error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return nil, err
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+draftColumns+` FROM intake.drafts
		WHERE account_id = $1 AND applicant_id = $2 ORDER BY updated_at DESC LIMIT 100`, who.AccountID, who.ApplicantID)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list drafts: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[draftRow])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list drafts: %w", err))
	}
	out := make([]Draft, 0, len(found))
	for _, r := range found {
		out = append(out, *r.view(json.RawMessage(`{}`)))
	}
	return out, nil
}

// Draft is one draft with its form and files.
func (s *Service) Draft(ctx context.Context, id string) (*Draft, error) {
	row, err := s.loadDraft(ctx, actor.From(ctx), id)
	if err != nil {
		return nil, err
	}
	return s.viewDraft(ctx, row)
}

// SaveDraft keeps what was typed, if nobody saved since version was read: a second tab
// gets 409 with the newer draft instead of overwriting it.
func (s *Service) SaveDraft(ctx context.Context, id string, version int, form json.RawMessage) (*Draft, error) {
	who := actor.From(ctx)
	if len(form) > maxDraftForm {
		return nil, fault.New(fault.TooLarge, "intake.draft-too-large", "表单内容过多，请精简文字，较长的内容请作为附件上传。")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(form, &object); err != nil || object == nil {
		return nil, fault.New(fault.Invalid, "intake.draft-invalid", "表单内容的格式不对，请刷新页面后重试。")
	}
	if _, err := s.loadDraft(ctx, who, id); err != nil {
		return nil, err
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `UPDATE intake.drafts SET form = $4, version = version + 1, updated_at = $5
		WHERE id = $1 AND account_id = $2 AND version = $3`, id, who.AccountID, version, s.Keys.SealFor(sm.House, form, draftContext(id)), s.now())
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("save draft: %w", err))
	}
	now, err := s.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if tag.RowsAffected() == 0 {
		return nil, fault.New(fault.Conflict, "intake.draft-stale", "这份草稿已在另一个页面修改过，请选择保留哪一份内容。").WithCurrent(now)
	}
	return now, nil
}

// DeleteDraft drops a draft and its files.
func (s *Service) DeleteDraft(ctx context.Context, id string) error {
	who := actor.From(ctx)
	if _, err := s.loadDraft(ctx, who, id); err != nil {
		return err
	}
	var keys []string
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		rows, err := s.DB.Q(ctx).Query(ctx, `DELETE FROM intake.uploads WHERE draft_id = $1 RETURNING blob_key`, id)
		if err != nil {
			return fmt.Errorf("delete draft's files: %w", err)
		}
		if keys, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return fmt.Errorf("delete draft's files: %w", err)
		}
		_, err = s.DB.Q(ctx).Exec(ctx, `DELETE FROM intake.drafts WHERE id = $1 AND account_id = $2`, id, who.AccountID)
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		s.dropBlob(ctx, k)
	}
	return nil
}

func draftContext(id string) string { return "intake.draft:" + id }

func (s *Service) loadDraft(ctx context.Context, who *actor.Actor, id string) (*draftRow, error) {
	if err := who.RequireApplicant(); err != nil {
		return nil, err
	}
	if uuid.Validate(id) != nil {
		return nil, errDraftNotFound
	}
	return s.draft(ctx, `SELECT `+draftColumns+` FROM intake.drafts WHERE id = $1 AND account_id = $2 AND applicant_id = $3`,
		id, who.AccountID, who.ApplicantID)
}

func (s *Service) draft(ctx context.Context, sql string, args ...any) (*draftRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load draft: %w", err))
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[draftRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errDraftNotFound
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load draft: %w", err))
	}
	return row, nil
}

func (s *Service) openDraftForm(r *draftRow) (json.RawMessage, error) {
	form, err := s.Keys.Open(r.Form, draftContext(r.ID))
	if err != nil {
		return nil, fmt.Errorf("decrypt draft: %w", err)
	}
	return form, nil
}

func (s *Service) viewDraft(ctx context.Context, r *draftRow) (*Draft, error) {
	form, err := s.openDraftForm(r)
	if err != nil {
		return nil, err
	}
	files, err := s.uploads(ctx, `draft_id = $1`, r.ID)
	if err != nil {
		return nil, err
	}
	d := r.view(form)
	for i := range files {
		d.Files = append(d.Files, files[i].view())
	}
	return d, nil
}

func (r *draftRow) view(form json.RawMessage) *Draft {
	return &Draft{
		ID: r.ID, ItemID: r.ItemID, ItemName: r.ItemName, FormID: r.FormID, FormVersion: r.FormVersion,
		Form: form, Prefilled: r.Prefilled, Version: r.Version, Files: []File{}, UpdatedAt: r.UpdatedAt, CreatedAt: r.CreatedAt,
	}
}

// setAt puts a value at a dotted path, making the objects on the way.
func setAt(form map[string]any, path string, value any) {
	head, rest := splitPath(path)
	if rest == "" {
		form[head] = value
		return
	}
	inner, ok := form[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		form[head] = inner
	}
	setAt(inner, rest, value)
}
