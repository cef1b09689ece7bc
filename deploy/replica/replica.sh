#!/bin/bash
# Runs PostgreSQL as a replica: its first start copies the primary.
set -euo pipefail

# PostgreSQL reads no file of passwords that others can read.
export PGPASSFILE=/tmp/pgpass
install -m 0600 /run/secrets/replica_pgpass "$PGPASSFILE"
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    install -d -m 0700 "$PGDATA" # pg_basebackup leaves the mode of a folder that exists
    pg_basebackup --pgdata="$PGDATA" --host=primary --username=replica --no-password --write-recovery-conf --checkpoint=fast
fi
exec postgres
