-- The login of the service: a member of rates_reader only.
\set ON_ERROR_STOP on
-- PostgreSQL would log a failed statement with the password in it.
SET log_min_error_statement = panic;
SET client_min_messages = warning;

\set password `cut -d: -f5 /run/secrets/service_pgpass`
SELECT 'CREATE ROLE rates_service LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rates_service') \gexec
ALTER ROLE rates_service PASSWORD :'password';
GRANT rates_reader TO rates_service;
