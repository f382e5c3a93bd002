#!/usr/bin/env bash
# Installs what is missing for the parts named as arguments: run, test.
# Fails when something cannot be had; never goes on without it.
set -euo pipefail
cd "$(dirname "$0")/.."

need=()
want() { # want COMMAND PACKAGE…: the packages, when the command is not there
  local command=$1; shift
  command -v "$command" >/dev/null 2>&1 || need+=("$@")
}
have_postgres() { command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

for part in "$@"; do
  case $part in
    run)
      # With an own server no local PostgreSQL is needed.
      if [ -z "${ONEDOOR_DATABASE_URL:-}" ] && ! have_postgres; then need+=(postgresql postgresql-contrib); fi
      ;;
    test)
      # Tests always run on a real PostgreSQL, a real browser and outside validators.
      have_postgres || need+=(postgresql postgresql-contrib)
      want chromium chromium
      want xmllint libxml2-utils
      want openssl openssl
      want pdftoppm poppler-utils
      want softhsm2-util softhsm2
      want pg_dump postgresql-client
      fc-list 2>/dev/null | grep -qi 'noto.*cjk' || need+=(fontconfig fonts-noto-cjk)
      ;;
    *) echo "setup: unknown part $part" >&2; exit 2 ;;
  esac
done

if [ ${#need[@]} -gt 0 ]; then
  sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "Installing ${need[*]} …"
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

for tool in go node npm; do
  command -v "$tool" >/dev/null || { echo "setup: $tool is missing. Install Go 1.26 and Node 20 (with npm) first; see README.md." >&2; exit 1; }
done

go mod download
install_npm() { # install_npm FOLDER: only when the lock file is newer than the last installation
  [ "$1/node_modules/.installed" -nt "$1/package-lock.json" ] && return
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) && touch "$1/node_modules/.installed"
}
install_npm web
case " $* " in *' test '*) install_npm e2e ;; esac
