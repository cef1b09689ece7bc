-- A number that changes with the data: ETags and the cache hold it, and its row
-- is the lock that makes writers take turns. Citus copies the table to every node,
-- and distributes daily_rates, so neither may have a trigger.

-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE data_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
GRANT SELECT ON data_version TO rates_reader;

COMMENT ON TABLE data_version IS 'One row: the state of regions, ports and prices as a number.';
COMMENT ON COLUMN data_version.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN data_version.version IS 'Grows with each statement that may change the data.';

INSERT INTO data_version (version) VALUES (0);

CREATE TABLE replacement (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    begun    boolean NOT NULL
);
INSERT INTO replacement (begun) VALUES (false);

COMMENT ON TABLE replacement IS 'One row: whether all prices are being replaced.';
COMMENT ON COLUMN replacement.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN replacement.begun IS 'True only within a transaction, from begin_replacement to finish_replacement.';

-- +goose StatementBegin
CREATE FUNCTION raise_data_version() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    -- Not in the UPDATE: Citus takes no volatile function there.
    microseconds bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    UPDATE data_version SET version = greatest(version + 1, microseconds);
    -- Sent once per transaction, at commit; listeners then read the version.
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION raise_data_version() FROM PUBLIC;
COMMENT ON FUNCTION raise_data_version() IS
    'Makes the version the current time in microseconds, or the next number if that is later. A new database, one that '
    'was restored and a standby that took over without the last changes never repeat a version that a client holds in '
    'an ETag.';
SELECT raise_data_version();

-- +goose StatementBegin
CREATE FUNCTION next_data_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM raise_data_version();
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION next_data_version() FROM PUBLIC;
COMMENT ON FUNCTION next_data_version() IS
    'Runs before each statement that changes data. The row it updates stays locked until the transaction ends: '
    'writers take turns, so they neither lose an update of daily_rates nor deadlock on it, and checks that read '
    'several tables stay true. Readers do not wait.';

-- +goose StatementBegin
CREATE FUNCTION lock_data() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT version FROM data_version FOR UPDATE
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION lock_data() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_data() TO rates_loader;
COMMENT ON FUNCTION lock_data() IS
    'Takes the writer''s turn before its first write, so that what it reads until then stays true.';

RESET ROLE;

-- +goose Down
DROP FUNCTION lock_data();
DROP FUNCTION next_data_version();
DROP FUNCTION raise_data_version();
DROP TABLE replacement;
DROP TABLE data_version;
