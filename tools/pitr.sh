#!/usr/bin/env bash
# Rehearses point-in-time recovery as docs/operations.md describes it, on two throw-away
# clusters: WAL archiving, pg_basebackup, a mistake, recovery to the moment before it.
# Needs PostgreSQL's server programs; as root it runs them as the user postgres.
set -euo pipefail
bin=${PGBIN:-$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -1)")")}
work=$(mktemp -d /tmp/onedoor-pitr-XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then chown postgres "$work"; as=(runuser -u postgres --); fi
cd "$work"
run() { "${as[@]}" "$@"; }
sql() { run "$bin/psql" -XAtq -h "$work" -p "$port" -U postgres -d postgres -v ON_ERROR_STOP=1 -c "$1"; }
start() { run "$bin/pg_ctl" -w -D "$work/$1" -l "$work/$1.log" -o "-k $work -p $port -c listen_addresses=''" start >/dev/null || { cat "$work/$1.log"; exit 1; }; }
stop() { run "$bin/pg_ctl" -w -m fast -D "$work/$1" stop >/dev/null 2>&1 || true; }
trap 'stop main; stop again; rm -rf "$work"' EXIT
port=5432

# 1. The server archives its log.
run "$bin/initdb" -D "$work/main" -U postgres --data-checksums --auth=trust >/dev/null
run mkdir "$work/wal"
run tee -a "$work/main/postgresql.conf" >/dev/null <<CONF
wal_level = replica
archive_mode = on
archive_timeout = 60
archive_command = 'test ! -f $work/wal/%f && cp %p $work/wal/%f.part && sync $work/wal/%f.part && mv $work/wal/%f.part $work/wal/%f'
CONF
start main
sql "CREATE TABLE cases (no int PRIMARY KEY)"
sql "INSERT INTO cases SELECT generate_series(1, 1000)"

# 2. A base backup, checked.
run "$bin/pg_basebackup" -h "$work" -p "$port" -U postgres -D "$work/again" --checkpoint=fast --wal-method=stream --manifest-checksums=SHA256
run "$bin/pg_verifybackup" -q "$work/again"

# 3. Life goes on; then a mistake.
sql "INSERT INTO cases SELECT generate_series(1001, 1500)"
moment=$(sql "SELECT clock_timestamp()")
sql "SELECT pg_sleep(0.01)" >/dev/null
sql "DROP TABLE cases"
sql "SELECT pg_switch_wal()" >/dev/null
stop main # a clean stop archives the rest

# 4. Recovery to the moment before.
run tee -a "$work/again/postgresql.conf" >/dev/null <<CONF
restore_command = 'cp $work/wal/%f %p'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
CONF
run touch "$work/again/recovery.signal"
start again
for _ in $(seq 600); do [ "$(sql 'SELECT pg_is_in_recovery()')" = f ] && break; sleep 0.1; done
found=$(sql "SELECT count(*) || ' ' || max(no) FROM cases")
[ "$found" = "1500 1500" ] || { echo "pitr: found $found, want 1500 1500" >&2; exit 1; }
echo "pitr: recovered to $moment, 1500 rows of 1500"
