-- Moves are told from what the sums were made with, not from the statement that
-- moves: one may move ports, delete a region and insert it again elsewhere, all
-- at once.

-- +goose Up
CREATE TABLE port_regions (
    code   text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    PRIMARY KEY (code, region)
);
ALTER TABLE port_regions OWNER TO rates_owner;
GRANT SELECT ON port_regions TO rates_reader;

COMMENT ON TABLE port_regions IS
    'The regions that each port is counted for in daily_rates: all above it, at any depth. Kept by triggers in the '
    'transaction that changes ports or regions; nobody else writes it.';
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
        -- Not UNION ALL: regions may lie in a loop until their own trigger refuses it.
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
    -- A port that is gone has no prices; keep_priced_ports sees to that.
    SELECT array_agg(DISTINCT region) INTO touched
    FROM (SELECT * FROM lost UNION ALL SELECT * FROM gained) AS moves JOIN ports USING (code);
    RETURN touched;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION follow_ports(text[]) OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION follow_ports(text[]) FROM PUBLIC;
COMMENT ON FUNCTION follow_ports(text[]) IS
    'Brings port_regions up to date for some ports, or for all if null, and returns the regions that lost or gained one.';

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
ALTER FUNCTION sum_regions_up(text[]) OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION sum_regions_up(text[]) FROM PUBLIC;
COMMENT ON FUNCTION sum_regions_up(text[]) IS 'Sums the rows of some regions anew, from the rows of port pairs.';

-- +goose StatementBegin
CREATE FUNCTION follow_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    codes   text[];
    touched text[];
BEGIN
    -- For all other changes codes are null, which stands for every port.
    IF TG_TABLE_NAME = 'ports' AND TG_OP = 'UPDATE' THEN
        codes := array(
            (SELECT code FROM (SELECT code, parent_slug FROM old_ports EXCEPT SELECT code, parent_slug FROM new_ports) AS was)
            UNION
            (SELECT code FROM (SELECT code, parent_slug FROM new_ports EXCEPT SELECT code, parent_slug FROM old_ports) AS became));
    ELSIF TG_TABLE_NAME = 'ports' AND TG_OP = 'DELETE' THEN
        codes := array(SELECT code FROM old_ports);
    END IF;
    touched := follow_ports(codes);
    -- A replacement sums everything anew when it finishes.
    IF touched IS NOT NULL AND NOT (SELECT replacing FROM data_version) THEN
        PERFORM sum_regions_up(touched);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION follow_moves() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION follow_moves() FROM PUBLIC;
COMMENT ON FUNCTION follow_moves() IS 'Sums the regions anew that lost or gained a port by a change of ports or regions.';

-- +goose StatementBegin
CREATE FUNCTION follow_new_ports() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- A code that is known here was deleted by the same statement, whose other
    -- trigger follows it.
    PERFORM follow_ports(array(SELECT code FROM new_ports EXCEPT SELECT code FROM port_regions));
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION follow_new_ports() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION follow_new_ports() FROM PUBLIC;
COMMENT ON FUNCTION follow_new_ports() IS 'Notes the regions of new ports, which have no prices yet to be summed.';

DROP TRIGGER c_follow_moved_ports ON ports;
DROP TRIGGER d_follow_moved_regions ON regions;
DROP FUNCTION follow_moved_ports();
DROP FUNCTION follow_moved_regions();
DROP FUNCTION roll_up_regions(text[], text[]);

CREATE TRIGGER c_follow_new_ports AFTER INSERT ON ports REFERENCING NEW TABLE AS new_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_new_ports();
CREATE TRIGGER c_follow_moved_ports AFTER UPDATE ON ports REFERENCING OLD TABLE AS old_ports NEW TABLE AS new_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
CREATE TRIGGER c_follow_deleted_ports AFTER DELETE ON ports REFERENCING OLD TABLE AS old_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
CREATE TRIGGER c_follow_truncated_ports AFTER TRUNCATE ON ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();
-- A region that is inserted has nothing below it but what another of these sees.
CREATE TRIGGER d_follow_moved_regions AFTER UPDATE OR DELETE ON regions
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moves();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION repair_daily_rates() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
BEGIN
    PERFORM follow_ports(NULL);
    DELETE FROM daily_rates;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices') || 'INSERT INTO daily_rates SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day';
    UPDATE data_version SET version = version + 1;
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd

SELECT follow_ports(NULL);

-- +goose Down
DROP TRIGGER d_follow_moved_regions ON regions;
DROP TRIGGER c_follow_truncated_ports ON ports;
DROP TRIGGER c_follow_deleted_ports ON ports;
DROP TRIGGER c_follow_moved_ports ON ports;
DROP TRIGGER c_follow_new_ports ON ports;
DROP FUNCTION follow_new_ports();
DROP FUNCTION follow_moves();
DROP FUNCTION sum_regions_up(text[]);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION repair_daily_rates() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
BEGIN
    DELETE FROM daily_rates;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices') || 'INSERT INTO daily_rates SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day';
    UPDATE data_version SET version = version + 1;
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd

DROP FUNCTION follow_ports(text[]);
DROP TABLE port_regions;

