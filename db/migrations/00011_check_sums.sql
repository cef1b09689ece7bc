-- A loader hands in the sums with the prices, and the database checks them: that
-- takes a small part of the time of summing up.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION check_next_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    -- Drawn when the sums are there already, and by no generator that a loader
    -- can set: UUIDs are random but for 6 bits.
    drawn   text   := translate(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
    leaving bigint := ('x' || left(drawn, 16))::bit(64)::bigint;
    landing bigint := ('x' || substr(drawn, 33, 16))::bit(64)::bigint;
    per     bigint := ('x' || substr(drawn, 25, 7))::bit(28)::int;
    modulus bigint := (1 << 30) + (('x' || right(drawn, 7))::bit(28)::int * 2 + 1);
    stored  bigint;
    right_  bigint;
    empty   boolean;
BEGIN
    -- Each origin, destination and day weighs a random number, a row of sums the
    -- product of its three, and each price what all the rows weigh that it
    -- counts for.
    -- If but one sum is wrong, the two totals are the same once in some hundred
    -- million draws (R. Freivalds, "Probabilistic machines can use less running
    -- time", 1977). 30 bits a weight keep the products within 63.
    EXECUTE $sql$
        SELECT sum((hashtextextended(orig, $1) & 1073741823) * (hashtextextended(dest, $2) & 1073741823) % $3
                   * (hashint4extended(day - '2000-01-01', $1) & 1073741823) % $3
                   * ((total % $3 + $4 * (count % $3)) % $3)) % $3,
               bool_or(count <= 0)
        FROM daily_rates_next
    $sql$ INTO stored, empty USING leaving, landing, modulus, per;
    EXECUTE $sql$
        WITH weighed AS NOT MATERIALIZED (
            SELECT code, sum(hashtextextended(place, $1) & 1073741823)::bigint % $3 AS leaving,
                   sum(hashtextextended(place, $2) & 1073741823)::bigint % $3 AS landing
            FROM (SELECT code, code AS place FROM ports UNION ALL SELECT code, region FROM port_regions) AS counted
            GROUP BY code
        )
        -- The price of an unknown port weighs what no row of sums can.
        SELECT sum(coalesce(o.leaving * d.landing % $3, 1) * (hashint4extended(day - '2000-01-01', $1) & 1073741823) % $3 * (price + $4)) % $3
        FROM prices_next LEFT JOIN weighed o ON o.code = orig_code LEFT JOIN weighed d ON d.code = dest_code
    $sql$ INTO right_ USING leaving, landing, modulus, per;
    IF stored IS DISTINCT FROM right_ THEN
        PERFORM refuse_unknown_port(min(code))
        FROM (SELECT orig_code FROM prices_next UNION SELECT dest_code FROM prices_next) AS priced (code)
        WHERE code NOT IN (SELECT code FROM ports);
    END IF;
    IF stored IS DISTINCT FROM right_ OR empty THEN
        RAISE data_corrupted USING
            MESSAGE = 'daily_rates_next does not hold the sums of prices_next',
            HINT = 'Nothing was changed. If rates import says so, the fault is its own: please report it.';
    END IF;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION check_next_sums() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION check_next_sums() FROM PUBLIC;
COMMENT ON FUNCTION check_next_sums() IS
    'Refuses prices_next if it names an unknown port, and daily_rates_next unless it holds the sums of prices_next. '
    'It reads each of them once and in parallel, which is far cheaper than to sum up.';

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
    GRANT INSERT ON prices_next, daily_rates_next TO rates_loader;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION finish_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET jit = off SET maintenance_work_mem = '128MB' SET lock_timeout = '10s'
-- Sums are asked for by their key, so a small sample will do until autovacuum takes a larger one.
SET default_statistics_target = 10 AS $$
BEGIN
    UPDATE data_version SET version = version + 1, replacing = false WHERE replacing;
    IF NOT FOUND THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'no replacement has begun in this transaction',
            HINT = 'Call begin_replacement and fill prices_next and daily_rates_next first.';
    END IF;
    PERFORM check_next_sums();
    -- An index made at once is several times faster than one that grows.
    ALTER TABLE daily_rates_next ADD PRIMARY KEY (orig, dest, day) INCLUDE (total, count);
    ANALYZE daily_rates_next;
    PERFORM take_over('daily_rates');
    REVOKE ALL ON daily_rates FROM rates_loader;
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

COMMENT ON FUNCTION begin_replacement() IS
    'Makes prices_next and daily_rates_next, to be filled with COPY and handed to finish_replacement in the same '
    'transaction. Call lock_data first.';
COMMENT ON FUNCTION finish_replacement() IS
    'Checks that daily_rates_next holds the sums of prices_next, and puts both in the place of daily_rates and prices. '
    'Readers wait only from here to the end of the transaction.';

-- +goose Down
DROP FUNCTION check_next_sums();

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

COMMENT ON FUNCTION begin_replacement() IS
    'Makes prices_next, to be filled with COPY and handed to finish_replacement in the same transaction. '
    'Call lock_data first.';
COMMENT ON FUNCTION finish_replacement() IS
    'Sums prices_next up, and puts it and the sums in the place of prices and daily_rates. Readers wait only from '
    'here to the end of the transaction.';
