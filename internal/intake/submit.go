package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
)

// Submission is an application handed in: a draft, or an item with form and files.
type Submission struct {
	DraftID string
	ItemID  string
	Region  string // where the applicant believes to apply; "" does not say
	Form    json.RawMessage
	Files   []FileRef
	// Promise is the applicant's word that the material is true (Art 31).
	Promise bool
	// Key and BodyHash identify the request: same key and body, same case.
	Key      string
	BodyHash []byte
}

// FileRef hands an uploaded file in for a material.
type FileRef struct {
	Material string `json:"material" maxLength:"64"`
	FileID   string `json:"file_id" format:"uuid"`
}

// Prepared is a submit that has passed every check and is one batch away from being a
// case: everything in it happens or nothing does.
type Prepared struct {
	CaseNo  string
	Batch   *pgx.Batch
	dossier *dossier
	form    json.RawMessage
}

var (
	errPromise    = fault.New(fault.Invalid, "intake.promise-missing", "请先阅读并勾选“承诺所提交的材料真实有效”，再提交申请。")
	errFilesMoved = fault.New(fault.Conflict, "intake.files-changed", "有附件已被删除或已用于其他申请，请刷新页面，核对附件后重新提交。")
)

// Submit makes a case of an application. One round trip writes the idempotency row, the
// case, its timeline, material, files, evidence and event. replayed tells that the case
// was there already.
func (s *Service) Submit(ctx context.Context, sub Submission) (c *Case, replayed bool, err error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return nil, false, err
	}
	p, err := s.Prepare(ctx, sub)
	if err != nil && sub.DraftID != "" && fault.KindOf(err) != fault.Unavailable {
		// The answer to the first try may have been lost, or another tab has just submitted
		// the draft: it and its files are gone, and that is all that is wrong.
		if c, rerr := s.replay(ctx, who, sub); c != nil || rerr != nil {
			return c, true, rerr
		}
	}
	if err != nil {
		return nil, false, err
	}
	err = s.DB.Send(ctx, p.Batch)
	switch {
	case err == nil:
		s.Bus.Wake()
		return p.dossier.view(s.Calendar, s.now(), who, p.form), false, nil
	case postgres.IsUnique(err, "idempotency_pkey"):
		c, err := s.replay(ctx, who, sub)
		if c == nil && err == nil {
			err = errors.New("an idempotency row that is there and is not")
		}
		return c, true, err
	case isNull(err):
		return nil, false, errFilesMoved.Because(err)
	}
	return nil, false, fmt.Errorf("submit: %w", err)
}

func isNull(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23502" && pg.TableName == "files"
}

// replay finds the case that an earlier request made: of the same key, or of the same
// draft. It returns neither case nor error when there is none.
func (s *Service) replay(ctx context.Context, who *actor.Actor, sub Submission) (*Case, error) {
	const known = `SELECT key, body_hash, case_no FROM intake.idempotency WHERE account_id = $1 AND key = ANY($2)`
	rows, err := s.DB.Q(ctx).Query(ctx, known, who.AccountID, []string{sub.Key, draftKey(sub.DraftID)})
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("replay: %w", err))
	}
	type row struct {
		Key      string
		BodyHash []byte
		CaseNo   string
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("replay: %w", err))
	}
	var draftCase string
	for _, f := range found {
		if f.Key != sub.Key {
			draftCase = f.CaseNo
			continue
		}
		if !bytes.Equal(f.BodyHash, sub.BodyHash) {
			return nil, httpapi.ErrKeyReused
		}
		return s.Case(ctx, f.CaseNo)
	}
	if draftCase != "" {
		return nil, fault.New(fault.Conflict, "intake.draft-submitted",
			"这份申请已经提交过，办件编号"+draftCase+"，请在“我的办件”中查看，不要重复提交。").
			WithCurrent(map[string]string{"case_no": draftCase})
	}
	return nil, nil
}

func draftKey(draftID string) string { return "draft:" + draftID }

// Prepare checks an application and builds its batch without sending it. Submit does
// both; `onedoor bench intake` sends prepared batches bare, as the floor to compare with.
func (s *Service) Prepare(ctx context.Context, sub Submission) (*Prepared, error) {
	who := actor.From(ctx)
	var files []fileRow
	var err error
	if sub.DraftID != "" {
		files, err = s.fromDraft(ctx, who, &sub)
	} else {
		files, err = s.uploadsOf(ctx, who, sub.Files)
	}
	if err != nil {
		return nil, err
	}
	item, err := s.openItem(ctx, sub.ItemID, sub.Region)
	if err != nil {
		return nil, err
	}
	if err := s.Forms.Validate(ctx, item.FormID, item.FormVersion, sub.Form); err != nil {
		return nil, err
	}
	materials, err := materialsOf(item, files, sub.Form)
	if err != nil {
		return nil, err
	}
	applicant, err := s.applicant(ctx, who.ApplicantID)
	if err != nil {
		return nil, err
	}
	if err := s.ownIdentity(ctx, item, applicant, sub.Form); err != nil {
		return nil, err
	}
	now := s.now()
	caseNo, err := s.numbers.take(ctx, item.Region[:6], now)
	if err != nil {
		return nil, err
	}
	d := s.newCase(caseNo, who, applicant, item, now, sub.Form)
	d.materials, d.files = materials, files
	return &Prepared{CaseNo: caseNo, Batch: s.submitBatch(ctx, d, who, sub), dossier: d, form: sub.Form}, nil
}

