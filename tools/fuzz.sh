#!/usr/bin/env bash
# Runs every fuzz test for a short while (all together about FUZZ_SECONDS, 40 by default).
# What one finds is written to testdata/fuzz of its package: a test from then on.
# For a long search: FUZZ_SECONDS=36000 tools/fuzz.sh, or one: tools/fuzz.sh FuzzOpen
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t targets < <(grep -rnoE '^func Fuzz[A-Za-z0-9]+' --include='*_test.go' internal cmd | sed -E 's#^(.*)/[^/]+:[0-9]+:func (.*)#\1 \2#' | { [ $# -eq 0 ] && cat || grep -E " ($(IFS='|'; echo "$*"))$"; })
[ ${#targets[@]} -gt 0 ] || { echo "fuzz: no such test" >&2; exit 2; }
each=$(( ${FUZZ_SECONDS:-40} * 1000 / ${#targets[@]} ))
for t in "${targets[@]}"; do
  read -r package name <<<"$t"
  log=$(go test "./$package" -run '^$' -fuzz "^$name\$" -fuzztime "${each}ms" -fuzzminimizetime 5s 2>&1) || { echo "$log" >&2; echo "fuzz: $package $name failed" >&2; exit 1; }
done
echo "fuzz: ${#targets[@]} tests, ${each} ms each, nothing found"
