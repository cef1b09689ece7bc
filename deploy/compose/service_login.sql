-- The two logins that the service uses in turn, members of rates_reader only. They
-- stay closed until 'rates login rotate' opens one.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM (VALUES ('rates_service_a'), ('rates_service_b')) AS login (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
GRANT rates_reader TO rates_service_a, rates_service_b;
