#!/usr/bin/env bash
# Stops the containers and keeps the data; --remove-data removes them too, and
# the passwords.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=deploy/compose/engine.sh
source deploy/compose/engine.sh

case $* in
"")
    need_engine
    docker compose down --remove-orphans
    ;;
--remove-data)
    need_engine
    docker compose down --remove-orphans --volumes
    rm -rf "$passwords" "$passwords".*
    ;;
*)
    fail "stop.sh was given '$*'; expected nothing, or --remove-data."
    ;;
esac
