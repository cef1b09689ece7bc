-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE regions (
    slug        text COLLATE "C" PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9_-]{1,62}$'),
    name        text NOT NULL CHECK (name <> ''),
    parent_slug text COLLATE "C" REFERENCES regions (slug)
);
CREATE INDEX regions_parent_slug ON regions (parent_slug);
GRANT SELECT ON regions TO rates_reader;
GRANT INSERT, UPDATE, DELETE ON regions TO rates_loader;

COMMENT ON TABLE regions IS 'Groups of ports and of other regions.';
COMMENT ON COLUMN regions.slug IS 'The name used in queries, in lower case.';
COMMENT ON COLUMN regions.name IS 'The name shown to people.';
COMMENT ON COLUMN regions.parent_slug IS 'The region that contains this one; null at the top.';

CREATE TRIGGER a_next_data_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON regions
    FOR EACH STATEMENT EXECUTE FUNCTION next_data_version();

-- +goose StatementBegin
CREATE FUNCTION refuse_region_loops() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    looped text;
BEGIN
    WITH RECURSIVE rooted AS (
        SELECT slug FROM regions WHERE parent_slug IS NULL
        UNION ALL
        SELECT r.slug FROM regions r JOIN rooted ON r.parent_slug = rooted.slug
    )
    SELECT string_agg(slug, ', ' ORDER BY slug) INTO looped
    FROM (SELECT slug FROM regions EXCEPT SELECT slug FROM rooted ORDER BY slug LIMIT 5) AS lost;
    IF looped IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = format('regions form a loop: %s', looped),
            HINT = 'Give one of them a parent outside the loop, or none.';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION refuse_region_loops() FROM PUBLIC;
COMMENT ON FUNCTION refuse_region_loops() IS 'Fails if a region has no path to a top region.';

CREATE TRIGGER b_refuse_region_loops AFTER INSERT OR UPDATE ON regions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_region_loops();

RESET ROLE;

-- +goose Down
DROP TABLE regions;
DROP FUNCTION refuse_region_loops();