-- +goose StatementBegin
CREATE FUNCTION roll_up_regions(moved_from text[], moved_to text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    touched text[];
BEGIN
    -- moved_from holds every region that lost something, with all that lay
    -- above it before; moved_to needs only where things are now, for the tree
    -- in the table tells what lies above.
    WITH RECURSIVE gained AS (
        SELECT slug, parent_slug FROM regions WHERE slug = ANY (moved_to)
        UNION
        SELECT r.slug, r.parent_slug FROM regions r JOIN gained ON r.slug = gained.parent_slug
    )
    SELECT array_agg(upper(slug)) INTO touched
    FROM (SELECT slug FROM gained UNION SELECT unnest(moved_from)) AS slugs;

    DELETE FROM daily_rates WHERE orig = ANY (touched) OR dest = ANY (touched);

    WITH RECURSIVE above (code, place, parent_slug) AS (
        SELECT code, code, parent_slug FROM ports
        UNION ALL
        SELECT a.code, upper(r.slug), r.parent_slug FROM above a JOIN regions r ON r.slug = a.parent_slug
    )
    INSERT INTO daily_rates (orig, dest, day, total, count)
    SELECT o.place, t.place, l.day, sum(l.total), sum(l.count)
    FROM daily_rates l JOIN above o ON o.code = l.orig JOIN above t ON t.code = l.dest
    WHERE o.place = ANY (touched) OR t.place = ANY (touched)
    GROUP BY o.place, t.place, l.day;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION roll_up_regions(text[], text[]) OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION roll_up_regions(text[], text[]) FROM PUBLIC;
COMMENT ON FUNCTION roll_up_regions(text[], text[]) IS
    'Sums the rows of the regions that lost or gained a port anew, from the rows of port pairs.';

-- +goose StatementBegin
CREATE FUNCTION follow_moved_ports() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved_from text[];
    moved_to   text[];
BEGIN
    SELECT array_agg(DISTINCT o.parent_slug), array_agg(DISTINCT n.parent_slug) INTO moved_from, moved_to
    FROM old_ports o JOIN new_ports n USING (code) WHERE o.parent_slug <> n.parent_slug;
    -- A replacement sums everything anew when it finishes.
    IF moved_from IS NOT NULL AND to_regclass('prices_next') IS NULL THEN
        -- The tree of regions is the same as before, so it serves both ways.
        PERFORM roll_up_regions('{}', moved_from || moved_to);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION follow_moved_ports() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION follow_moved_ports() FROM PUBLIC;
COMMENT ON FUNCTION follow_moved_ports() IS 'Moves the sums of ports that changed their region.';

-- +goose StatementBegin
CREATE FUNCTION follow_moved_regions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved_from text[];
    moved_to   text[];
BEGIN
    IF NOT EXISTS (SELECT slug, parent_slug FROM old_regions EXCEPT SELECT slug, parent_slug FROM new_regions)
        OR to_regclass('prices_next') IS NOT NULL THEN
        RETURN NULL;
    END IF;
    -- A region that was renamed together with what lies below it is one that
    -- went away and one that is new.
    WITH RECURSIVE was AS (
        SELECT slug, parent_slug FROM old_regions EXCEPT SELECT slug, parent_slug FROM new_regions
    ), became AS (
        SELECT slug, parent_slug FROM new_regions EXCEPT SELECT slug, parent_slug FROM old_regions
    ), tree AS (
        SELECT slug, parent_slug FROM regions WHERE slug NOT IN (SELECT slug FROM new_regions)
        UNION ALL
        SELECT slug, parent_slug FROM old_regions
    ), lost AS (
        SELECT slug, parent_slug FROM tree WHERE slug IN (
            SELECT parent_slug FROM was UNION ALL (SELECT slug FROM was EXCEPT SELECT slug FROM became))
        UNION
        SELECT t.slug, t.parent_slug FROM tree t JOIN lost ON t.slug = lost.parent_slug
    ), gained AS (
        SELECT parent_slug AS slug FROM became WHERE parent_slug IS NOT NULL
        UNION ALL
        (SELECT slug FROM became EXCEPT SELECT slug FROM was)
    )
    SELECT coalesce((SELECT array_agg(slug) FROM lost), '{}'), coalesce((SELECT array_agg(slug) FROM gained), '{}')
    INTO moved_from, moved_to;
    PERFORM roll_up_regions(moved_from, moved_to);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER FUNCTION follow_moved_regions() OWNER TO rates_owner;
REVOKE EXECUTE ON FUNCTION follow_moved_regions() FROM PUBLIC;
COMMENT ON FUNCTION follow_moved_regions() IS 'Moves the sums of regions that changed the region they lie in.';

CREATE TRIGGER c_follow_moved_ports AFTER UPDATE ON ports REFERENCING OLD TABLE AS old_ports NEW TABLE AS new_ports
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moved_ports();

CREATE TRIGGER d_follow_moved_regions AFTER UPDATE ON regions REFERENCING OLD TABLE AS old_regions NEW TABLE AS new_regions
    FOR EACH STATEMENT EXECUTE FUNCTION follow_moved_regions();
