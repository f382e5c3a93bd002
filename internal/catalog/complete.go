package catalog

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"onedoor/internal/directory"
)

// Complete items are written by hand in the product's own dialect: a JSON list
// of items, each with the departments that carry it out. One entry becomes one
// item at each of them (四级同权同名: the same name, type, basis and materials), with
// the codes, window and phone of that department.
type completeEntry struct {
	Slug string   `json:"slug"` // "food-licence", stable
	Orgs []string `json:"orgs"` // "sz-scjg", "zd-scjg"
	Item Item     `json:"item"`
}

func readComplete(r io.Reader, yield func(draft) error) error {
	var entries []json.RawMessage
	if err := json.NewDecoder(r).Decode(&entries); err != nil {
		return fmt.Errorf("read complete items: %w", err)
	}
	for i, raw := range entries {
		var e completeEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("complete item %d: %w", i+1, err)
		}
		for _, org := range e.Orgs {
			it := e.Item // its lists are shared and only read
			it.Complete = true
			d := draft{line: i + 1, code: org + "/" + e.Slug, name: it.Name, original: raw, item: &it, orgs: []string{org}, complete: localise}
			d.refused = checkComplete(&it)
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// localise gives an item the codes and windows of the department that carries it out.
func localise(it *Item, org *directory.Org) {
	it.UseLevel = 4
	if strings.HasSuffix(org.Region, "00000000") {
		it.UseLevel = 3
	}
	it.TaskCode = fmt.Sprintf("%s%d%s", org.USCC, it.UseLevel, it.CatalogCode)
	places := append([]Place(nil), it.Places...)
	for i := range places {
		if places[i].Address == "" {
			places[i].Address = org.Address
		}
	}
	it.Places = places
	it.Phone = org.Phone
}

// checkComplete holds our own items to the rules of the national item checks.
func checkComplete(it *Item) *refusal {
	switch {
	case it.Name == "":
		return noName
	case taskTypes[it.TaskType] == "":
		return badType
	case !catalogCode.MatchString(it.CatalogCode) || it.CatalogCode[2:4] != it.TaskType:
		return badCatalogCode
	case !promiseHolds(it.StatutoryLimit, it.PromisedLimit):
		return badPromise
	}
	return nil
}
