-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE ports (
    code        text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    name        text NOT NULL CHECK (name <> ''),
    parent_slug text COLLATE "C" NOT NULL REFERENCES regions (slug)
);
CREATE INDEX ports_parent_slug ON ports (parent_slug);
GRANT SELECT ON ports TO rates_reader;
GRANT INSERT, UPDATE, DELETE ON ports TO rates_loader;

COMMENT ON TABLE ports IS 'Ports that containers are shipped between.';
COMMENT ON COLUMN ports.code IS 'UN/LOCODE without the space, in upper case (UNECE Recommendation 16).';
COMMENT ON COLUMN ports.name IS 'The name shown to people.';
COMMENT ON COLUMN ports.parent_slug IS 'The region that contains it.';

CREATE TRIGGER a_next_data_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ports
    FOR EACH STATEMENT EXECUTE FUNCTION next_data_version();

-- +goose StatementBegin
CREATE FUNCTION refuse_shared_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    shared text;
BEGIN
    SELECT p.code INTO shared FROM ports p JOIN regions r ON r.slug = lower(p.code) ORDER BY p.code LIMIT 1;
    IF shared IS NOT NULL THEN
        RAISE unique_violation USING
            MESSAGE = format('%s names both a port and a region', shared),
            HINT = 'Queries ignore letter case, so a name must belong to one place only.';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION refuse_shared_names() FROM PUBLIC;
COMMENT ON FUNCTION refuse_shared_names() IS 'Fails if a port code and a region slug differ only in letter case.';

CREATE TRIGGER b_refuse_shared_names AFTER INSERT OR UPDATE ON ports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_shared_names();
CREATE TRIGGER c_refuse_shared_names AFTER INSERT OR UPDATE ON regions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_shared_names();

RESET ROLE;

-- +goose Down
DROP TRIGGER c_refuse_shared_names ON regions;
DROP TABLE ports;
DROP FUNCTION refuse_shared_names();
