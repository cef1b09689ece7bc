-- +goose Up
SET LOCAL ROLE rates_owner;

CREATE TABLE imports (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256      text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    file        text NOT NULL,
    regions     bigint NOT NULL,
    ports       bigint NOT NULL,
    prices      bigint NOT NULL,
    imported_by text NOT NULL DEFAULT session_user,
    imported_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX imports_sha256 ON imports (sha256);
GRANT SELECT, INSERT, DELETE ON imports TO rates_loader;

COMMENT ON TABLE imports IS 'The files that the current data came from.';
COMMENT ON COLUMN imports.id IS 'Number of the import.';
COMMENT ON COLUMN imports.sha256 IS 'Digest of its rows, used to refuse a second import of the same file.';
COMMENT ON COLUMN imports.file IS 'Its name without folders, or - for standard input.';
COMMENT ON COLUMN imports.regions IS 'Number of regions in it.';
COMMENT ON COLUMN imports.ports IS 'Number of ports in it.';
COMMENT ON COLUMN imports.prices IS 'Number of prices in it.';
COMMENT ON COLUMN imports.imported_by IS 'The login that imported it.';
COMMENT ON COLUMN imports.imported_at IS 'When its transaction began.';

RESET ROLE;

-- +goose Down
DROP TABLE imports;
