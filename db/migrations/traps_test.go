package migrations_test

import (
	"strings"
	"testing"
)

// Each trap is found, in any letter case and layout, and what is harmless is not.
func TestLint(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"CREATE INDEX ON prices (day);", "index"},
		{"create unique index\n\tprices_day on public.prices (day);", "index"},
		{"CREATE TABLE made (a int); CREATE INDEX ON made (a);", ""},
		{"CREATE TABLE made (a int); CREATE INDEX ON prices (a);", "index"},
		{"DROP INDEX prices_day;", "drop-index"},
		{"REINDEX TABLE prices;", "reindex"},
		{"ALTER TABLE prices ALTER COLUMN price TYPE bigint;", "type"},
		{"ALTER TABLE prices ALTER price SET DATA TYPE bigint;", "type"},
		{"ALTER TABLE prices SET UNLOGGED;", "rewrite"},
		{"ALTER TABLE prices ADD COLUMN id uuid DEFAULT gen_random_uuid();", "default"},
		{"ALTER TABLE prices ADD COLUMN at timestamptz DEFAULT clock_timestamp();", "default"},
		{"ALTER TABLE prices ADD COLUMN id bigserial;", "default"},
		{"ALTER TABLE prices ADD id bigint GENERATED ALWAYS AS IDENTITY;", "default"},
		{"ALTER TABLE prices ADD COLUMN note text;", ""},
		{"ALTER TABLE prices ADD COLUMN note text NOT NULL;", "not-null"},
		{"ALTER TABLE prices ADD COLUMN note text NOT NULL DEFAULT '';", ""},
		{"ALTER TABLE prices ALTER note SET NOT NULL;", "not-null"},
		{"ALTER TABLE prices ADD CHECK (price > 0);", "constraint"},
		{"ALTER TABLE prices ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;", ""},
		{"ALTER TABLE ONLY prices ADD CONSTRAINT f FOREIGN KEY (orig_code) REFERENCES ports;", "constraint"},
		{"ALTER TABLE imports ADD CONSTRAINT u UNIQUE (sha256);", "constraint"},
		{"ALTER TABLE imports ADD CONSTRAINT u UNIQUE USING INDEX imports_u;", ""},
		{"ALTER TABLE prices ADD COLUMN a text REFERENCES ports;", "references"},
		{"ALTER TABLE prices RENAME TO rates;", "rename"},
		{"ALTER TABLE prices RENAME COLUMN price TO usd;", "rename"},
		{"ALTER FUNCTION lock_data() RENAME TO turn;", "rename"},
		{"ALTER TABLE prices SET SCHEMA other;", "rename"},
		{"DROP TABLE imports;", "drop"},
		{"DROP FUNCTION lock_data();", "drop"},
		{"ALTER TABLE prices DROP COLUMN price;", "drop-column"},
		{"ALTER TABLE prices DROP price;", "drop-column"},
		{"ALTER TABLE prices ALTER price DROP DEFAULT;", ""},
		{"REVOKE SELECT ON prices FROM rates_reader;", "revoke"},
		{"REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;", ""},
		{"ALTER TABLE prices ENABLE ROW LEVEL SECURITY;", "security"},
		{"LOCK TABLE prices;", "lock"},
		{"VACUUM (FULL, ANALYZE) prices;", "vacuum"},
		{"CLUSTER prices USING prices_day;", "vacuum"},
		{"UPDATE prices SET price = 1;", "rows"},
		{"UPDATE prices SET price = 1 WHERE price = 0;", "rows"},
		{"DELETE FROM prices;", "rows"},
		{"TRUNCATE imports;", "rows"},
		{"WITH a AS (SELECT 1) UPDATE prices SET price = 1;", "rows"},
		{"CREATE TABLE made (a int); INSERT INTO made VALUES (1); UPDATE made SET a = 2;", ""},
		{"ALTER TYPE mode ADD VALUE 'rail';", "enum"},
		{"REFRESH MATERIALIZED VIEW sums;", "refresh"},
		{"ALTER TABLE prices ATTACH PARTITION old DEFAULT;", "partition"},
		{"SET LOCAL lock_timeout = 0;", "timeout"},
		{"SET LOCAL ROLE rates_owner;", ""},
		{"COMMENT ON TABLE prices IS 'LOCK; DROP TABLE prices;';", ""},
		{"SELECT 1; -- DROP TABLE prices;", ""},
		{"-- +goose StatementBegin\nDO $$\nBEGIN\n\tDROP TABLE prices;\nEND\n$$;\n-- +goose StatementEnd", "drop"},
		{"-- +goose StatementBegin\nDO $$ BEGIN IF true THEN LOCK prices; END IF; END $$;\n-- +goose StatementEnd", "lock"},
		{"-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS void AS $$ BEGIN LOCK prices; END $$;\n-- +goose StatementEnd", ""},
		{"-- allow drop: nothing has used it since version 12\nDROP TABLE imports;", ""},
		{"ALTER TABLE prices ALTER price DROP DEFAULT, DROP COLUMN day;", "drop-column"},
		{"-- +goose StatementBegin\nDO $$ BEGIN UPDATE prices SET price = CASE WHEN true THEN 1 END; END $$;\n-- +goose StatementEnd", "rows"},
		{"-- allow drop:\nDROP TABLE imports;", "drop"},
		{"-- allow lock: of course\nDROP TABLE imports;", "drop"},
		{"-- allow drop: of course\nSELECT 1;", "allow drop"},
		{"-- +goose Down\nDROP TABLE made;", ""},
		{"-- +goose Down\nLOCK prices;", "lock"},
		{"-- +goose NO TRANSACTION\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON prices (day);", ""},
		{"-- +goose NO TRANSACTION\nALTER TABLE prices ADD COLUMN a text;", "transaction"},
	} {
		found := lint(c.sql)
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) == 0 || !strings.HasPrefix(found[0], c.want+":")) {
			t.Errorf("%s\ngives %q, want %q", c.sql, found, c.want)
		}
	}
}
