-- The sums that queries read, and the triggers that keep them equal to prices.

-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE daily_rates (
    orig  text COLLATE "C" NOT NULL,
    dest  text COLLATE "C" NOT NULL,
    day   date NOT NULL,
    total bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (orig, dest, day) INCLUDE (total, count)
) WITH (
    -- Index-only scans need a current visibility map.
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_vacuum_scale_factor = 0.02
);
-- Empty except within a transaction; finds the days that lost their last price.
CREATE INDEX daily_rates_emptied ON daily_rates (day) WHERE count <= 0;
GRANT SELECT ON daily_rates TO rates_reader;

COMMENT ON TABLE daily_rates IS
    'Sum and number of prices per day for every pair of places with prices: ports, and all regions above them. '
    'Kept by triggers in the transaction that changes prices, ports or regions; nothing else writes it.';
COMMENT ON COLUMN daily_rates.orig IS 'Port code, or region slug in upper case.';
COMMENT ON COLUMN daily_rates.dest IS 'Port code, or region slug in upper case.';
COMMENT ON COLUMN daily_rates.day IS 'The day of the prices.';
COMMENT ON COLUMN daily_rates.total IS 'Sum of the prices in whole USD.';
COMMENT ON COLUMN daily_rates.count IS 'Number of prices.';

