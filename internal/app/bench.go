package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onedoor/internal/audit"
	"onedoor/internal/catalog"
	"onedoor/internal/intake"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
)

// Intake is the case module, whose prepared submits are the floor of the bench.
func (a *App) Intake() *intake.Service { return a.modules.intake }

// Audit is the evidence log, for its bench.
func (a *App) Audit() *audit.Service { return a.modules.audit }

// ActorOf is who is behind a session token.
func (a *App) ActorOf(ctx context.Context, token string) (*actor.Actor, error) {
	return a.modules.identity.Actor(ctx, token)
}

// BenchLogin is the demo account that benches apply with.
const BenchLogin = "13800000001"

// BenchItem is an open item whose submit needs no file.
type BenchItem struct {
	ID   string
	Form json.RawMessage // filled in
}

// BenchItem finds an item that can be applied for with the form alone.
func (a *App) BenchItem(ctx context.Context) (BenchItem, error) {
	var found BenchItem
	err := a.eachItem(ctx, func(it *catalog.Item) (bool, error) {
		for _, m := range it.Materials {
			if m.Required && !m.Waived {
				return true, nil
			}
		}
		form, err := a.example(ctx, it)
		found = BenchItem{ID: it.ID, Form: form}
		return form == nil, err
	})
	if err == nil && found.Form == nil {
		err = errors.New("every item needs material; load the reference city")
	}
	return found, err
}

// eachItem walks the open items of the city until visit says stop.
func (a *App) eachItem(ctx context.Context, visit func(*catalog.Item) (more bool, err error)) error {
	req := page.Request{Size: page.MaxSize}
	for {
		p, err := a.modules.catalog.Search(ctx, catalog.Query{Region: a.cfg.Region, Page: req})
		if err != nil {
			return fmt.Errorf("walk the catalogue: %w", err)
		}
		for _, row := range p.Rows {
			it, err := a.modules.catalog.ItemByID(ctx, row.ID)
			if err != nil {
				return fmt.Errorf("walk the catalogue: %w", err)
			}
			if it.Open() != nil {
				continue
			}
			if more, err := visit(it); err != nil || !more {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		req.Cursor = p.Next
	}
}

// example is a filled-in form of the item, nil when its definition gives none.
func (a *App) example(ctx context.Context, it *catalog.Item) (json.RawMessage, error) {
	def, err := a.modules.form.Definition(ctx, it.FormID, it.FormVersion)
	if err != nil {
		return nil, err
	}
	var schema struct {
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(def.Schema, &schema); err != nil {
		return nil, fmt.Errorf("form %s: %w", it.FormID, err)
	}
	if len(schema.Examples) == 0 {
		return nil, nil
	}
	return schema.Examples[0], nil
}

// preloadItems is how many items the invented past is spread over.
const preloadItems = 200

// PreloadCases writes a past of n cases by COPY, a few of them who's.
func (a *App) PreloadCases(ctx context.Context, n int, who *actor.Actor) error {
	var past []*intake.Item
	var form json.RawMessage
	err := a.eachItem(ctx, func(it *catalog.Item) (bool, error) {
		item, err := items{a.modules.catalog}.Item(ctx, it.ID)
		if err != nil {
			return false, err
		}
		past = append(past, item)
		if form == nil {
			form, err = a.example(ctx, it)
		}
		return len(past) < preloadItems, err
	})
	if err != nil {
		return err
	}
	known, err := applicants{a.modules.identity}.Applicant(ctx, who.ApplicantID)
	if err != nil {
		return err
	}
	return a.modules.intake.PreloadCases(ctx, intake.Preload{
		Cases: n, Until: a.clock.Now(), Items: past, Applicants: max(1, n/4), Form: form, Keys: a.modules.intake.Keys,
		Known: []intake.Applicant{known}, Accounts: []string{who.AccountID},
	})
}

// SearchItems is the search that portal and site use.
func (a *App) SearchItems(ctx context.Context, q catalog.Query) (catalog.Found, error) {
	return a.modules.catalog.Search(ctx, q)
}
