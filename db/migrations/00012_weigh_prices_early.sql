-- The database weighs the prices as soon as they are there, while the loader
-- still spreads their sums to regions.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION refuse_late_prices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE object_not_in_prerequisite_state USING
        MESSAGE = 'prices_next was weighed already',
        HINT = 'Fill prices_next before weigh_next_prices is called.';
END
$$;
-- +goose StatementEnd
ALTER FUNCTION refuse_late_prices() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION refuse_late_prices() FROM PUBLIC;
COMMENT ON FUNCTION refuse_late_prices() IS 'Keeps prices_next as it was weighed.';

-- +goose StatementBegin
CREATE FUNCTION weigh_next_prices() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off SET work_mem = '32MB' AS $$
DECLARE
    -- Drawn by no generator that a loader can set: UUIDs are random but for 6 bits.
    drawn   text   := translate(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
    daily   bigint := ('x' || left(drawn, 16))::bit(64)::bigint;
    per     bigint := ('x' || substr(drawn, 25, 7))::bit(28)::int;
    modulus bigint := (1 << 30) + (('x' || right(drawn, 7))::bit(28)::int * 2 + 1);
BEGIN
    IF NOT (SELECT replacing FROM data_version) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'no replacement has begun in this transaction',
            HINT = 'Call begin_replacement and fill prices_next first.';
    END IF;
    CREATE TRIGGER refuse_late_prices BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON prices_next
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_prices();
    -- Nobody is granted to read them: a loader cannot fit its sums to what it
    -- does not know.
    CREATE TABLE weights_next AS SELECT daily AS daily, per AS per, modulus AS modulus;
    CREATE TABLE lanes_next AS
    SELECT orig_code, dest_code,
           (sum((hashint4extended(day - '2000-01-01', daily) & 1073741823) * (price + per)) % modulus)::bigint AS weight
    FROM prices_next GROUP BY orig_code, dest_code;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION weigh_next_prices() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION weigh_next_prices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weigh_next_prices() TO rates_loader;
COMMENT ON FUNCTION weigh_next_prices() IS
    'Weighs the prices of each pair of ports with random numbers, for check_next_sums. It is the larger part of the '
    'check, and may be called once prices_next is full; finish_replacement does so otherwise.';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_next_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    -- Drawn when the sums are there already, and as in weigh_next_prices.
    drawn   text   := translate(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
    leaving bigint := ('x' || left(drawn, 16))::bit(64)::bigint;
    landing bigint := ('x' || substr(drawn, 33, 16))::bit(64)::bigint;
    w       record;
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
    SELECT * INTO STRICT w FROM weights_next;
    PERFORM refuse_unknown_port(min(code))
    FROM (SELECT orig_code FROM lanes_next UNION SELECT dest_code FROM lanes_next) AS priced (code)
    WHERE code NOT IN (SELECT code FROM ports);
    EXECUTE $sql$
        SELECT sum((hashtextextended(orig, $1) & 1073741823) * (hashtextextended(dest, $2) & 1073741823) % $3
                   * (hashint4extended(day - '2000-01-01', $4) & 1073741823) % $3
                   * ((total % $3 + $5 * (count % $3)) % $3)) % $3,
               bool_or(count <= 0)
        FROM daily_rates_next
    $sql$ INTO stored, empty USING leaving, landing, w.modulus, w.daily, w.per;
    WITH weighed AS (
        SELECT code, sum(hashtextextended(place, leaving) & 1073741823)::bigint % w.modulus AS as_orig,
               sum(hashtextextended(place, landing) & 1073741823)::bigint % w.modulus AS as_dest
        FROM (SELECT code, code AS place FROM ports UNION ALL SELECT code, region FROM port_regions) AS counted
        GROUP BY code
    )
    SELECT sum(o.as_orig * d.as_dest % w.modulus * l.weight) % w.modulus INTO right_
    FROM lanes_next l JOIN weighed o ON o.code = l.orig_code JOIN weighed d ON d.code = l.dest_code;
    IF stored IS DISTINCT FROM right_ OR empty THEN
        RAISE data_corrupted USING
            MESSAGE = 'daily_rates_next does not hold the sums of prices_next',
            HINT = 'Nothing was changed. If rates import says so, the fault is its own: please report it.';
    END IF;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION check_next_sums() IS
    'Refuses prices_next if it names an unknown port, and daily_rates_next unless it holds the sums of prices_next. '
    'It reads the sums once and in parallel, which is far cheaper than to sum up.';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION finish_replacement() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET jit = off SET maintenance_work_mem = '64MB' SET lock_timeout = '10s'
-- Sums are asked for by their key, so a small sample will do until autovacuum takes a larger one.
SET default_statistics_target = 10 AS $$
BEGIN
    IF to_regclass('public.lanes_next') IS NULL THEN
        PERFORM weigh_next_prices(); -- refuses if no replacement has begun
    END IF;
    UPDATE data_version SET version = version + 1, replacing = false;
    PERFORM check_next_sums();
    DROP TABLE lanes_next, weights_next;
    DROP TRIGGER refuse_late_prices ON prices_next;
    -- An index made at once is several times faster than one that grows. With
    -- more memory this one takes longer: its rows are in order already.
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

-- +goose Down
DROP FUNCTION weigh_next_prices();
DROP FUNCTION refuse_late_prices();

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

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_next_sums() RETURNS void
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
COMMENT ON FUNCTION check_next_sums() IS
    'Refuses prices_next if it names an unknown port, and daily_rates_next unless it holds the sums of prices_next. '
    'It reads each of them once and in parallel, which is far cheaper than to sum up.';