-- +goose StatementBegin
CREATE FUNCTION sums_of(changes text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
SELECT format($sql$
    WITH RECURSIVE lane AS MATERIALIZED (
        SELECT orig_code, dest_code, day, sum(price)::bigint AS total, sum(n)::bigint AS count
        FROM (%s) AS changes GROUP BY orig_code, dest_code, day
    ), used AS MATERIALIZED (
        SELECT orig_code AS code FROM lane UNION SELECT dest_code FROM lane
    ), above (code, place, parent_slug) AS (
        SELECT code, code, parent_slug FROM used JOIN ports USING (code)
        UNION ALL
        SELECT a.code, upper(r.slug), r.parent_slug FROM above a JOIN regions r ON r.slug = a.parent_slug
    ), spread AS MATERIALIZED (
        SELECT orig_code, place AS dest, day, sum(total)::bigint AS total, sum(count)::bigint AS count
        FROM lane JOIN above ON code = dest_code GROUP BY orig_code, place, day
    ), sums AS (
        SELECT place AS orig, dest, day, sum(total)::bigint AS total, sum(count)::bigint AS count
        FROM spread JOIN above ON code = orig_code GROUP BY place, dest, day
    ), unknown AS (
        SELECT min(code) AS code FROM used LEFT JOIN ports USING (code) WHERE ports.code IS NULL
    )
$sql$, changes)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION sums_of(text) IS
    'The definition of daily_rates: the beginning of a statement that defines sums (orig, dest, day, total, count) '
    'and unknown (code, null if all are ports) for a query of changes (orig_code, dest_code, day, price, n). Port '
    'pairs are summed first, then spread to the regions of one end and then of the other: far fewer rows than in '
    'one step.';

-- +goose StatementBegin
CREATE FUNCTION refuse_unknown_port(code text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF code IS NOT NULL THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('%s is not a port', code),
            HINT = 'Insert the port before its prices.';
    END IF;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION refuse_unknown_port(text) IS 'Fails with the foreign key error of prices unless code is null.';

-- +goose StatementBegin
CREATE FUNCTION is_distributed() RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    distributed boolean := false;
BEGIN
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        EXECUTE $sql$
            SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = 'daily_rates'::regclass)
        $sql$ INTO distributed;
    END IF;
    RETURN distributed;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION is_distributed() IS 'Reports whether Citus keeps daily_rates on several nodes.';

-- +goose StatementBegin
CREATE FUNCTION stage_sums() RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT is_distributed() THEN
        RETURN 'public.daily_rates';
    END IF;
    CREATE TEMP TABLE staged_sums (LIKE daily_rates INCLUDING INDEXES) ON COMMIT DROP;
    RETURN 'pg_temp.staged_sums';
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION stage_sums() FROM PUBLIC;
COMMENT ON FUNCTION stage_sums() IS
    'Returns the table that a statement with sums_of writes to: daily_rates or, because Citus has no recursive query on '
    'a distributed table, a temporary one. add_staged_sums follows.';

-- +goose StatementBegin
CREATE FUNCTION add_staged_sums(target text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF target = 'pg_temp.staged_sums' THEN
        INSERT INTO daily_rates AS d (orig, dest, day, total, count)
        SELECT orig, dest, day, total, count FROM pg_temp.staged_sums
        ON CONFLICT (orig, dest, day)
        DO UPDATE SET total = d.total + excluded.total, count = d.count + excluded.count;
        DROP TABLE pg_temp.staged_sums;
    END IF;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION add_staged_sums(text) FROM PUBLIC;
COMMENT ON FUNCTION add_staged_sums(text) IS 'Adds the sums to daily_rates if stage_sums returned another table.';

-- +goose StatementBegin
CREATE FUNCTION roll_up_prices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
DECLARE
    -- Each kind of change has its own transition tables.
    changes text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT *, 1 AS n FROM new_prices'
        WHEN 'DELETE' THEN 'SELECT orig_code, dest_code, day, -price::bigint AS price, -1 AS n FROM old_prices'
        ELSE 'SELECT orig_code, dest_code, day, price::bigint AS price, 1 AS n FROM new_prices UNION ALL '
             'SELECT orig_code, dest_code, day, -price::bigint, -1 FROM old_prices'
    END;
    target  text := stage_sums();
    unknown text;
BEGIN
    EXECUTE sums_of(changes) || format($sql$
        , rolled AS (
            INSERT INTO %s AS d (orig, dest, day, total, count)
            SELECT orig, dest, day, total, count FROM sums
            ON CONFLICT (orig, dest, day)
            DO UPDATE SET total = d.total + excluded.total, count = d.count + excluded.count
        )
        SELECT code FROM unknown
    $sql$, target) INTO unknown;
    PERFORM refuse_unknown_port(unknown);
    PERFORM add_staged_sums(target);
    IF TG_OP <> 'INSERT' THEN
        IF EXISTS (SELECT 1 FROM daily_rates WHERE count < 0) THEN
            RAISE data_corrupted USING
                MESSAGE = 'daily_rates did not match prices',
                HINT = 'The data was changed with the triggers disabled. Run: rates verify --repair';
        END IF;
        DELETE FROM daily_rates WHERE count <= 0;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION roll_up_prices() FROM PUBLIC;
COMMENT ON FUNCTION roll_up_prices() IS 'Adds the changes of a statement on prices to daily_rates, and refuses unknown ports.';

-- +goose StatementBegin
CREATE FUNCTION empty_daily_rates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- TRUNCATE would block readers until the transaction ends.
    DELETE FROM daily_rates;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION empty_daily_rates() FROM PUBLIC;
COMMENT ON FUNCTION empty_daily_rates() IS 'Empties daily_rates after TRUNCATE of prices.';

-- +goose StatementBegin
CREATE FUNCTION guard_prices() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    CREATE TRIGGER a_next_data_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON prices
        FOR EACH STATEMENT EXECUTE FUNCTION next_data_version();
    CREATE TRIGGER b_roll_up_inserted AFTER INSERT ON prices REFERENCING NEW TABLE AS new_prices
        FOR EACH STATEMENT EXECUTE FUNCTION roll_up_prices();
    CREATE TRIGGER b_roll_up_updated AFTER UPDATE ON prices REFERENCING NEW TABLE AS new_prices OLD TABLE AS old_prices
        FOR EACH STATEMENT EXECUTE FUNCTION roll_up_prices();
    CREATE TRIGGER b_roll_up_deleted AFTER DELETE ON prices REFERENCING OLD TABLE AS old_prices
        FOR EACH STATEMENT EXECUTE FUNCTION roll_up_prices();
    CREATE TRIGGER b_empty_daily_rates AFTER TRUNCATE ON prices
        FOR EACH STATEMENT EXECUTE FUNCTION empty_daily_rates();
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION guard_prices() FROM PUBLIC;
COMMENT ON FUNCTION guard_prices() IS 'Creates the triggers on prices.';
SELECT guard_prices();

-- +goose StatementBegin
CREATE FUNCTION keep_priced_ports() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone    text[];
    origins text[];
    priced  text;
BEGIN
    IF (SELECT begun FROM replacement) THEN
        RETURN NULL; -- the prices go as well, and check_next_sums checks the new ones
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        SELECT orig_code INTO priced FROM prices LIMIT 1;
    ELSE
        gone := array(SELECT code FROM old_ports EXCEPT SELECT code FROM ports);
        -- Looks up each origin by index; there is no index by destination. Citus joins
        -- no local table with a distributed one here, so the codes go in as arrays.
        IF gone <> '{}' THEN
            origins := array(SELECT code FROM ports UNION SELECT code FROM old_ports);
            priced := least(
                (SELECT min(orig) FROM daily_rates WHERE orig = ANY (gone)),
                (SELECT min(dest) FROM daily_rates WHERE orig = ANY (origins) AND dest = ANY (gone)));
        END IF;
    END IF;
    IF priced IS NOT NULL THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('port %s still has prices', priced),
            HINT = 'Delete its prices first.';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION keep_priced_ports() FROM PUBLIC;
COMMENT ON FUNCTION keep_priced_ports() IS 'Fails if a port with prices is deleted or changes its code.';

CREATE TRIGGER b_keep_priced_ports_deleted AFTER DELETE ON ports REFERENCING OLD TABLE AS old_ports
    FOR EACH STATEMENT EXECUTE FUNCTION keep_priced_ports();
CREATE TRIGGER b_keep_priced_ports_updated AFTER UPDATE ON ports REFERENCING OLD TABLE AS old_ports
    FOR EACH STATEMENT EXECUTE FUNCTION keep_priced_ports();
CREATE TRIGGER b_keep_priced_ports_truncated AFTER TRUNCATE ON ports
    FOR EACH STATEMENT EXECUTE FUNCTION keep_priced_ports();

RESET ROLE;

-- +goose Down
DROP TRIGGER b_keep_priced_ports_truncated ON ports;
DROP TRIGGER b_keep_priced_ports_updated ON ports;
DROP TRIGGER b_keep_priced_ports_deleted ON ports;
DROP FUNCTION keep_priced_ports();
DROP TRIGGER b_empty_daily_rates ON prices;
DROP TRIGGER b_roll_up_deleted ON prices;
DROP TRIGGER b_roll_up_updated ON prices;
DROP TRIGGER b_roll_up_inserted ON prices;
DROP TRIGGER a_next_data_version ON prices;
DROP FUNCTION guard_prices();
DROP FUNCTION empty_daily_rates();
DROP FUNCTION roll_up_prices();
DROP FUNCTION add_staged_sums(text);
DROP FUNCTION stage_sums();
DROP FUNCTION is_distributed();
DROP FUNCTION refuse_unknown_port(text);
DROP FUNCTION sums_of(text);
DROP TABLE daily_rates;
