package story

import (
	"encoding/json"
	"time"
)

// What of the answers the story reads; the whole shapes are in api/openapi.json.

type itemRow struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	OrgName  string `json:"org_name"`
	Region   string `json:"region"`
	Complete bool   `json:"complete"`
}

type item struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	FormID      string `json:"form_id"`
	FormVersion int    `json:"form_version"`
	Materials   []struct {
		Code     string `json:"code"`
		Name     string `json:"name"`
		Required bool   `json:"required"`
		Waived   bool   `json:"waived"`
	} `json:"materials"`
}

type definition struct {
	Schema struct {
		Examples []json.RawMessage `json:"examples"`
	} `json:"schema"`
}

type draft struct {
	ID      string          `json:"id"`
	Version int             `json:"version"`
	Form    json.RawMessage `json:"form"` // what the account already tells
}

// Case is what the story reads of a case.
type Case struct {
	CaseNo    string `json:"case_no"`
	State     string `json:"state"`
	StateText string `json:"state_text"`
	Result    string `json:"result"`
	Version   int    `json:"version"`
	Materials []struct {
		Code  string `json:"code"`
		Files []struct {
			ID string `json:"id"`
		} `json:"files"`
	} `json:"materials"`
	Deadlines struct {
		Promised  *struct{ Due time.Time } `json:"promised"`
		Statutory *struct{ Due time.Time } `json:"statutory"`
	} `json:"deadlines"`
	Documents []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Ready bool   `json:"ready"`
	} `json:"documents"`
	Licence *struct {
		ID     string `json:"id"`
		Number string `json:"number"`
	} `json:"licence"`
}

type rows[T any] struct {
	Rows []T `json:"rows"`
}
