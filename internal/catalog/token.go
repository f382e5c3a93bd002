package catalog

import (
	"slices"

	"onedoor/internal/kernel/actor"
)

// tokensOf are what lists filter by, in one inverted index: "@r421303" for the region
// and each above it by significant digits, "@t…" for themes, "@a…" for audience. Words
// are the business of find.
func tokensOf(it *Item) []string {
	var out []string
	for p := actor.RegionPrefix(it.Region); len(p) >= 2; p = shorter(p) {
		out = append(out, "@r"+p)
	}
	for _, t := range it.Themes {
		out = append(out, "@t"+t)
	}
	if it.ForPersons() {
		out = append(out, "@aperson")
	}
	if it.ForLegal() {
		out = append(out, "@alegal")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shorter cuts the last level off a region's significant digits.
func shorter(prefix string) string {
	switch {
	case len(prefix) > 9:
		return prefix[:9]
	case len(prefix) > 6:
		return prefix[:6]
	case len(prefix) > 4:
		return prefix[:4]
	case len(prefix) > 2:
		return prefix[:2]
	}
	return ""
}
