#!/usr/bin/env bash
# Starts one primary, two replicas and three instances of the service, says what to try,
# and removes everything at Ctrl-C: in containers or, without an engine, as processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/compose/engine.sh
source deploy/compose/engine.sh

readonly file=deploy/replica/docker-compose.yml folder=deploy/replica/passwords

compose() { docker compose --file "$file" "$@"; }

if ! reason=$(need_engine 2>&1); then
    command -v go >/dev/null || fail "there is neither a container engine nor Go. $reason"
    printf '%s\nStarting the same as processes.\n' "$reason" >&2
    go build -o bin/devserver ./service/cmd/devserver
    exec bin/devserver --replicas=2
fi

# need_passwords makes a password for each login, and the line of a passfile with it.
need_passwords() {
    local login password
    rm -rf "$folder"
    mkdir -m 0700 "$folder"
    for login in owner:postgres replica:replica service:rates_service; do
        password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
        printf '%s\n' "$password" >"$folder/${login%:*}_password"
        printf '*:*:*:%s:%s\n' "${login#*:}" "$password" >"$folder/${login%:*}_pgpass"
    done
    chmod 0444 "$folder"/*
}

remove() {
    trap '' INT TERM
    compose --profile start down --remove-orphans --volumes
    rm -rf "$folder"
}

not_started() {
    compose logs --tail 20 >&2 || true
    fail "$* The last log lines of the containers are above."
}

need_passwords
trap remove EXIT
trap 'exit 0' INT TERM
RATES_VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
export RATES_VERSION
compose build rates-1 || fail "the image could not be built; the reason is above."
compose run --rm -T migrate || not_started "the primary could not be started and migrated."
compose exec -T primary psql --username=postgres --dbname=rates --no-psqlrc --quiet <deploy/replica/service_login.sql ||
    not_started "the login of the service could not be created."
compose run --rm -T seed || not_started "the sample could not be imported."
compose up --detach --wait --wait-timeout=120 rates-1 rates-2 rates-3 ||
    not_started "the replicas or the service did not start."
cat <<END

Three instances of rates ask two replicas of one primary:

  http://localhost:3000
  http://localhost:3010
  http://localhost:3020

Ask, from any instance:

  curl 'http://localhost:3000/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL'

Keep a replica behind, add a price, ask again, and let it catch up. The old answer
comes with its old ETag, and never after the new one from the same instance:

  on() { docker compose --file $file exec "\$1" psql --username=postgres --dbname=rates -c "\$2"; }
  on replica-1 'SELECT pg_wal_replay_pause()'
  on primary "INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-31', 90)"
  on replica-1 'SELECT pg_wal_replay_resume()'

End the primary; answers go on. Then let a replica take over, and add prices there:

  docker compose --file $file kill primary
  on replica-1 'SELECT pg_promote()'

Or end the other replica; the first answers:

  docker compose --file $file kill replica-2

Ctrl-C stops everything and removes the data.

END
while sleep 1; do :; done
