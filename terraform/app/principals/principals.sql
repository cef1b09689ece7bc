-- Creates the logins and their rights. run.sh feeds it to psql as an
-- administrator of the server, with the object ids of Entra as variables. It is
-- idempotent.
--
--   rates_service        the service: reads
--   rates_migrate        the job migrate: owns the tables
--   rates_seed           the job seed, where there is one: imports
--   rates_people_reader  the group of readers: reads
--   rates_people_loader  the group of loaders: imports
--
-- People log in with the name of their group's role and a token of their own.
-- If an identity was deleted and recreated, its role still points at the old
-- one: rename the role, so that its sessions go on, run this again, and drop the
-- old one once nothing uses it.

\set ON_ERROR_STOP on

-- The migrations create these too, but on Azure only an administrator may.
SELECT format('CREATE ROLE %I NOLOGIN', name), format('COMMENT ON ROLE %I IS %L', name, purpose)
FROM (VALUES
    ('rates_owner',  'Owns the tables of rates and migrates them.'),
    ('rates_loader', 'Imports ports, regions and prices.'),
    ('rates_reader', 'Reads; the service logs in as a member.'),
    ('rates_access', 'Records changes of logins; whoever manages logins is a member.')
) AS role (name, purpose)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Azure has this function in one database only.
\set rates_database :DBNAME
\connect :entra_database
SELECT pgaadauth_create_principal_with_oid(name, oid, kind, false, false)
FROM (VALUES
    ('rates_service',       :'service_id', 'service'),
    ('rates_migrate',       :'migrate_id', 'service'),
    ('rates_seed',          :'seed_id',    'service'),
    ('rates_people_reader', :'readers_id', 'group'),
    ('rates_people_loader', :'loaders_id', 'group')
) AS principal (name, oid, kind)
WHERE oid <> '' AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);
\connect :rates_database

GRANT rates_reader TO rates_loader, rates_service, rates_people_reader;
GRANT rates_loader TO rates_people_loader;
GRANT rates_owner TO rates_migrate;
SELECT CASE :'seed_id' WHEN '' THEN 'REVOKE rates_loader FROM rates_seed' ELSE 'GRANT rates_loader TO rates_seed' END
WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'rates_seed')
\gexec

-- Only a member may change the owner of a database, and only the owner may
-- change the database and its schema public.
GRANT rates_owner TO CURRENT_USER;
SELECT format('ALTER DATABASE %I OWNER TO rates_owner', current_database()) \gexec
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS pgaudit;
REVOKE rates_owner FROM CURRENT_USER;
