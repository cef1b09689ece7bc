-- Three group roles without login. Deployments create the logins and grant each a
-- role: rates_reader for the service, rates_loader for importers, rates_owner for
-- migrations. Roles belong to the whole server, so another database may have
-- created them already, and the way down keeps them.

-- +goose Up
-- +goose StatementBegin
DO $$
DECLARE
    name text;
    purpose text;
BEGIN
    -- Two databases of one server may be migrated at the same time.
    PERFORM pg_advisory_xact_lock(hashtext('rates roles'));
    FOR name, purpose IN VALUES
        ('rates_owner', 'Owns the tables of rates and migrates them.'),
        ('rates_loader', 'Imports ports, regions and prices.'),
        ('rates_reader', 'Reads; the service logs in as a member.')
    LOOP
        -- The login may have no right to comment on a role that it did not
        -- create.
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', name, purpose);
        END IF;
    END LOOP;
    IF NOT pg_has_role('rates_loader', 'rates_reader', 'MEMBER') THEN
        GRANT rates_reader TO rates_loader;
    END IF;
    -- The other migrations run as rates_owner. Before PostgreSQL 16 the creator
    -- of a role is not a member; since then it is a member that may not use the
    -- role.
    IF NOT pg_has_role(current_user, 'rates_owner', 'USAGE') THEN
        EXECUTE format('GRANT rates_owner TO %I', current_user);
    END IF;
END
$$;
-- +goose StatementEnd

-- Before PostgreSQL 15 every login may create objects in public.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO rates_owner;
GRANT USAGE ON SCHEMA public TO rates_reader;

-- The service compares the version and the set with those it knows. The set
-- changes when a migration is edited, which is allowed until the first release.
GRANT SELECT ON goose_db_version TO rates_reader;
COMMENT ON TABLE goose_db_version IS 'Migrations that were applied, of set 5.';

-- +goose Down
COMMENT ON TABLE goose_db_version IS NULL;
REVOKE SELECT ON goose_db_version FROM rates_reader;
REVOKE USAGE ON SCHEMA public FROM rates_reader;
REVOKE USAGE, CREATE ON SCHEMA public FROM rates_owner;
