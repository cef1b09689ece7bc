-- A replacement that was begun is finished in the same transaction, or did not
-- happen.

-- +goose Up
ALTER TABLE data_version ADD replacing boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN data_version.replacing IS
    'True within a transaction alone, from begin_replacement to finish_replacement.';

-- +goose StatementBegin
CREATE FUNCTION refuse_unfinished_replacement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT replacing FROM data_version) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'begin_replacement was not followed by finish_replacement in its transaction',
            HINT = 'Call lock_data, begin_replacement and finish_replacement between BEGIN and COMMIT.';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION refuse_unfinished_replacement() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION refuse_unfinished_replacement() FROM PUBLIC;
COMMENT ON FUNCTION refuse_unfinished_replacement() IS
    'Runs when a transaction that began a replacement commits, and fails unless it has finished it.';

CREATE CONSTRAINT TRIGGER a_refuse_unfinished_replacement AFTER UPDATE OF replacing ON data_version
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unfinished_replacement();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION begin_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE data_version SET replacing = true WHERE NOT replacing;
    IF NOT FOUND THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'a replacement has begun already in this transaction',
            HINT = 'Call finish_replacement first.';
    END IF;
    -- Other transactions never see these tables: finish_replacement renames them.
    CREATE TABLE prices_next (LIKE prices INCLUDING CONSTRAINTS INCLUDING COMMENTS);
    CREATE TABLE daily_rates_next (LIKE daily_rates INCLUDING COMMENTS);
    GRANT INSERT ON prices_next TO rates_loader;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION finish_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off SET maintenance_work_mem = '128MB' SET lock_timeout = '10s' AS $$
DECLARE
    unknown text;
BEGIN
    UPDATE data_version SET version = version + 1, replacing = false WHERE replacing;
    IF NOT FOUND THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'no replacement has begun in this transaction',
            HINT = 'Call begin_replacement and fill prices_next first.';
    END IF;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices_next') || $sql$
        , rolled AS (
            -- In the order of the key, an answer's rows lie side by side.
            INSERT INTO daily_rates_next SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day)
        SELECT code FROM unknown
    $sql$ INTO unknown;
    PERFORM refuse_unknown_port(unknown);
    -- An index made at once is several times faster than one that grows.
    ALTER TABLE daily_rates_next ADD PRIMARY KEY (orig, dest, day) INCLUDE (total, count);
    ANALYZE daily_rates_next;
    PERFORM take_over('daily_rates');
    ALTER INDEX daily_rates_next_pkey RENAME TO daily_rates_pkey;
    CREATE INDEX daily_rates_emptied ON daily_rates (day) WHERE count <= 0;
    PERFORM take_over('prices');
    REVOKE ALL ON prices FROM rates_loader;
    GRANT INSERT, UPDATE, DELETE ON prices TO rates_loader;
    PERFORM guard_prices();
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd

-- What a loader left behind made moved ports and regions go unnoticed.
-- +goose StatementBegin
DO $$
BEGIN
    IF to_regclass('public.prices_next') IS NOT NULL THEN
        DROP TABLE prices_next;
        DROP TABLE IF EXISTS daily_rates_next;
        PERFORM repair_daily_rates();
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION begin_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Other transactions never see these tables: finish_replacement renames them.
    CREATE TABLE prices_next (LIKE prices INCLUDING CONSTRAINTS INCLUDING COMMENTS);
    CREATE TABLE daily_rates_next (LIKE daily_rates INCLUDING COMMENTS);
    GRANT INSERT ON prices_next TO rates_loader;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION finish_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off SET maintenance_work_mem = '128MB' SET lock_timeout = '10s' AS $$
DECLARE
    unknown text;
BEGIN
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices_next') || $sql$
        , rolled AS (
            -- In the order of the key, an answer's rows lie side by side.
            INSERT INTO daily_rates_next SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day)
        SELECT code FROM unknown
    $sql$ INTO unknown;
    PERFORM refuse_unknown_port(unknown);
    -- An index made at once is several times faster than one that grows.
    ALTER TABLE daily_rates_next ADD PRIMARY KEY (orig, dest, day) INCLUDE (total, count);
    ANALYZE daily_rates_next;
    PERFORM take_over('daily_rates');
    ALTER INDEX daily_rates_next_pkey RENAME TO daily_rates_pkey;
    CREATE INDEX daily_rates_emptied ON daily_rates (day) WHERE count <= 0;
    PERFORM take_over('prices');
    REVOKE ALL ON prices FROM rates_loader;
    GRANT INSERT, UPDATE, DELETE ON prices TO rates_loader;
    PERFORM guard_prices();
    UPDATE data_version SET version = version + 1;
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd

DROP TRIGGER a_refuse_unfinished_replacement ON data_version;
DROP FUNCTION refuse_unfinished_replacement();
ALTER TABLE data_version DROP replacing;
