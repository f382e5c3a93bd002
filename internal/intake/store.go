package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

// errNotFound is also the answer for a case that the reader has no business with: its
// existence is nobody else's to learn.
var errNotFound = fault.New(fault.NotFound, "intake.not-found", "没有找到这个办件，请核对办件编号；只能查看自己的办件。")

const caseColumns = `case_no, region, org_id, org_name, org_path, item_id, item_version, item_name, licence_type,
	form_id, form_version, form, applicant_id, applicant_kind, applicant_name, account_id, state, result, open, version,
	submitted_at, received_at, awaits, queue_at, next_due, step_due, supplement_at, accepted_at,
	promised_value, promised_unit, statutory_value, statutory_unit, promised_due, statutory_due,
	promised_provisional, statutory_provisional, paused, suspended_from, extended, decided_at, ended_at,
	licence_id, licence_name, licence_no, last_by, last_at`

const (
	selectCase   = `SELECT ` + caseColumns + ` FROM intake.cases WHERE case_no = $1`
	selectEvents = `SELECT seq, at, move, from_state, to_state, actor_kind, actor_id, actor_name, post_name, opinion, detail, document_id, opinion_sealed, detail_sealed
		FROM intake.case_events WHERE case_no = $1 ORDER BY seq`
	selectMaterials = `SELECT code, ord, name, required, status, result, note, checked_by, checked_at, note_sealed
		FROM intake.materials WHERE case_no = $1 ORDER BY ord, code`
	selectFiles = `SELECT id, material, name, size, content_type, blob_key, sm3, round, created_at, name_sealed
		FROM intake.files WHERE case_no = $1 ORDER BY created_at, id`
	documentColumns = `id, kind, title, number, data, issued_at, ready, ofd_key, pdf_key, data_sealed`
	selectDocuments = `SELECT ` + documentColumns + ` FROM intake.documents WHERE case_no = $1 ORDER BY issued_at, id`
)

// CaseStatements are the statements of one case by its number, in one batch: what
// `GET /api/cases/{no}` sends, and the raw floor of `onedoor bench intake`.
func CaseStatements(caseNo string) *pgx.Batch {
	b := &pgx.Batch{}
	for _, sql := range [...]string{selectCase, selectEvents, selectMaterials, selectFiles, selectDocuments} {
		b.Queue(sql, caseNo)
	}
	return b
}

// loadDossier reads everything about a case in one round trip.
func (s *Service) loadDossier(ctx context.Context, caseNo string) (*dossier, error) {
	res := s.DB.Q(ctx).SendBatch(ctx, CaseStatements(caseNo))
	d, err := readDossier(res)
	// The results must be closed before the connection serves anybody else.
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load case: %w", err))
	}
	if err := s.unsealDossier(d); err != nil {
		return nil, fmt.Errorf("open case: %w", err)
	}
	return d, nil
}

func readDossier(res pgx.BatchResults) (*dossier, error) {
	var d dossier
	var err error
	if d.record, err = one[record](res); err != nil {
		return nil, err
	}
	if d.events, err = many[eventRow](res); err != nil {
		return nil, err
	}
	if d.materials, err = many[materialRow](res); err != nil {
		return nil, err
	}
	if d.files, err = many[fileRow](res); err != nil {
		return nil, err
	}
	d.documents, err = many[documentRow](res)
	return &d, err
}

func one[T any](res pgx.BatchResults) (T, error) {
	rows, err := res.Query()
	if err != nil {
		var zero T
		return zero, err
	}
	return postgres.CollectOne[T](rows)
}

func many[T any](res pgx.BatchResults) ([]T, error) {
	rows, err := res.Query()
	if err != nil {
		return nil, err
	}
	return postgres.Collect[T](rows)
}

// loadCase reads the row alone, for a transition.
func loadCase(ctx context.Context, db *postgres.DB, caseNo string) (*record, error) {
	rows, err := db.Q(ctx).Query(ctx, selectCase, caseNo)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load case: %w", err))
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[record])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load case: %w", err))
	}
	return r, nil
}

const insertCase = `INSERT INTO intake.cases (case_no, region, org_id, org_name, org_path, item_id, item_version, item_name,
	licence_type, form_id, form_version, form, applicant_id, applicant_kind, applicant_name, account_id, state, open, version,
	submitted_at, received_at, queue_at, next_due, step_due, promised_value, promised_unit, statutory_value, statutory_unit,
	last_by, last_at, awaits)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27, $28, $29, $30, $31)`

func queueCase(b *pgx.Batch, r *record) {
	b.Queue(insertCase, r.CaseNo, r.Region, r.OrgID, r.OrgName, r.OrgPath, r.ItemID, r.ItemVersion, r.ItemName,
		r.LicenceType, r.FormID, r.FormVersion, r.Form, r.ApplicantID, r.ApplicantKind, r.ApplicantName, r.AccountID,
		r.State, r.Open, r.Version, r.SubmittedAt, r.ReceivedAt, r.QueueAt, r.NextDue, r.StepDue,
		r.PromisedValue, r.PromisedUnit, r.StatutoryValue, r.StatutoryUnit, r.LastBy, r.LastAt, r.Awaits)
}