// openItem finds the item and refuses what can't be applied for here and now.
func (s *Service) openItem(ctx context.Context, id, region string) (*Item, error) {
	item, err := s.Items.Item(ctx, id)
	if err != nil {
		return nil, err
	}
	if item.Closed != "" {
		return nil, fault.New(fault.Conflict, "intake.item-closed", item.Closed)
	}
	if !actor.InRegion(item.Region, s.Region) || region != "" && region != item.Region || len(item.Region) != 12 {
		return nil, fault.New(fault.Invalid, "intake.other-region",
			"这个事项不由您选择的地区办理，请切换到“"+item.OrgName+"”所在地区，或者重新搜索本地区的事项。")
	}
	return item, nil
}

func (s *Service) newCase(caseNo string, who *actor.Actor, of Applicant, item *Item, now time.Time, form []byte) *dossier {
	due := AcceptanceDue(s.Calendar, now)
	d := &dossier{record: record{
		CaseNo: caseNo, Region: item.Region, OrgID: item.OrgID, OrgName: item.OrgName, OrgPath: item.OrgPath,
		ItemID: item.ID, ItemVersion: item.Version, ItemName: item.Name,
		FormID: item.FormID, FormVersion: item.FormVersion, Form: s.Keys.SealFor(item.OrgID, form, formContext(caseNo)),
		ApplicantID: who.ApplicantID, ApplicantKind: of.Kind, ApplicantName: of.Name, AccountID: who.AccountID,
		State: Submitted, Version: 1, SubmittedAt: now, ReceivedAt: now, StepDue: &due,
		PromisedValue: item.Promised.Value, PromisedUnit: string(item.Promised.Unit),
		StatutoryValue: item.Statutory.Value, StatutoryUnit: string(item.Statutory.Unit),
		LastBy: byline(who, item.OrgName), LastAt: now,
	}}
	if item.Licence != nil {
		d.LicenceType = item.Licence.Type
	}
	d.settle(s.Calendar)
	d.events = []eventRow{{
		Seq: 1, At: now, Move: MoveSubmit, ToState: Submitted, ActorKind: string(who.Kind), ActorID: who.AccountID,
		ActorName: d.LastBy,
	}}
	return d
}

// submitBatch is everything a submit writes. Outside a transaction PostgreSQL takes the
// batch as one, so there is no BEGIN and no COMMIT to wait for.
func (s *Service) submitBatch(ctx context.Context, d *dossier, who *actor.Actor, sub Submission) *pgx.Batch {
	const remember = `INSERT INTO intake.idempotency (account_id, key, body_hash, case_no, created_at) VALUES ($1, $2, $3, $4, $5)`
	b := &pgx.Batch{}
	// First, so that a replay fails before anything else is done.
	b.Queue(remember, who.AccountID, sub.Key, sub.BodyHash, d.CaseNo, d.SubmittedAt)
	if sub.DraftID != "" {
		b.Queue(remember, who.AccountID, draftKey(sub.DraftID), sub.BodyHash, d.CaseNo, d.SubmittedAt)
		b.Queue(`DELETE FROM intake.drafts WHERE id = $1 AND account_id = $2`, sub.DraftID, who.AccountID)
	}
	queueCase(b, &d.record)
	s.queueEvent(b, &d.record, &d.events[0])
	if len(d.materials) > 0 {
		queueMaterials(b, d.CaseNo, d.materials)
	}
	queueFiles(b, d.CaseNo, who.AccountID, d.files, 0)
	s.Audit.Queue(ctx, b, audit.Entry{
		Action: "intake.submit", ObjectKind: "case", ObjectID: d.CaseNo, OrgPath: d.OrgPath, Region: d.Region, OnBehalf: d.ApplicantID, Ground: "行政许可法第二十九条",
		After: stateJSON(d.State, d.Version),
	})
	s.Bus.Queue(b, d.moved(MoveSubmit))
	return b
}

// fromDraft fills the submission from the draft and returns its files.
func (s *Service) fromDraft(ctx context.Context, who *actor.Actor, sub *Submission) ([]fileRow, error) {
	if !sub.Promise {
		return nil, errPromise
	}
	draft, err := s.loadDraft(ctx, who, sub.DraftID)
	if err != nil {
		return nil, err
	}
	form, err := s.openDraftForm(draft)
	if err != nil {
		return nil, err
	}
	sub.ItemID, sub.Form = draft.ItemID, form
	rows, err := s.uploads(ctx, `draft_id = $1`, sub.DraftID)
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// uploadsOf finds files by id; all must be the account's own and still waiting.
func (s *Service) uploadsOf(ctx context.Context, who *actor.Actor, refs []FileRef) ([]fileRow, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	if len(refs) > MaxFiles {
		return nil, errTooManyFiles
	}
	ids, material := make([]string, len(refs)), make(map[string]string, len(refs))
	for i, r := range refs {
		ids[i] = strings.ToLower(r.FileID)
		material[ids[i]] = r.Material
	}
	rows, err := s.uploads(ctx, `account_id = $1 AND id = ANY($2::uuid[])`, who.AccountID, ids)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(material) {
		return nil, errFilesMoved
	}
	for i := range rows {
		rows[i].Material = material[rows[i].ID]
	}
	return rows, nil
}
