#!/bin/bash
# Runs PostgreSQL as a replica: its first start copies the primary.
set -euo pipefail

# PostgreSQL reads no file of passwords that others can read.
export PGPASSFILE=/tmp/pgpass
install -m 0600 /run/secrets/replica_pgpass "$PGPASSFILE"
[[ -s $PGDATA/PG_VERSION ]] ||
    pg_basebackup --pgdata="$PGDATA" --host=primary --username=replica --no-password --write-recovery-conf --checkpoint=fast
exec postgres
