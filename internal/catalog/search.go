package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/platform/postgres"
)

// position is where a page ends; Match keeps later pages to the reading that
// the first page settled on.
type position struct {
	Rank  int    `json:"r"`
	ID    string `json:"i"`
	Match Match  `json:"m"`
}

// Search finds what can be applied for. It never ends in nothing: when no item
// answers, it widens the region, then takes typing mistakes into account, then
// shows what others look for, and says so in Match.
func (s *Service) Search(ctx context.Context, q Query) (Found, error) {
	a, err := s.understood(ctx, q.Text)
	if err != nil {
		return Found{}, err
	}
	if q.Region == "" {
		q.Region = a.region
	}
	found := Found{Match: Exact, Region: a.region, RegionName: a.regionName, Synonyms: emptyNotNil(a.synonyms), DidYouMean: []string{}}
	var after position
	later, err := q.Page.Decode(&after)
	if err != nil {
		return Found{}, err
	}
	if later && !validID(after.ID) {
		return Found{}, fault.New(fault.Invalid, "page.bad-cursor", "翻页位置已失效，请从第一页重新查看。")
	}
	if later {
		found.Match = after.Match
		if after.Match == Wider || after.Match == Popular {
			q.widen()
		}
		if after.Match == Popular {
			a = asked{}
		}
		found.Page, err = s.page(ctx, q, a, &after, found.Match)
		return found, err
	}
	found.Page, err = s.page(ctx, q, a, nil, Exact)
	if err != nil || len(found.Rows) > 0 {
		return found, err
	}
	return s.beyond(ctx, q, a, found)
}

// beyond looks further after a first page without rows.
func (s *Service) beyond(ctx context.Context, q Query, a asked, found Found) (Found, error) {
	var err error
	if a.plain != "" && q.widen() {
		found.Match = Wider
		if found.Page, err = s.page(ctx, q, a, nil, Wider); err != nil || len(found.Rows) > 0 {
			return found, err
		}
	}
	if a.plain != "" {
		found.Match = Near
		if found.Rows, err = s.near(ctx, a); err != nil {
			return found, err
		}
		if len(found.Rows) > 0 {
			found.DidYouMean = names(found.Rows, 3)
			return found, nil
		}
	}
	q.widen()
	found.Match = Popular
	found.Page, err = s.page(ctx, q, asked{}, nil, Popular)
	return found, err
}

// widen drops the filters and reports whether there were any.
func (q *Query) widen() bool {
	had := q.Region != "" || q.OrgCode != "" || q.Theme != "" || q.Audience != ""
	q.Region, q.OrgCode, q.Theme, q.Audience = "", "", "", ""
	return had
}

// Suggest is what to offer while somebody types: at most eight rows.
func (s *Service) Suggest(ctx context.Context, text, region string) ([]Row, error) {
	if strings.TrimSpace(text) == "" {
		return []Row{}, nil
	}
	found, err := s.Search(ctx, Query{Text: text, Region: region, Page: page.Request{Size: 8}})
	if err != nil || found.Match == Popular {
		return []Row{}, err
	}
	return found.Rows, nil
}

func (s *Service) understood(ctx context.Context, text string) (asked, error) {
	if strings.TrimSpace(text) == "" {
		return asked{}, nil
	}
	regions, err := s.Regions(ctx)
	if err != nil {
		return asked{}, err
	}
	words, err := s.synonyms(ctx)
	if err != nil {
		return asked{}, err
	}
	return understand(text, regions, words), nil
}

const rowColumns = `id, name, org_code, org_name, region, region_name, task_type, project_type, status, summary,
	audience, statutory, statutory_unit, promised, promised_unit, visits, online, complete`

type ranked struct {
	Row
	rank int
}

