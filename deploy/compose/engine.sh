# shellcheck shell=bash
# Shared by start.sh, stop.sh and rotate.sh, which run it at the root of the checkout.

export passwords=deploy/compose/passwords

fail() {
    printf 'rates: %s\n' "$*" >&2
    exit 1
}

# need_engine fails, with advice, unless this user can run containers.
need_engine() {
    local answer
    command -v docker >/dev/null ||
        fail "docker was not found. Install Docker Engine or Docker Desktop, or use 'make run', which needs only Go."
    docker compose version >/dev/null 2>&1 ||
        fail "docker has no compose plugin. Install it (package docker-compose-plugin), or use 'make run'."
    answer=$(docker version --format '{{.Server.Version}}' 2>&1) && return
    case $answer in
    *"permission denied"*)
        fail "this user may not use the Docker daemon. Add the user to the group docker and log in again, or use sudo." ;;
    *)
        fail "the Docker daemon does not answer. Start it (systemctl start docker, or open Docker Desktop) and try again." ;;
    esac
}

# rotate gives the service its other login; its arguments say why. Who runs this
# script answers for both: the stack is on their own machine.
rotate() {
    local me
    me=$(id -un)
    docker compose run --rm -T rotate login rotate --publish=file:/run/service/pg_service.conf \
        --asked-by="$me" --approved-by="$me" "$@"
}