const insertEvent = `INSERT INTO intake.case_events (case_no, seq, at, move, from_state, to_state, actor_kind, actor_id,
	actor_name, post_name, opinion, document_id, opinion_sealed, detail_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12, $13)`

func (s *Service) queueEvent(b *pgx.Batch, d *record, e *eventRow) {
	b.Queue(insertEvent, d.CaseNo, e.Seq, e.At, e.Move, e.FromState, e.ToState, e.ActorKind, e.ActorID, e.ActorName, e.PostName, e.DocumentID,
		s.seal(d.OrgID, e.Opinion, opinionContext(d.CaseNo, e.Seq)), s.seal(d.OrgID, string(e.Detail), detailContext(d.CaseNo, e.Seq)))
}

const insertMaterials = `INSERT INTO intake.materials (case_no, code, ord, name, required, status)
	SELECT $1, m.code, m.ord, m.name, m.required, m.status
	FROM unnest($2::text[], $3::int[], $4::text[], $5::bool[], $6::text[]) AS m (code, ord, name, required, status)`

func queueMaterials(b *pgx.Batch, caseNo string, ms []materialRow) {
	n := len(ms)
	codes, ords, names, required, status := make([]string, n), make([]int, n), make([]string, n), make([]bool, n), make([]string, n)
	for i, m := range ms {
		codes[i], ords[i], names[i], required[i], status[i] = m.Code, m.Ord, m.Name, m.Required, m.Status
	}
	b.Queue(insertMaterials, caseNo, codes, ords, names, required, status)
}

// moveUploads turns waiting files into files of the case. The outer join gives a file
// that is gone (deleted in another tab, used by another submit) NULLs, which the columns
// refuse: the whole batch fails and nothing has happened.
const moveUploads = `WITH moved AS (
		DELETE FROM intake.uploads WHERE id = ANY($2::uuid[]) AND account_id = $3
		RETURNING id, name, name_sealed, size, content_type, blob_key, sm3, created_at
	)
	INSERT INTO intake.files (case_no, id, material, name, name_sealed, size, content_type, blob_key, sm3, round, created_at)
	SELECT $1, w.id, w.material, m.name, m.name_sealed, m.size, m.content_type, m.blob_key, m.sm3, $5, m.created_at
	FROM unnest($2::uuid[], $4::text[]) AS w (id, material) LEFT JOIN moved m USING (id)`

func queueFiles(b *pgx.Batch, caseNo, accountID string, files []fileRow, round int) {
	if len(files) == 0 {
		return
	}
	ids, materials := make([]string, len(files)), make([]string, len(files))
	for i, f := range files {
		ids[i], materials[i] = f.ID, f.Material
	}
	b.Queue(moveUploads, caseNo, ids, accountID, materials, round)
}

const updateCase = `UPDATE intake.cases SET state = $3, result = $4, open = $5, version = $6, received_at = $7, queue_at = $8,
	next_due = $9, step_due = $10, supplement_at = $11, accepted_at = $12, promised_due = $13, statutory_due = $14,
	promised_provisional = $15, statutory_provisional = $16, paused = $17, suspended_from = $18, extended = $19,
	decided_at = $20, ended_at = $21, licence_id = $22, licence_name = $23, licence_no = $24, last_by = $25, last_at = $26, awaits = $27
	WHERE case_no = $1 AND version = $2`

// saveCase writes the row if it is still of version read; it reports whether it was.
func saveCase(ctx context.Context, db *postgres.DB, r *record, read int) (bool, error) {
	paused := r.Paused
	if paused == nil {
		paused = []Span{}
	}
	tag, err := db.Q(ctx).Exec(ctx, updateCase, r.CaseNo, read, r.State, r.Result, r.Open, r.Version, r.ReceivedAt, r.QueueAt,
		r.NextDue, r.StepDue, r.SupplementAt, r.AcceptedAt, r.PromisedDue, r.StatutoryDue,
		r.PromisedProvisional, r.StatutoryProvisional, paused, r.SuspendedFrom, r.Extended,
		r.DecidedAt, r.EndedAt, r.LicenceID, r.LicenceName, r.LicenceNo, r.LastBy, r.LastAt, r.Awaits)
	if err != nil {
		return false, postgres.Fault(fmt.Errorf("save case: %w", err))
	}
	return tag.RowsAffected() == 1, nil
}

const leaseNumbers = `INSERT INTO intake.case_numbers (region6, day, next) VALUES ($1, $2, 1 + $3)
	ON CONFLICT (region6, day) DO UPDATE SET next = case_numbers.next + $3 RETURNING next - $3`

// leaseFrom takes a block of numbers in a transaction of its own, never in that of ctx:
// a rolled-back submit must not give its block back (ADR 0005).
func leaseFrom(db *postgres.DB) lease {
	return func(ctx context.Context, region6 string, day time.Time, size int64) (first int64, err error) {
		if err := db.Pool.QueryRow(ctx, leaseNumbers, region6, day.Format("2006-01-02"), size).Scan(&first); err != nil {
			return 0, postgres.Fault(fmt.Errorf("case number counter: %w", err))
		}
		return first, nil
	}
}
