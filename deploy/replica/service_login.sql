-- The login of the service, which may only read.
\set ON_ERROR_STOP on
\set password `cat /run/secrets/service_password`

CREATE ROLE rates_service LOGIN IN ROLE rates_reader PASSWORD :'password';
