-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION begin_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Other transactions never see these tables: finish_replacement renames them.
    CREATE TABLE prices_next (LIKE prices INCLUDING CONSTRAINTS INCLUDING COMMENTS);
    CREATE TABLE daily_rates_next (LIKE daily_rates INCLUDING COMMENTS);
    GRANT INSERT ON prices_next TO rates_loader;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION begin_replacement() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION begin_replacement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_replacement() TO rates_loader;
COMMENT ON FUNCTION begin_replacement() IS
    'Makes prices_next, to be filled with COPY and handed to finish_replacement in the same transaction. '
    'Call lock_data first.';

-- +goose StatementBegin
CREATE FUNCTION finish_replacement() RETURNS void
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
ALTER FUNCTION finish_replacement() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION finish_replacement() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finish_replacement() TO rates_loader;
COMMENT ON FUNCTION finish_replacement() IS
    'Sums prices_next up, and puts it and the sums in the place of prices and daily_rates. Readers wait only from '
    'here to the end of the transaction.';

-- +goose StatementBegin
CREATE FUNCTION take_over(name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    about   text := obj_description(name, 'pg_class');
    options text := (SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = name);
    plain   text := name::text;
BEGIN
    EXECUTE format('DROP TABLE %s', plain);
    EXECUTE format('ALTER TABLE %1$s_next RENAME TO %1$s', plain);
    EXECUTE format('COMMENT ON TABLE %s IS %L', plain, about);
    EXECUTE format('GRANT SELECT ON %s TO rates_reader', plain);
    IF options <> '' THEN
        EXECUTE format('ALTER TABLE %s SET (%s)', plain, options);
    END IF;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION take_over(regclass) OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION take_over(regclass) FROM PUBLIC;
COMMENT ON FUNCTION take_over(regclass) IS 'Drops a table and gives its name, comment, grants and options to the one named NAME_next.';

-- +goose StatementBegin
CREATE FUNCTION repair_daily_rates() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
BEGIN
    DELETE FROM daily_rates;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices') || 'INSERT INTO daily_rates SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day';
    UPDATE data_version SET version = version + 1;
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd
ALTER FUNCTION repair_daily_rates() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION repair_daily_rates() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION repair_daily_rates() TO rates_loader;
COMMENT ON FUNCTION repair_daily_rates() IS 'Sums all prices up anew.';

-- +goose Down
DROP FUNCTION repair_daily_rates();
DROP FUNCTION finish_replacement();
DROP FUNCTION take_over(regclass);
DROP FUNCTION begin_replacement();
