-- A loader supplies the sums with the prices of a replacement. The database
-- checks them, which takes a fraction of the time of computing them.

-- +goose Up
SET LOCAL ROLE rates_owner;

-- +goose StatementBegin
CREATE FUNCTION refuse_late_prices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE object_not_in_prerequisite_state USING
        MESSAGE = 'prices_next has already been weighed',
        HINT = 'Fill prices_next before calling weigh_next_prices.';
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION refuse_late_prices() FROM PUBLIC;
COMMENT ON FUNCTION refuse_late_prices() IS 'Refuses changes to prices_next after it has been weighed.';

-- +goose StatementBegin
CREATE FUNCTION weigh_next_prices() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off SET work_mem = '32MB' AS $$
DECLARE
    -- From a generator that a loader cannot seed: UUIDs are random but for 6 bits.
    drawn   text   := translate(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
    daily   bigint := ('x' || left(drawn, 16))::bit(64)::bigint;
    per     bigint := ('x' || substr(drawn, 25, 7))::bit(28)::int;
    modulus bigint := (1 << 30) + (('x' || right(drawn, 7))::bit(28)::int * 2 + 1);
BEGIN
    IF NOT (SELECT begun FROM replacement) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'no replacement has begun in this transaction',
            HINT = 'Call begin_replacement and fill prices_next first.';
    END IF;
    CREATE TRIGGER refuse_late_prices BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON prices_next
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_prices();
    -- No role may read these tables, so a loader cannot fit its sums to the
    -- weights.
    CREATE TABLE weights_next AS SELECT daily AS daily, per AS per, modulus AS modulus;
    CREATE TABLE lanes_next AS
    SELECT orig_code, dest_code,
           (sum((hashint4extended(day - '2000-01-01', daily) & 1073741823) * (price + per)) % modulus)::bigint AS weight
    FROM prices_next GROUP BY orig_code, dest_code;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION weigh_next_prices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weigh_next_prices() TO rates_loader;
COMMENT ON FUNCTION weigh_next_prices() IS
    'Weighs the prices of each pair of ports with random numbers, for check_next_sums. It is the larger part of the '
    'check and may be called as soon as prices_next is complete; otherwise prepare_replacement calls it.';

-- +goose StatementBegin
CREATE FUNCTION check_next_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    -- Drawn after the sums were written, as in weigh_next_prices.
    drawn   text   := translate(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
    leaving bigint := ('x' || left(drawn, 16))::bit(64)::bigint;
    landing bigint := ('x' || substr(drawn, 33, 16))::bit(64)::bigint;
    w       record;
    stored  bigint;
    right_  bigint;
    empty   boolean;
BEGIN
    -- Each origin, destination and day has a random weight. A row of sums weighs
    -- the product of its three, a price the sum of all rows that it counts for.
    -- If a single sum is wrong, the two totals agree about once in a hundred
    -- million draws (R. Freivalds, "Probabilistic machines can use less running
    -- time", 1977). Weights of 30 bits keep the products within 63.
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
            HINT = 'Nothing was changed. If rates import reports this, it has a bug: please report it.';
    END IF;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION check_next_sums() FROM PUBLIC;
COMMENT ON FUNCTION check_next_sums() IS
    'Refuses prices_next if it names an unknown port, and daily_rates_next unless it holds the sums of prices_next. '
    'It reads the sums once and in parallel, which is far cheaper than computing them.';

RESET ROLE;

-- +goose Down
DROP FUNCTION check_next_sums();
DROP FUNCTION weigh_next_prices();
DROP FUNCTION refuse_late_prices();
