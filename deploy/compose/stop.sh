#!/usr/bin/env bash
# Stops the containers and keeps the data. --remove-data removes the data and the
# passwords too.
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
    fail "unknown argument '$*'; the only one is --remove-data."
    ;;
esac
