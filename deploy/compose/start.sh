#!/usr/bin/env bash
# Starts PostgreSQL and the service in containers, waits until they answer and
# says how to ask. RATES_PORT is the port on this machine, 3000 if not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/compose/engine.sh
source deploy/compose/engine.sh

readonly port=${RATES_PORT:-3000}

# need_port fails if another program listens on the port.
need_port() {
    [[ $(docker compose port rates 3000 2>/dev/null) != "127.0.0.1:$port" ]] || return 0
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is in use by another program. Stop it, or choose another port: RATES_PORT=3080 make start-app-db"
    fi
}

random_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# need_passwords makes the passwords of a new database. The folder appears in
# one step, so that it is whole whenever it is there.
need_passwords() {
    [[ ! -d $passwords ]] || return 0
    if docker volume inspect rates_database >/dev/null 2>&1; then
        fail "the database is there (volume rates_database), but its passwords ($passwords) are gone." \
            "Put them back, or start anew without its data: deploy/compose/stop.sh --remove-data"
    fi
    local new owner
    new=$(mktemp -d "$passwords.XXXXXX")
    owner=$(random_password)
    printf '%s\n' "$owner" >"$new/owner_password"
    printf 'db:5432:rates:postgres:%s\n' "$owner" >"$new/owner_pgpass"
    printf 'db:5432:rates:rates_service:%s\n' "$(random_password)" >"$new/service_pgpass"
    chmod 0444 "$new"/*
    mv "$new" "$passwords"
}

# not_started ends the script with the last words of the containers.
not_started() {
    docker compose logs --tail 20 db rates >&2 || true
    fail "$* What the containers said last is above. To start anew, without the data:" \
        "deploy/compose/stop.sh --remove-data"
}

wait_until_healthy() {
    local state="" container deadline=$((SECONDS + 120))
    container=$(docker compose ps --all --quiet rates)
    while ((SECONDS < deadline)); do
        state=$(docker inspect --format '{{.State.Status}}, {{.State.Health.Status}}' "$container")
        case $state in
        "running, healthy") return ;;
        "running, starting") sleep 0.5 ;;
        *) break ;;
        esac
    done
    not_started "the service did not become healthy; it is $state."
}

owner_psql() { docker compose exec -T db psql --username=postgres --dbname=rates --no-psqlrc --quiet "$@"; }

# seed loads db/rates.sql into a database without data.
seed() {
    local empty
    empty=$(owner_psql --no-align --tuples-only --command='SELECT NOT EXISTS (SELECT FROM regions)') || return
    [[ $empty == f ]] || docker compose run --rm --no-deps -T seed <db/rates.sql
}

need_engine
need_port
need_passwords
RATES_VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
export RATES_VERSION
docker compose build rates || fail "the image could not be built; the reason is above."
docker compose run --rm -T migrate || not_started "the database could not be started and migrated."
owner_psql <deploy/compose/service_login.sql || not_started "the login of the service could not be made."
seed || not_started "db/rates.sql could not be loaded."
docker compose up --detach rates || not_started "the service did not start."
wait_until_healthy
cat <<END

rates answers on http://localhost:$port
Try:

  curl 'http://localhost:$port/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL'

'make stop-app-db' stops it and keeps the data.

END
