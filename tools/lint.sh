#!/usr/bin/env bash
# Formatting, vet, staticcheck, gosec, eslint and the TypeScript compiler. Exceptions stand in
# staticcheck.conf and tools/gosec.exceptions with their reason.
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
tools/gosec.sh
(cd web && npm run --silent lint && npm run --silent typecheck)
echo "lint: clean"
