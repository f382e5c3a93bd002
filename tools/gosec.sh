#!/usr/bin/env bash
# gosec over everything that ships. What it reports must stand in tools/gosec.exceptions
# with a reason, rule by file; an exception that is no longer needed fails too.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v2.30.0
report=$(mktemp)
trap 'rm -f "$report" "$report".*' EXIT
# Its status says only that it found something.
go run "github.com/securego/gosec/v2/cmd/gosec@$version" -quiet -fmt text -color=false -exclude-generated -exclude-dir e2e -exclude-dir web ./... >"$report" 2>"$report.err" || true
grep -q '^Summary:' "$report" || [ ! -s "$report" ] || { cat "$report" "$report.err" >&2; exit 1; }
[ -s "$report" ] || [ ! -s "$report.err" ] || ! grep -qi 'error\|panic' "$report.err" || { cat "$report.err" >&2; exit 1; }
sed -nE "s#^\[$PWD/(.*):[0-9-]+\] - (G[0-9]+).*#\2 \1#p" "$report" | sort -u >"$report.found"
grep -vE '^(#|$)' tools/gosec.exceptions | awk '{print $1, $2}' | sort >"$report.allowed"
new=$(comm -23 "$report.found" "$report.allowed")
stale=$(comm -13 "$report.found" "$report.allowed")
if [ -n "$new" ]; then
  echo "gosec: mend these, or enter them in tools/gosec.exceptions with the reason:" >&2
  while read -r rule file; do grep -A3 -F "$PWD/$file:" "$report" | grep -A3 -F "$rule" >&2; done <<<"$new"
fi
[ -z "$stale" ] || { echo "gosec: no longer needed in tools/gosec.exceptions:" >&2; echo "$stale" >&2; }
[ -z "$new$stale" ] || exit 1
echo "gosec: clean ($(wc -l <"$report.allowed") exceptions with their reason)"