// page reads one page: by rank of the reading when there is text, else by weight.
func (s *Service) page(ctx context.Context, q Query, a asked, after *position, match Match) (page.Page[Row], error) {
	st := statement{}
	rank := `weight`
	if len(actor.RegionPrefix(q.Region)) >= 6 {
		// A county holds a small, uneven part of the list: walking the list by weight
		// until a page of it is found would pass most of the catalogue.
		rank = `(weight + 0)`
	}
	where := []string{`status <> 'cancelled'`}
	if len(a.ways) > 0 {
		ways := make([]string, len(a.ways))
		scores := make([]string, 0, len(a.ways))
		for i, w := range a.ways {
			ways[i] = st.holds(w)
			scores = append(scores, st.score(w))
		}
		where = append(where, `(`+strings.Join(ways, ` OR `)+`)`)
		rank = `weight + greatest(` + strings.Join(scores, `, `) + `)`
	}
	where = append(where, st.filters(q)...)
	if after != nil {
		where = append(where, `(`+rank+`, id) < (`+st.arg(after.Rank)+`, `+st.arg(after.ID)+`::uuid)`)
	}
	limit := q.Page.Limit()
	sql := `SELECT ` + rowColumns + `, (` + rank + `)::int AS rank FROM catalog.item WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + rank + ` DESC, id DESC LIMIT ` + st.arg(limit+1)
	rows, err := s.DB.Q(ctx).Query(ctx, sql, st.args...)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("search items: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("search items: %w", err))
	}
	cut := page.Cut(list, limit, func(r ranked) any { return position{Rank: r.rank, ID: r.ID, Match: match} })
	out := page.Page[Row]{Rows: make([]Row, len(cut.Rows)), Next: cut.Next}
	for i, r := range cut.Rows {
		out.Rows[i] = r.Row
	}
	return out, nil
}

func scanRow(row pgx.CollectableRow) (ranked, error) {
	var r ranked
	var statutory, promised int
	var statutoryUnit, promisedUnit string
	err := row.Scan(&r.ID, &r.Name, &r.OrgCode, &r.OrgName, &r.Region, &r.RegionName, &r.TaskType, &r.ProjectType, &r.Status, &r.Summary,
		&r.Audience, &statutory, &statutoryUnit, &promised, &promisedUnit, &r.Visits, &r.Online, &r.Complete, &r.rank)
	r.StatutoryLimit = workday.Limit{Value: statutory, Unit: workday.Unit(statutoryUnit)}
	r.PromisedLimit = workday.Limit{Value: promised, Unit: workday.Unit(promisedUnit)}
	r.TaskTypeText = (&Item{TaskType: r.TaskType}).TaskTypeText()
	return r, err
}

// statement collects numbered parameters.
type statement struct{ args []any }

func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return fmt.Sprintf("$%d", len(st.args))
}

// holds is the index condition of a reading.
func (st *statement) holds(w way) string {
	cond := `tokens @> ` + st.arg(w.tokens) + `::text[]`
	if w.column != "plain_name" {
		// Neighbouring initials may come from different places of the name.
		cond = `(` + cond + ` AND position(` + st.arg(w.words[0]) + ` in ` + w.column + `) > 0)`
	}
	return cond
}

// score is how good an item answers a reading: whole name, beginning, inside,
// or only through its everyday names.
func (st *statement) score(w way) string {
	first := st.arg(w.words[0])
	inside := make([]string, len(w.words))
	for i, word := range w.words {
		inside[i] = `position(` + st.arg(word) + ` in ` + w.column + `) > 0`
	}
	// An item that answers another reading only must not profit from this one.
	return fmt.Sprintf(`CASE WHEN %[1]s = %[2]s THEN %[3]d WHEN starts_with(%[1]s, %[2]s) THEN %[4]d WHEN %[5]s THEN %[6]d WHEN tokens @> %[7]s::text[] THEN %[8]d ELSE 0 END`,
		w.column, first, w.rank+1500, w.rank+700, strings.Join(inside, ` AND `), w.rank+400, st.arg(w.tokens), w.rank-500)
}

func (st *statement) filters(q Query) []string {
	var tokens, out []string
	if q.Region != "" {
		tokens = append(tokens, "@r"+actor.RegionPrefix(q.Region))
	}
	if q.Theme != "" {
		tokens = append(tokens, "@t"+q.Theme)
	}
	switch q.Audience {
	case "person", "legal":
		tokens = append(tokens, "@a"+q.Audience)
	}
	if len(tokens) > 0 {
		out = append(out, `tokens @> `+st.arg(tokens)+`::text[]`)
	}
	if q.OrgCode != "" {
		out = append(out, `org_code = `+st.arg(q.OrgCode))
	}
	return out
}

func names(rows []Row, most int) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Name] && len(out) < most {
			seen[r.Name] = true
			out = append(out, r.Name)
		}
	}
	return out
}

func emptyNotNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
