package catalog

import (
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/workday"
)

// Query is what one looks for. Everything is optional; an empty query lists all
// published items, the most useful first.
type Query struct {
	Text     string // part of a name, everyday words, pinyin or its initials, with or without a region
	Region   string // 12 digits; the region and all below it
	OrgCode  string // "sz-scjg"
	Theme    string // "natural:085", "legal:010"
	Audience string // "person" or "legal"
	Page     page.Request
}

// Row is an item in a list.
type Row struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	OrgCode        string        `json:"org_code"`
	OrgName        string        `json:"org_name"`
	Region         string        `json:"region"`
	RegionName     string        `json:"region_name"`
	TaskType       string        `json:"task_type"`
	TaskTypeText   string        `json:"task_type_text"`
	ProjectType    ProjectType   `json:"project_type"`
	Status         Status        `json:"status"`
	Summary        string        `json:"summary"`
	Audience       []string      `json:"audience"`
	StatutoryLimit workday.Limit `json:"statutory_limit"`
	PromisedLimit  workday.Limit `json:"promised_limit"`
	Visits         int           `json:"visits"`
	Online         bool          `json:"online"`
	Complete       bool          `json:"complete"`
}

// Match says how rows answer the query.
type Match string

// The matches. Near rows resemble the words; Popular rows are what others look
// for, shown when nothing resembles them at all.
const (
	Exact   Match = "exact"
	Wider   Match = "wider" // the same words, outside the region or department asked for
	Near    Match = "near"
	Popular Match = "popular"
)

// Found is a page of rows and what was understood of the query.
type Found struct {
	page.Page[Row]
	Match Match `json:"match"`
	// Region is the region read out of the text ("曾都区 开饭店"), "" when none was.
	Region     string `json:"region"`
	RegionName string `json:"region_name"`
	// Synonyms are the official words that everyday ones were taken for.
	Synonyms []string `json:"synonyms"`
	// DidYouMean are queries that do find something, when this one did not.
	DidYouMean []string `json:"did_you_mean"`
}

// ThemeCount is a theme (主题分类) with the number of published items.
type ThemeCount struct {
	Code  string `json:"code"` // "natural:085"
	Kind  string `json:"kind"` // natural | legal
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// OrgCount is a department with the number of published items.
type OrgCount struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Region string `json:"region"`
	Count  int    `json:"count"`
}

// RegionCount is a region with the number of published items in and below it.
type RegionCount struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}
