#!/usr/bin/env bash
# Formatting, vet, staticcheck, eslint and the TypeScript compiler. Exceptions stand in staticcheck.conf with their reason.
set -euo pipefail
cd "$(dirname "$0")/.."
unformatted=$(go tool gofumpt -l cmd internal data web/*.go)
if [ -n "$unformatted" ]; then
  echo "lint: run 'go tool gofumpt -w' on:" >&2
  echo "$unformatted" >&2
  exit 1
fi
go vet ./...
go tool staticcheck ./...
(cd web && npm run --silent lint && npm run --silent typecheck)
echo "lint: clean"
