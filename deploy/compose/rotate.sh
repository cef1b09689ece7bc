#!/usr/bin/env bash
# Gives the running service another login, without a restart and without losing a
# request. Its arguments are those of 'rates login rotate', such as --dry-run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/compose/engine.sh
source deploy/compose/engine.sh

need_engine
[[ -f $passwords/service/pg_service.conf ]] ||
    fail "the service has no login yet. Start it first: make start-app-db"
rotate --reason='make rotate-login' "$@"
