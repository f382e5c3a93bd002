package catalog

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/catalog/find"
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
// answers, it widens the region, then shows what others look for, and says so in Match.
func (s *Service) Search(ctx context.Context, q Query) (Found, error) {
	var after position
	later, err := q.Page.Decode(&after)
	if err != nil {
		return Found{}, err
	}
	if later && !validID(after.ID) {
		return Found{}, fault.New(fault.Invalid, "page.bad-cursor", "翻页位置已失效，请从第一页重新查看。")
	}
	found := Found{Match: Exact, Synonyms: []string{}, DidYouMean: []string{}}
	if later {
		found.Match = after.Match
		if after.Match == Wider || after.Match == Popular {
			q.widen()
		}
		if after.Match == Popular {
			q.Text = ""
		}
	}
	if strings.TrimSpace(q.Text) == "" {
		found.Page, err = s.page(ctx, q, pointer(later, after), found.Match)
		return found, err
	}
	words, err := s.vocabulary(ctx)
	if err != nil {
		return Found{}, err
	}
	x, err := s.findIndex(ctx)
	if err != nil {
		return Found{}, err
	}
	hits := x.Search(q.find(), words)
	found.Region, found.RegionName, found.Synonyms = hits.Region.Code, hits.Region.Name, emptyNotNil(hits.Means)
	if !hits.Content { // nothing was asked for, or only a place
		if q.Region == "" {
			q.Region = hits.Region.Code
		}
		found.Page, err = s.page(ctx, q, pointer(later, after), found.Match)
		if err != nil || len(found.Rows) > 0 || later {
			return found, err
		}
	}
	if len(hits.Hits) == 0 && !later && hits.Content {
		if q.Region == "" {
			q.Region = hits.Region.Code // to be dropped by widen
		}
		if q.widen() {
			found.Match = Wider
			// The place was heard already: in the text it would narrow again.
			hits = x.Search(find.Query{Text: strings.Replace(q.Text, shortOf(found.RegionName, q.Text), "", 1)}, words)
		}
	}
	if len(hits.Hits) > 0 {
		if hits.Match == find.Near && found.Match == Exact {
			found.Match = Near
		}
		found.Page, err = s.hitPage(ctx, hits.Hits, q.Page, pointer(later, after), found.Match)
		if found.Match == Near {
			found.DidYouMean = names(found.Rows, 3)
		}
		return found, err
	}
	q.widen()
	found.Match = Popular
	found.Page, err = s.page(ctx, q, nil, Popular)
	return found, err
}

func pointer(later bool, after position) *position {
	if later {
		return &after
	}
	return nil
}

// shortOf is the part of text that names a region: 曾都区, or 曾都 as people say.
func shortOf(region, text string) string {
	if region == "" || strings.Contains(text, region) {
		return region
	}
	return strings.TrimRight(region, "市区县")
}

func (q *Query) find() find.Query {
	f := find.Query{Text: q.Text, OrgCode: q.OrgCode, Theme: q.Theme, Audience: q.Audience}
	if q.Region != "" {
		f.Region = actor.RegionPrefix(q.Region)
	}
	return f
}

// hitPage reads the rows of one page of hits, in their order.
func (s *Service) hitPage(ctx context.Context, hits []find.Hit, req page.Request, after *position, match Match) (page.Page[Row], error) {
	if after != nil {
		i := sort.Search(len(hits), func(i int) bool { return hits[i].After(after.Rank, after.ID) })
		hits = hits[i:]
	}
	cut := page.Cut(hits[:min(len(hits), req.Limit()+1)], req.Limit(), func(h find.Hit) any { return position{Rank: h.Score, ID: h.ID, Match: match} })
	ids := make([]string, len(cut.Rows))
	for i, h := range cut.Rows {
		ids[i] = h.ID
	}
	rows, err := s.DB.Q(ctx).Query(ctx, `SELECT `+rowColumns+`, 0 AS rank FROM catalog.item WHERE id = ANY($1::uuid[])`, ids)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("read items found: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("read items found: %w", err))
	}
	by := make(map[string]Row, len(list))
	for _, r := range list {
		by[r.ID] = r.Row
	}
	out := page.Page[Row]{Rows: make([]Row, 0, len(ids)), Next: cut.Next}
	for _, id := range ids {
		if r, ok := by[id]; ok { // gone since the index was read: the next search knows
			out.Rows = append(out.Rows, r)
		}
	}
	return out, nil
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

const rowColumns = `id, name, org_code, org_name, region, region_name, task_type, project_type, status, summary,
	audience, statutory, statutory_unit, promised, promised_unit, visits, online, complete`

// ranked is a row and what it is ordered by.
type ranked struct {
	Row
	rank int
}

// page reads one page of a list without words, the most useful items first.
func (s *Service) page(ctx context.Context, q Query, after *position, match Match) (page.Page[Row], error) {
	st := statement{}
	rank := `weight`
	if len(actor.RegionPrefix(q.Region)) >= 6 {
		// A county holds a small, uneven part of the list: walking the list by weight
		// until a page of it is found would pass most of the catalogue.
		rank = `(weight + 0)`
	}
	where := append([]string{`status <> 'cancelled'`}, st.filters(q)...)
	if after != nil {
		where = append(where, `(`+rank+`, id) < (`+st.arg(after.Rank)+`, `+st.arg(after.ID)+`::uuid)`)
	}
	limit := q.Page.Limit()
	sql := `SELECT ` + rowColumns + `, (` + rank + `)::int AS rank FROM catalog.item WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + rank + ` DESC, id DESC LIMIT ` + st.arg(limit+1)
	rows, err := s.DB.Q(ctx).Query(ctx, sql, st.args...)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("list items: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return page.Page[Row]{}, postgres.Fault(fmt.Errorf("list items: %w", err))
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
