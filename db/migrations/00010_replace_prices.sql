-- A replacement puts new tables in place of prices and daily_rates. It begins and
-- ends in one transaction; otherwise nothing changes.

-- +goose Up
SET LOCAL ROLE rates_owner;

-- +goose StatementBegin
CREATE FUNCTION refuse_unfinished_replacement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT begun FROM replacement) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'begin_replacement was not followed by finish_replacement in its transaction',
            HINT = 'Call lock_data, begin_replacement and finish_replacement between BEGIN and COMMIT.';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION refuse_unfinished_replacement() FROM PUBLIC;
COMMENT ON FUNCTION refuse_unfinished_replacement() IS
    'Runs when a transaction that began a replacement commits, and fails unless the replacement is finished.';

CREATE CONSTRAINT TRIGGER a_refuse_unfinished_replacement AFTER UPDATE OF begun ON replacement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unfinished_replacement();

-- +goose StatementBegin
CREATE FUNCTION begin_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE replacement SET begun = true WHERE NOT begun;
    IF NOT FOUND THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'a replacement has already begun in this transaction',
            HINT = 'Call finish_replacement first.';
    END IF;
    -- Other transactions never see these tables: finish_replacement renames them.
    CREATE TABLE prices_next (LIKE prices INCLUDING CONSTRAINTS INCLUDING COMMENTS);
    CREATE TABLE daily_rates_next (LIKE daily_rates INCLUDING COMMENTS);
    GRANT INSERT ON prices_next, daily_rates_next TO rates_loader;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION begin_replacement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_replacement() TO rates_loader;
COMMENT ON FUNCTION begin_replacement() IS
    'Creates prices_next and daily_rates_next, to be filled with COPY before finish_replacement is called in the '
    'same transaction. Call lock_data first.';

-- +goose StatementBegin
CREATE FUNCTION take_over(name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    about   text := obj_description(name, 'pg_class');
    options text := (SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = name);
    plain   text := (SELECT relname FROM pg_class WHERE oid = name);
BEGIN
    EXECUTE format('DROP TABLE %I', plain);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', plain || '_next', plain);
    EXECUTE format('COMMENT ON TABLE %I IS %L', plain, about);
    EXECUTE format('GRANT SELECT ON %I TO rates_reader', plain);
    IF options <> '' THEN
        EXECUTE format('ALTER TABLE %I SET (%s)', plain, options);
    END IF;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION take_over(regclass) FROM PUBLIC;
COMMENT ON FUNCTION take_over(regclass) IS 'Drops a table and gives its name, comment, grants and options to NAME_next.';

-- +goose StatementBegin
CREATE FUNCTION distribute_next_sums() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF is_distributed() THEN
        EXECUTE $sql$
            SELECT create_distributed_table('daily_rates_next', 'orig', colocate_with => 'daily_rates'),
                   truncate_local_data_after_distributing_table('daily_rates_next')
        $sql$;
    END IF;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION distribute_next_sums() FROM PUBLIC;
COMMENT ON FUNCTION distribute_next_sums() IS
    'Distributes daily_rates_next as daily_rates is. A loader fills it before, on one node: what two roles write to '
    'several nodes in one transaction, neither sees.';

-- +goose StatementBegin
CREATE FUNCTION prepare_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET jit = off SET maintenance_work_mem = '64MB'
-- Sums are read by key, so a small sample is enough until autovacuum takes a larger
-- one.
SET default_statistics_target = 10 AS $$
BEGIN
    IF to_regclass('public.lanes_next') IS NULL THEN
        PERFORM weigh_next_prices(); -- refuses if no replacement has begun
    END IF;
    PERFORM check_next_sums();
    DROP TABLE lanes_next, weights_next;
    REVOKE INSERT ON daily_rates_next FROM rates_loader;
    PERFORM distribute_next_sums();
    -- Building an index is several times faster than inserting into one. More
    -- memory would make this one slower: its rows are in order already.
    ALTER TABLE daily_rates_next ADD PRIMARY KEY (orig, dest, day) INCLUDE (total, count);
    CREATE INDEX daily_rates_next_emptied ON daily_rates_next (day) WHERE count <= 0;
    -- Citus refuses it after a change of shards on the same node.
    IF NOT is_distributed() THEN
        ANALYZE daily_rates_next;
    END IF;
    CREATE TABLE checked_next AS SELECT version FROM data_version;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION prepare_replacement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prepare_replacement() TO rates_loader;
COMMENT ON FUNCTION prepare_replacement() IS
    'Checks that daily_rates_next holds the sums of prices_next, and builds its indexes. It is the larger part of a '
    'replacement that readers need not wait for; otherwise finish_replacement calls it. No data may change after it.';

-- +goose StatementBegin
CREATE FUNCTION try_lock_prices(mode text, milliseconds integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = 0 AS $$
BEGIN
    IF mode NOT IN ('SHARE UPDATE EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE') THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%L is not a lock mode of replacements', mode);
    END IF;
    PERFORM set_config('lock_timeout', milliseconds::text, true);
    -- Questions read daily_rates alone. They do not queue while the lock of prices,
    -- which a dump holds as well, is not granted.
    EXECUTE format('LOCK TABLE prices, daily_rates IN %s MODE', mode);
    RETURN true;
EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN
        RETURN false;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION try_lock_prices(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION try_lock_prices(text, integer) TO rates_loader;
COMMENT ON FUNCTION try_lock_prices(text, integer) IS
    'Locks prices and daily_rates together in a mode of LOCK TABLE, and returns false, holding neither, if that takes '
    'longer than the given time.';

-- +goose StatementBegin
CREATE FUNCTION finish_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '10s' AS $$
BEGIN
    IF to_regclass('public.checked_next') IS NULL THEN
        PERFORM prepare_replacement();
    END IF;
    IF (SELECT version FROM checked_next) <> (SELECT version FROM data_version) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'the data have changed since prepare_replacement',
            HINT = 'Change ports and regions before it.';
    END IF;
    DROP TABLE checked_next;
    UPDATE replacement SET begun = false;
    PERFORM raise_data_version();
    DROP TRIGGER refuse_late_prices ON prices_next;
    PERFORM take_over('prices');
    REVOKE ALL ON prices FROM rates_loader;
    GRANT INSERT, UPDATE, DELETE ON prices TO rates_loader;
    PERFORM guard_prices();
    PERFORM take_over('daily_rates');
    ALTER INDEX daily_rates_next_pkey RENAME TO daily_rates_pkey;
    ALTER INDEX daily_rates_next_emptied RENAME TO daily_rates_emptied;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION finish_replacement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finish_replacement() TO rates_loader;
COMMENT ON FUNCTION finish_replacement() IS
    'Replaces prices and daily_rates with prices_next and daily_rates_next, after prepare_replacement and best after '
    'try_lock_prices in ACCESS EXCLUSIVE mode. Readers wait only from here to the end of the transaction.';

RESET ROLE;

-- +goose Down
DROP FUNCTION finish_replacement();
DROP FUNCTION try_lock_prices(text, integer);
DROP FUNCTION prepare_replacement();
DROP FUNCTION distribute_next_sums();
DROP FUNCTION take_over(regclass);
DROP FUNCTION begin_replacement();
DROP TRIGGER a_refuse_unfinished_replacement ON replacement;
DROP FUNCTION refuse_unfinished_replacement();
