package directory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"

	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/region"
	"onedoor/internal/platform/postgres"
)

// The shipped files that make the directory, as data.FS names them.
const (
	regionsFile = "divisions/suizhou-4213.csv"
	orgsFile    = "orgs/organisations.csv"
)

// Seed loads regions, organisations and the demo officials of the reference city.
// It may run at every start and in several processes at once: what has been
// loaded from the same files is known by its digest and left alone.
func (s *Service) Seed(ctx context.Context) error {
	regions, err := fs.ReadFile(s.Data, regionsFile)
	if err != nil {
		return fmt.Errorf("seed regions: %w", err)
	}
	orgs, err := fs.ReadFile(s.Data, orgsFile)
	if err != nil {
		return fmt.Errorf("seed organisations: %w", err)
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.loadOnce(ctx, "reference-city", digest(regions, orgs, fmt.Append(nil, DemoStaff)), func() error {
			if err := s.seedRegions(ctx, regions); err != nil {
				return err
			}
			if err := s.seedOrgs(ctx, orgs); err != nil {
				return err
			}
			return s.seedStaff(ctx)
		})
	})
	s.forget()
	if err != nil {
		return fmt.Errorf("seed the directory: %w", err)
	}
	return nil
}

// loadOnce runs load unless the same content was loaded before. The lock makes a
// second process wait until the first has committed.
func (s *Service) loadOnce(ctx context.Context, name string, sum []byte, load func() error) error {
	q := s.DB.Q(ctx)
	var same bool
	const seen = `SELECT EXISTS (SELECT 1 FROM directory.loaded WHERE name = $1 AND digest = $2)`
	if err := q.QueryRow(ctx, seen, name, sum).Scan(&same); err != nil || same {
		return err
	}
	if _, err := q.Exec(ctx, `LOCK TABLE directory.loaded IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	if err := q.QueryRow(ctx, seen, name, sum).Scan(&same); err != nil || same {
		return err
	}
	if err := load(); err != nil {
		return err
	}
	_, err := q.Exec(ctx, `INSERT INTO directory.loaded (name, digest, loaded_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, loaded_at = excluded.loaded_at`,
		name, sum, s.Clock.Now())
	return err
}

func (s *Service) seedRegions(ctx context.Context, file []byte) error {
	rows, err := table(file, "code12", "code", "level", "name", "parent12")
	if err != nil {
		return fmt.Errorf("%s: %w", regionsFile, err)
	}
	regions := make([]Region, 0, len(rows))
	for _, row := range rows {
		code := region.Code(row[0])
		if code.Level() == 0 || string(code.Parent()) != row[4] {
			return fmt.Errorf("%s: %s is not a division below %s", regionsFile, row[0], row[4])
		}
		regions = append(regions, Region{Code: row[0], Name: row[3], Level: code.Level(), Parent: row[4]})
	}
	return s.putRegions(ctx, regions)
}

func (s *Service) seedOrgs(ctx context.Context, file []byte) error {
	rows, err := table(file, "code", "uscc", "name", "short_name", "kind", "level", "region", "parent", "phone", "address", "general_counter")
	if err != nil {
		return fmt.Errorf("%s: %w", orgsFile, err)
	}
	present, err := s.allOrgs(ctx)
	if err != nil {
		return err
	}
	known := newTree(present).byCode
	placed := map[string]*Org{}
	orgs := make([]Org, len(rows))
	for i, row := range rows {
		o := &orgs[i]
		level, err := strconv.Atoi(row[5])
		if err != nil || !idcode.ValidUSCC(row[1]) {
			return fmt.Errorf("%s: %s has a wrong level or USCC", orgsFile, row[0])
		}
		*o = Org{
			ID: postgres.NewID(), Code: row[0], USCC: row[1], Name: row[2], ShortName: row[3], Kind: Kind(row[4]), Level: level,
			Region: row[6], Path: "/" + row[0] + "/", Phone: row[8], Address: row[9], GeneralCounter: row[10] == "1", Position: i,
		}
		if old := known[o.Code]; old != nil {
			o.ID = old.ID
		}
		if row[7] != "" {
			parent := placed[row[7]]
			if parent == nil {
				return fmt.Errorf("%s: %s comes before its parent %s", orgsFile, o.Code, row[7])
			}
			o.ParentID, o.Path = parent.ID, parent.Path+o.Code+"/"
		}
		placed[o.Code] = o
	}
	return s.putOrgs(ctx, orgs)
}

// table reads a CSV file that must have exactly these columns.
func table(file []byte, columns ...string) ([][]string, error) {
	in := csv.NewReader(bytes.NewReader(file))
	in.FieldsPerRecord = len(columns)
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no heading")
	}
	for i, c := range columns {
		if rows[0][i] != c {
			return nil, fmt.Errorf("column %d is %q, want %q", i+1, rows[0][i], c)
		}
	}
	return rows[1:], nil
}

func digest(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return h.Sum(nil)
}
