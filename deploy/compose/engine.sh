# shellcheck shell=bash
# What start.sh and stop.sh share. Both run at the top of the checkout.

# shellcheck disable=SC2034 # read by both
passwords=deploy/compose/passwords

fail() {
    printf 'rates: %s\n' "$*" >&2
    exit 1
}

# need_engine ends the script, saying what to do, unless containers can be run.
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
