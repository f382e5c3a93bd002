package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/postgres"
)

var errPaperNotFound = fault.New(fault.NotFound, "intake.document-not-found", "没有找到这份文书，请刷新办件详情。")

// PaperFile is a paper ready to be sent.
type PaperFile struct {
	Name, ContentType string
	Body              io.ReadCloser
}

// OpenPaper finds a paper of a case that the reader may know of. One that the job has not
// made yet is made now: nobody is told to come back later for what he is entitled to.
func (s *Service) OpenPaper(ctx context.Context, caseNo, id, format string) (*PaperFile, error) {
	d, err := s.load(ctx, actor.From(ctx), caseNo)
	if err != nil {
		return nil, err
	}
	if uuid.Validate(id) != nil {
		return nil, errPaperNotFound
	}
	p, err := s.makePaper(ctx, d.CaseNo, id)
	if err != nil {
		return nil, err
	}
	key, ending, contentType := p.PDFKey, ".pdf", "application/pdf"
	if format == "ofd" {
		key, ending, contentType = p.OFDKey, ".ofd", "application/ofd"
	}
	body, _, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("open paper: %w", err)
	}
	return &PaperFile{p.Title + "_" + p.Number + ending, contentType, body}, nil
}

// makePaper makes the files of a paper unless they are there. Two makers at once do the
// work twice and one result is kept: the row is written under its condition.
func (s *Service) makePaper(ctx context.Context, caseNo, id string) (*documentRow, error) {
	p, err := s.loadPaper(ctx, caseNo, id)
	if err != nil || p.Ready {
		return p, err
	}
	text := string(p.Data)
	if err := s.unseal(p.DataSealed, paperContext(caseNo, id), &text); err != nil {
		return nil, err
	}
	var data DocumentData
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		return nil, fmt.Errorf("paper %s: %w", id, err)
	}
	data.IssuedAt, data.Number = p.IssuedAt, p.Number
	ofd, pdf, err := s.Papers.Make(ctx, p.Kind, data)
	if err != nil {
		return nil, fmt.Errorf("make paper %s of %s: %w", p.Kind, caseNo, err)
	}
	// A key of its own for each try, so that a loser's blobs never replace the winner's.
	base := "intake/" + p.IssuedAt.Format("2006/01/02") + "/" + postgres.NewID()
	p.OFDKey, p.PDFKey = base+".ofd", base+".pdf"
	if _, _, err := s.Blobs.PutFor(ctx, data.OrgID, p.OFDKey, bytes.NewReader(ofd), "application/ofd"); err != nil {
		return nil, fmt.Errorf("store paper: %w", err)
	}
	if _, _, err := s.Blobs.PutFor(ctx, data.OrgID, p.PDFKey, bytes.NewReader(pdf), "application/pdf"); err != nil {
		return nil, fmt.Errorf("store paper: %w", err)
	}
	tag, err := s.DB.Q(ctx).Exec(ctx, `UPDATE intake.documents SET ready = true, ofd_key = $3, pdf_key = $4
		WHERE case_no = $1 AND id = $2 AND NOT ready`, caseNo, id, p.OFDKey, p.PDFKey)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("keep paper: %w", err))
	}
	if tag.RowsAffected() == 0 {
		s.dropBlob(ctx, p.OFDKey)
		s.dropBlob(ctx, p.PDFKey)
		return s.loadPaper(ctx, caseNo, id)
	}
	p.Ready = true
	return p, nil
}

func (s *Service) loadPaper(ctx context.Context, caseNo, id string) (*documentRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+documentColumns+` FROM intake.documents WHERE case_no = $1 AND id = $2`, caseNo, id)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load paper: %w", err))
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[documentRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errPaperNotFound
	}
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("load paper: %w", err))
	}
	return p, nil
}

// FileKeys names, in one column key, every file that the module's tables refer to: what a
// backup must hold.
const FileKeys = `SELECT blob_key AS key FROM intake.files
	UNION SELECT blob_key FROM intake.uploads
	UNION SELECT ofd_key FROM intake.documents WHERE ofd_key <> ''
	UNION SELECT pdf_key FROM intake.documents WHERE pdf_key <> ''`
