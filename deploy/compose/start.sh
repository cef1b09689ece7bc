#!/usr/bin/env bash
# Starts PostgreSQL and the service in containers, waits until they are ready and
# prints an example request. RATES_PORT is the port on this machine, 3000 by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/compose/engine.sh
source deploy/compose/engine.sh

readonly port=${RATES_PORT:-3000}

# need_port fails if another program uses the port.
need_port() {
    [[ $(docker compose port rates 3000 2>/dev/null) != "127.0.0.1:$port" ]] || return 0
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is in use by another program. Stop it, or choose another port: RATES_PORT=3080 make start-app-db"
    fi
}

random_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# need_passwords creates the passwords of a new database. It moves the folder into
# place in one step, so the folder is never incomplete.
need_passwords() {
    [[ ! -d $passwords ]] || return 0
    if docker volume inspect rates_database >/dev/null 2>&1; then
        fail "the database exists (volume rates_database), but its passwords ($passwords) are missing." \
            "Restore them, or remove the database and start again: deploy/compose/stop.sh --remove-data"
    fi
    local new owner
    new=$(mktemp -d "$passwords.XXXXXX")
    owner=$(random_password)
    printf '%s\n' "$owner" >"$new/owner_password"
    printf 'db:5432:rates:postgres:%s\n' "$owner" >"$new/owner_pgpass"
    chmod 0444 "$new"/*
    mv "$new" "$passwords"
}

# need_service_folder creates the folder of the service's login, which containers
# write as their own user. Only the owner of the folder around it can reach it.
need_service_folder() {
    [[ -d $passwords/service ]] || mkdir "$passwords/service"
    chmod 0777 "$passwords/service"
}

# need_service_login publishes a login of the service. Each start renews it, since it
# ends after 30 days.
need_service_login() {
    docker compose exec -T db psql --username=postgres --dbname=rates --no-psqlrc --quiet <deploy/compose/service_login.sql || return
    rotate --reason='make start-app-db'
}

# not_started fails with the last log lines of the containers.
not_started() {
    docker compose logs --tail 20 db rates >&2 || true
    fail "$* The last log lines of the containers are above. To remove the data and start again:" \
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

need_engine
need_port
need_passwords
need_service_folder
RATES_VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
export RATES_VERSION
docker compose build rates || fail "the image could not be built; the reason is above."
docker compose run --rm -T migrate || not_started "the database could not be started and migrated."
need_service_login ||
    not_started "the login of the service could not be created."
docker compose run --rm --no-deps -T seed || not_started "the sample could not be imported."
docker compose up --detach rates || not_started "the service did not start."
wait_until_healthy
cat <<END

rates answers on http://localhost:$port
Try:

  curl 'http://localhost:$port/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL'

'make stop-app-db' stops it and keeps the data.

END
