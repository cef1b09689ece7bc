-- When a port or region moves, its prices move with it in daily_rates. Moves
-- are found by comparing port_regions with the tables, not from the statement
-- that moves: one statement may move ports, delete a region and insert it again
-- elsewhere.

-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE port_regions (
    code   text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    PRIMARY KEY (code, region)
);
GRANT SELECT ON port_regions TO rates_reader;

COMMENT ON TABLE port_regions IS
    'The regions that each port is counted for in daily_rates: all above it, at any depth. Kept by triggers in the '
    'transaction that changes ports or regions; nothing else writes it.';
COMMENT ON COLUMN port_regions.code IS 'Port code.';
COMMENT ON COLUMN port_regions.region IS 'Region slug in upper case, as in daily_rates.';

-- +goose StatementBegin
CREATE FUNCTION follow_ports(codes text[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    touched text[];
BEGIN
    WITH RECURSIVE above (code, region, parent_slug) AS (
        SELECT p.code, upper(r.slug), r.parent_slug FROM ports p JOIN regions r ON r.slug = p.parent_slug
        WHERE codes IS NULL OR p.code = ANY (codes)
        -- Not UNION ALL: regions may form a loop until their own trigger refuses it.
        UNION
        SELECT a.code, upper(r.slug), r.parent_slug FROM above a JOIN regions r ON r.slug = a.parent_slug
    ), lost AS (
        DELETE FROM port_regions k
        WHERE (codes IS NULL OR k.code = ANY (codes)) AND NOT EXISTS (SELECT FROM above a WHERE (a.code, a.region) = (k.code, k.region))
        RETURNING code, region
    ), gained AS (
        INSERT INTO port_regions SELECT code, region FROM above ON CONFLICT DO NOTHING
        RETURNING code, region
    )
    -- A deleted port has no prices: keep_priced_ports has checked that.
    SELECT array_agg(DISTINCT region) INTO touched
    FROM (SELECT * FROM lost UNION ALL SELECT * FROM gained) AS moves JOIN ports USING (code);
    RETURN touched;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION follow_ports(text[]) FROM PUBLIC;
COMMENT ON FUNCTION follow_ports(text[]) IS
    'Updates port_regions for some ports, or for all if null, and returns the regions that lost or gained one.';

-- +goose StatementBegin
CREATE FUNCTION sum_regions_up(touched text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
BEGIN
    DELETE FROM daily_rates WHERE orig = ANY (touched) OR dest = ANY (touched);
    WITH counted (code, place) AS (
        SELECT code, code FROM ports UNION ALL SELECT code, region FROM port_regions
    )
    INSERT INTO daily_rates (orig, dest, day, total, count)
    SELECT o.place, d.place, l.day, sum(l.total), sum(l.count)
    FROM daily_rates l JOIN counted o ON o.code = l.orig JOIN counted d ON d.code = l.dest
    WHERE o.place = ANY (touched) OR d.place = ANY (touched)
    GROUP BY o.place, d.place, l.day;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION sum_regions_up(text[]) FROM PUBLIC;
COMMENT ON FUNCTION sum_regions_up(text[]) IS 'Recomputes the rows of some regions from the rows of port pairs.';

-- +goose StatementBegin
CREATE FUNCTION follow_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    codes   text[];
    touched text[];
BEGIN
    -- For any other change codes is null, which means every port.
    IF TG_TABLE_NAME = 'ports' AND TG_OP = 'UPDATE' THEN
        codes := array(
            (SELECT code FROM (SELECT code, parent_slug FROM old_ports EXCEPT SELECT code, parent_slug FROM new_ports) AS was)
            UNION
            (SELECT code FROM (SELECT code, parent_slug FROM new_ports EXCEPT SELECT code, parent_slug FROM old_ports) AS became));
    ELSIF TG_TABLE_NAME = 'ports' AND TG_OP = 'DELETE' THEN
        codes := array(SELECT code FROM old_ports);
    END IF;
    touched := follow_ports(codes);
    -- A replacement brings new sums of everything.
    IF touched IS NOT NULL AND NOT (SELECT begun FROM replacement) THEN
        PERFORM sum_regions_up(touched);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION follow_moves() FROM PUBLIC;
COMMENT ON FUNCTION follow_moves() IS 'Recomputes the regions that lost or gained a port when ports or regions change.';

-- +goose StatementBegin
CREATE FUNCTION follow_new_ports() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- A code already in port_regions was deleted by the same statement, whose
    -- other trigger handles it.
    PERFORM follow_ports(array(SELECT code FROM new_ports EXCEPT SELECT code FROM port_regions));
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION follow_new_ports() FROM PUBLIC;
COMMENT ON FUNCTION follow_new_ports() IS 'Adds the regions of new ports, which have no prices yet.';

CREATE TRIGGER c_follow_new_ports AFTER INSERT ON ports REFERENCING NEW TABLE AS new_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_new_ports();
CREATE TRIGGER c_follow_moved_ports AFTER UPDATE ON ports REFERENCING OLD TABLE AS old_ports NEW TABLE AS new_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
CREATE TRIGGER c_follow_deleted_ports AFTER DELETE ON ports REFERENCING OLD TABLE AS old_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
CREATE TRIGGER c_follow_truncated_ports AFTER TRUNCATE ON ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
-- A new region has nothing below it except what another of these triggers sees.
CREATE TRIGGER d_follow_moved_regions AFTER UPDATE OR DELETE ON regions
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();

RESET ROLE;

-- +goose Down
DROP TRIGGER d_follow_moved_regions ON regions;
DROP TRIGGER c_follow_truncated_ports ON ports;
DROP TRIGGER c_follow_deleted_ports ON ports;
DROP TRIGGER c_follow_moved_ports ON ports;
DROP TRIGGER c_follow_new_ports ON ports;
DROP FUNCTION follow_new_ports();
DROP FUNCTION follow_moves();
DROP FUNCTION sum_regions_up(text[]);
DROP FUNCTION follow_ports(text[]);
DROP TABLE port_regions;
