# Onedoor. `make` lists what can be done; `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
GO ?= go
export CGO_ENABLED ?= 0
ARGS ?=

.PHONY: help setup run demo test unit e2e lint gen bench check build fuzz lighthouse sbom clean

help: ## list these targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort -t: -k1,1 | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## install what running and testing needs (Debian packages, npm and Go modules)
	@tools/setup.sh run test

run: ## install what is missing, build, start the reference city on http://127.0.0.1:8080
	@tools/setup.sh run
	@$(MAKE) --no-print-directory build
	@bin/onedoor serve --demo-city $(ARGS)

demo: build ## drive the whole story over HTTP against a private instance, print every step
	@bin/onedoor demo $(ARGS)

test: ## everything: setup, lint, generated files, Go tests, web tests, browser tests
	@tools/setup.sh run test
	@$(MAKE) --no-print-directory check

check: gen-check lint unit fuzz e2e ## what CI runs, without the installation

build: web/dist/.built ## build the web pages and the binary into bin/
	@$(GO) build -trimpath -o bin/onedoor ./cmd/onedoor
	@$(GO) build -trimpath -o bin/onedoor-pkcs11 ./cmd/onedoor-pkcs11

unit: build ## Go tests (real PostgreSQL) and web unit tests
	@$(GO) test ./... $(ARGS)
	@cd web && npm test --silent

e2e: build ## browser tests in real Chromium, with axe; screenshots in e2e/shots
	@cd e2e && npm test --silent -- $(ARGS)

fuzz: ## every fuzz test for a short while (FUZZ_SECONDS=3600 for a long one)
	@tools/fuzz.sh $(ARGS)

lighthouse: build ## Lighthouse on mobile settings over the public and the signed-in pages
	@cd e2e && npm run --silent lighthouse

lint: ## gofumpt, vet, staticcheck, gosec, eslint, tsc
	@tools/lint.sh

gen: ## regenerate api/openapi.json and the typed web client
	@tools/gen.sh

gen-check:
	@tools/gen.sh --check

bench: build ## figures against a raw floor in the same run (ARGS="--size 100000 --json")
	@bin/onedoor bench intake $(ARGS)

sbom: build ## what the product is made of: bin/sbom-go.txt, bin/sbom-npm.cdx.json
	@$(GO) version -m bin/onedoor >bin/sbom-go.txt
	@cd web && npm sbom --package-lock-only --omit dev --sbom-format cyclonedx >../bin/sbom-npm.cdx.json
	@ls bin/sbom-*

clean: ## remove what was built (never the data in var/)
	@rm -rf bin web/dist/assets web/dist/*.html web/dist/.built e2e/shots e2e/results

# The web build is redone when a source or the lock file is newer than the last one.
web/dist/.built: web/node_modules/.installed $(shell find web/src web/public web/*.html web/*.ts web/*.css -type f 2>/dev/null)
	@cd web && npm run --silent build
	@touch $@

web/node_modules/.installed: web/package-lock.json
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
