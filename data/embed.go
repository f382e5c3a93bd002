// Package data is the reference data that the product ships: administrative
// divisions, the working-day calendar, code lists, organisations, sample items,
// forms and fonts. README.md names each file's source and licence.
//
// The files are facts that somebody else publishes; nothing here is edited by
// hand except orgs/, items/ and forms/, which describe the made-up reference city.
package data

import "embed"

// FS holds the folders below by their names, e.g. "divisions/suizhou-4213.csv".
// ids/ is left out: its vectors only serve tests, which read them from disk.
//
//go:embed divisions holidays codes items forms fonts orgs search-eval
var FS embed.FS

// The files that more than one package opens.
const (
	Divisions    = "divisions/suizhou-4213.csv"         // code12,code,level,name,parent12
	Holidays     = "holidays/cn-holidays-2007-2026.csv" // date,is_off_day,name,paper
	RatedQueries = "search-eval/queries.tsv"            // query, kind, judgements; README.md says how
	CodeLists    = "codes/code-lists.csv"               // list,code,label,source
)
