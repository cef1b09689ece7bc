#!/usr/bin/env bash
# Runs principals.sql with a token of the job's identity as the password. The
# image has psql and bash, but no curl.
set -euo pipefail

# Prints the access_token of the response. Container Apps provides the address
# and a secret header that no other container has.
token() {
  local address="${IDENTITY_ENDPOINT#http://}"
  local host="${address%%/*}" path="/${address#*/}"
  exec 3<>"/dev/tcp/${host%:*}/${host##*:}" || return 1
  printf 'GET %s?api-version=2019-08-01&resource=%s&client_id=%s HTTP/1.0\r\nHost: %s\r\nX-IDENTITY-HEADER: %s\r\n\r\n' \
    "$path" "https%3A%2F%2Fossrdbms-aad.database.windows.net" "$AZURE_CLIENT_ID" "$host" "$IDENTITY_HEADER" >&3
  local answer
  answer=$(cat <&3)
  if [[ $answer =~ \"access_token\":\ *\"([^\"]+)\" ]]; then
    printf '%s' "${BASH_REMATCH[1]}"
  else
    echo "no token for $AZURE_CLIENT_ID: ${answer%%$'\r'*}" >&2
    return 1
  fi
}

# The endpoint may refuse connections in the first seconds of a container.
await_token() {
  local deadline=$((SECONDS + ${TOKEN_WAIT:-30}))
  until token; do
    ((SECONDS < deadline)) || return 1
    sleep 1
  done
}

roots=$(mktemp)
printf '%s\n' "$ROOT_CERTIFICATES" >"$roots"
export PGSSLMODE="${PGSSLMODE:-verify-full}" PGSSLROOTCERT="$roots" PGDATABASE="${PGDATABASE:-rates}"
PGPASSWORD=$(await_token)
export PGPASSWORD

psql --no-psqlrc --quiet \
  --set entra_database="${ENTRA_DATABASE:-postgres}" \
  --set service_id="$SERVICE_ID" --set migrate_id="$MIGRATE_ID" --set seed_id="$SEED_ID" \
  --set readers_id="$READERS_ID" --set loaders_id="$LOADERS_ID" \
  --file - <<<"$PRINCIPALS_SQL"
echo "the logins are as they should be"
