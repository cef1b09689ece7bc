#!/bin/bash
# Run by the image of PostgreSQL once it has made the database: lets replicas follow.
set -euo pipefail

printf 'host replication replica all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
psql --username=postgres --dbname=rates --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'END'
\set password `cat /run/secrets/replica_password`
CREATE ROLE replica LOGIN REPLICATION PASSWORD :'password';
END
