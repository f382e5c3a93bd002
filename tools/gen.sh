#!/usr/bin/env bash
# Generates api/openapi.json from the handlers and the web client's types from it.
# With --check it changes nothing and fails when the committed files are stale.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -e web/dist/portal.html ] || mkdir -p web/dist
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
go run ./cmd/onedoor openapi >"$fresh/openapi.json"
(cd web && npx --no-install openapi-typescript "$fresh/openapi.json" -o "$fresh/schema.d.ts" >/dev/null)
if [ "${1:-}" = --check ]; then
  diff -q "$fresh/openapi.json" api/openapi.json && diff -q "$fresh/schema.d.ts" web/src/api/schema.d.ts ||
    { echo "gen: generated files are stale, run 'make gen' and commit them" >&2; exit 1; }
  echo "gen: generated files are fresh"
else
  mkdir -p api
  cp "$fresh/openapi.json" api/openapi.json
  cp "$fresh/schema.d.ts" web/src/api/schema.d.ts
fi
