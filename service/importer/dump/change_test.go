package dump_test

import (
	"strings"
	"testing"
)

const pricesRow = "COPY public.prices" + columns + lane // three lines

// A statement that changes the rows of the file is refused with its line and kind,
// wherever it names the table.
func TestChangesAfterTheRows(t *testing.T) {
	const child = "CREATE TABLE a.p21 () INHERITS (public.prices);\nCREATE VIEW a.v AS SELECT p.* FROM b, public.prices p;\nCREATE TABLE base ();\n" +
		"CREATE VIEW w AS SELECT 1 FROM a.v;\nALTER TABLE prices INHERIT base;\n" // five lines
	for statement, what := range map[string]string{
		"DELETE FROM prices WHERE day = '2021-01-10'":                    "DELETE FROM prices",
		"DELETE FROM ONLY public.prices":                                 "DELETE FROM prices",
		"DELETE FROM ONLY (prices)":                                      "DELETE FROM prices",
		"delete /* all */ from\n\"public\" . \"prices\" p USING x":       "DELETE FROM prices",
		"DELETE FROM rates.public.prices":                                "DELETE FROM prices",
		"DELETE FROM a.p21":                                              "DELETE FROM p21",
		"DELETE FROM a.v":                                                "DELETE FROM v",
		"UPDATE w SET day = NULL":                                        "UPDATE w",
		"DELETE FROM base":                                               "DELETE FROM base",
		"DELETE FROM :t":                                                 "DELETE FROM a variable of psql",
		"UPDATE prices SET price = price * 100":                          "UPDATE prices",
		"UPDATE ONLY prices AS p SET day = day - 1":                      "UPDATE prices",
		"TRUNCATE prices":                                                "TRUNCATE prices",
		"TRUNCATE TABLE ONLY a.x, b.y *, public.prices RESTART IDENTITY": "TRUNCATE prices",
		"TRUNCATE a.x CASCADE":                                           "TRUNCATE … CASCADE",
		"MERGE INTO prices p USING (VALUES (1)) v(n) ON true WHEN MATCHED THEN DELETE":                                           "MERGE INTO prices",
		"WITH d AS (DELETE FROM prices RETURNING 1) SELECT count(*) FROM d":                                                      "DELETE FROM prices",
		"WITH a(b, c) AS (SELECT 1, 2), e AS MATERIALIZED (SELECT 3 FROM x), u AS (UPDATE public.prices SET day = day) SELECT 1": "UPDATE prices",
		"WITH v AS (SELECT 3 n) INSERT INTO prices SELECT 'AAEST', n FROM v":                                                     "INSERT INTO prices",
		"INSERT INTO public.prices AS p SELECT 1":                                                                                "INSERT INTO prices",
		"INSERT INTO a.p21 VALUES (1)":                                                                                           "INSERT INTO p21",
		"INSERT INTO a.v VALUES (1)":                                                                                             "INSERT INTO v",
		"INSERT INTO archive WITH d AS (DELETE FROM prices) SELECT 1":                                                            "DELETE FROM prices",
		"CREATE TABLE x AS WITH d AS (DELETE FROM prices) SELECT 1":                                                              "DELETE FROM prices",
		"CREATE TABLE trade.prices AS SELECT 1":                                                                                  "CREATE TABLE prices AS",
		"CREATE TEMP TABLE prices (day date)":                                                                                    "CREATE TEMPORARY TABLE prices",
		"SELECT 1 AS day INTO UNLOGGED TABLE trade.prices FROM x":                                                                "SELECT INTO prices",
		"COPY (DELETE FROM prices RETURNING day) TO stdout":                                                                      "DELETE FROM prices",
		"COPY prices (day) TO stdout; EXPLAIN ANALYZE DELETE FROM prices":                                                        "DELETE FROM prices",
		"PREPARE p AS DELETE FROM prices":                                                                                        "DELETE FROM prices",
		"SELECT 1\\; DELETE FROM prices":                                                                                         "DELETE FROM prices",
		"\\echo a \\\\ DELETE FROM prices":                                                                                       "DELETE FROM prices",
		"DO $$ BEGIN DELETE FROM prices; END $$":                                                                                 "DO with DELETE FROM prices",
		"DO LANGUAGE plpgsql $a$ DECLARE n int := 'it''s'; BEGIN\nTRUNCATE x;\nIF n > 1 THEN UPDATE a.p21 SET day = day; END IF; END $a$": "DO with UPDATE p21",
		"DO 'BEGIN INSERT INTO ports VALUES (''x''); END'":      "DO with INSERT INTO ports",
		"DO $$ BEGIN EXECUTE 'DELETE FROM prices'; END $$":      "DO with DELETE FROM prices",
		"DO $a$ BEGIN EXECUTE $b$ TRUNCATE prices $b$; END $a$": "DO with TRUNCATE prices",
		"\\echo `psql`": "\\echo with a command of the shell",
		"\\o |psql":     "\\o with a command of the shell",
		"DO $$" + strings.Repeat(" NULL;", 9000) + " DELETE FROM prices; $$": "DO with DELETE FROM prices",
		"DROP TABLE public.prices":                                                      "DROP TABLE prices",
		"DROP TABLE IF EXISTS a, a.p21 CASCADE":                                         "DROP TABLE p21",
		"DROP FOREIGN TABLE x, prices":                                                  "DROP TABLE prices",
		"DROP SCHEMA public CASCADE":                                                    "DROP SCHEMA",
		"DROP OWNED BY x":                                                               "DROP OWNED",
		"DROP TYPE usd CASCADE":                                                         "DROP TYPE",
		"ALTER TABLE prices RENAME TO old":                                              "ALTER TABLE prices RENAME",
		"ALTER TABLE prices RENAME COLUMN orig_code TO dest_code":                       "ALTER TABLE prices RENAME",
		"ALTER TABLE prices RENAME price TO amount":                                     "ALTER TABLE prices RENAME",
		"ALTER TABLE ONLY public.prices * ADD x int, DROP COLUMN price":                 "ALTER TABLE prices DROP",
		"ALTER TABLE prices ADD CHECK (a, b), ALTER price TYPE numeric USING price * 2": "ALTER TABLE prices ALTER",
		"ALTER TABLE prices ALTER COLUMN price SET DATA TYPE int":                       "ALTER TABLE prices ALTER",
		"ALTER TABLE IF EXISTS prices SET SCHEMA old":                                   "ALTER TABLE prices SET",
		"ALTER TABLE prices DETACH PARTITION a.p21":                                     "ALTER TABLE prices DETACH",
		"ALTER TABLE a.p21 NO INHERIT prices":                                           "ALTER TABLE p21 NO",
		"ALTER TABLE a.new RENAME TO prices":                                            "ALTER TABLE new RENAME",
		"ALTER MATERIALIZED VIEW m RENAME TO ports":                                     "ALTER TABLE m RENAME",
	} {
		t.Run(statement, func(t *testing.T) {
			wantRefusal(t, child+pricesRow+statement+";\n"+portsCopy, "file:9: "+what+unapplied)
		})
	}
}

// What a routine of the file does is not known, so a call of it is refused, even before
// the rows, but not where it is defined or used in a definition.
func TestCallsOfRoutines(t *testing.T) {
	const create = "CREATE FUNCTION a.wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM prices';\n" +
		"CREATE OR REPLACE PROCEDURE fill(n int) LANGUAGE sql AS 'INSERT INTO prices VALUES (1)';\n" +
		"CREATE VIEW v AS SELECT a.wipe();\nCREATE TRIGGER t BEFORE INSERT ON x EXECUTE FUNCTION a.wipe();\nGRANT EXECUTE ON FUNCTION a.wipe() TO x;\n"
	for statement, what := range map[string]string{
		"SELECT a.wipe()": "a call of wipe", "CALL fill (3)": "a call of fill", "VALUES (1, FILL(2))": "a call of fill",
		"EXPLAIN ANALYZE SELECT a.wipe()": "a call of wipe", "WITH w AS (SELECT a.wipe()) SELECT 1": "a call of wipe",
		"DO $$ BEGIN PERFORM a.wipe(); END $$": "DO with a call of wipe",
	} {
		wantRefusal(t, create+pricesRow+statement+";\n", "file:9: "+what+", which the file creates,"+unapplied)
		wantRefusal(t, create+statement+";\n"+pricesRow, "file:6: "+what+", which the file creates,"+unapplied)
	}
	if got, err := readString(create + pricesRow + "SELECT pg_catalog.setval('a', 1, true);\nSELECT wipe FROM x;\n"); err != nil || len(got) != 1 {
		t.Errorf("got %d records, %v, want the price", len(got), err)
	}
}

// A trigger that the file creates before the rows may change each of them. One for
// statements, after the row, for another event or table, or after the rows does not.
func TestTriggersBeforeTheRows(t *testing.T) {
	const child = "CREATE TABLE public.prices (x int) PARTITION BY RANGE (day);\nCREATE TABLE p21 PARTITION OF prices DEFAULT;\n"
	const part = "COPY p21" + columns + lane
	for _, trigger := range []string{
		"CREATE TRIGGER t BEFORE INSERT ON public.prices FOR EACH ROW EXECUTE FUNCTION f()",
		"CREATE OR REPLACE TRIGGER \"on\" BEFORE DELETE OR INSERT OR UPDATE OF day ON prices FOR ROW WHEN (NEW.price > 1) EXECUTE PROCEDURE f()",
		"create trigger before before insert on prices for each row execute function f()",
	} {
		wantRefusal(t, trigger+";\n"+pricesRow, "file:1: a trigger before INSERT of each row of public.prices"+unapplied)
		wantRefusal(t, child+trigger+";\n"+part, "file:3: a trigger before INSERT of each row of p21"+unapplied)
		wantRefusal(t, pricesRow+trigger+";\nCOPY prices"+columns+lane, "file:4: a trigger before INSERT of each row of prices"+unapplied)
		for name, file := range map[string]string{
			"after the rows":      pricesRow + trigger + ";\n",
			"in another database": trigger + ";\n\\connect b\n" + pricesRow,
			"in another schema":   "CREATE TABLE public.prices (x int);\n" + strings.NewReplacer("public.", "", " prices", " a.prices", "on prices", "on a.prices").Replace(strings.ReplaceAll(trigger, "public.prices", "prices")) + ";\nCOPY public.prices" + columns + lane,
			"no rows":             trigger + ";\nCOPY prices" + columns + "\\.\n\\connect b\n" + pricesRow,
		} {
			if got, err := readString(file); err != nil || len(got) != 1 {
				t.Errorf("%s, %s: got %d records, %v, want the price", trigger, name, len(got), err)
			}
		}
	}
	for _, trigger := range []string{
		"CREATE TRIGGER t BEFORE INSERT ON prices FOR EACH STATEMENT EXECUTE FUNCTION f()",
		"CREATE TRIGGER t BEFORE INSERT ON prices EXECUTE FUNCTION f()",
		"CREATE TRIGGER t AFTER INSERT ON prices REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION f()",
		"CREATE CONSTRAINT TRIGGER t AFTER INSERT ON prices FOR EACH ROW EXECUTE FUNCTION f()",
		"CREATE TRIGGER t BEFORE UPDATE ON prices FOR EACH ROW EXECUTE FUNCTION f()",
		"CREATE TRIGGER t BEFORE INSERT ON ports FOR EACH ROW EXECUTE FUNCTION f()",
		"CREATE TRIGGER t BEFORE INSERT ON archive FOR EACH ROW EXECUTE FUNCTION f()", "CREATE TRIGGER", "CREATE TRIGGER t BEFORE INSERT ON",
	} {
		if got, err := readString(trigger + ";\n" + pricesRow); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", trigger, len(got), err)
		}
	}
}

// What pg_dump writes after the rows, and what does not change them, is ignored.
func TestStatementsThatChangeNothing(t *testing.T) {
	for _, statement := range []string{
		"GRANT SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE ON TABLE public.prices TO prices",
		"GRANT TRUNCATE ON TABLE public.prices TO x", "GRANT UPDATE(price) ON TABLE public.prices TO x", "GRANT UPDATE(ports) ON x TO y",
		"REVOKE INSERT, DELETE ON prices FROM prices", "ALTER DEFAULT PRIVILEGES GRANT DELETE, TRUNCATE ON TABLES TO x",
		"ALTER TABLE public.prices OWNER TO x", "ALTER TABLE prices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
		"ALTER TABLE ONLY public.prices ADD CONSTRAINT p FOREIGN KEY (a, b) REFERENCES public.ports(code) ON UPDATE CASCADE ON DELETE CASCADE",
		"ALTER TABLE ONLY public.prices ALTER COLUMN id SET DEFAULT nextval('a'::regclass), ALTER price SET NOT NULL, ALTER x DROP DEFAULT",
		"ALTER TABLE ONLY public.prices ALTER COLUMN tags SET DEFAULT ARRAY[a, b]", "ALTER TABLE prices ALTER COLUMN type SET STATISTICS 500",
		"ALTER TABLE public.prices ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (\n SEQUENCE NAME public.s\n START WITH 1\n)",
		"ALTER TABLE public.prices CLUSTER ON a", "ALTER TABLE ONLY public.prices REPLICA IDENTITY FULL", "ALTER TABLE prices SET (fillfactor=70)",
		"ALTER TABLE public.prices DISABLE TRIGGER ALL", "ALTER TABLE public.prices ENABLE ALWAYS TRIGGER x", "ALTER TABLE prices VALIDATE CONSTRAINT c",
		"ALTER TABLE prices DROP CONSTRAINT IF EXISTS c", "ALTER TABLE prices RENAME CONSTRAINT a TO b", "ALTER TABLE prices SET UNLOGGED",
		"ALTER TABLE archive.prices DROP COLUMN x", "ALTER TABLE other DROP COLUMN price", "ALTER INDEX a RENAME TO b", "ALTER ROLE a RENAME TO prices",
		"ALTER TABLE a RENAME TO b", "ALTER TABLE a", "ALTER TABLE", "ALTER TABLE a ,", "ALTER TABLE prices", "DROP", "DROP TABLE", "CREATE", "CREATE TABLE", "COPY",
		"CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM prices; INSERT INTO ports VALUES (1); END",
		"CREATE OR REPLACE RULE r AS ON INSERT TO x DO ALSO (DELETE FROM prices; UPDATE ports SET name = 1)", "CREATE RULE r AS ON INSERT TO x DO ALSO DELETE FROM prices",
		"CREATE TRIGGER t BEFORE INSERT OR UPDATE OF price OR DELETE ON prices EXECUTE FUNCTION f()", "CREATE POLICY p ON prices FOR UPDATE USING (true)",
		"COMMENT ON TABLE prices IS 'DELETE FROM prices'", "DO $$ BEGIN PERFORM 1; END $$", "DO $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM prices; DELETE FROM x USING prices; it's $$",
		"CREATE TABLE IF NOT EXISTS public.prices (x int)",
		"CREATE VIEW v AS SELECT * FROM prices", "CREATE INDEX i ON prices (day)", "REFRESH MATERIALIZED VIEW m", "ANALYZE prices", "LOCK prices",
		"SELECT * FROM prices FOR UPDATE OF prices", "SELECT p.update, prices.day FROM ports, prices", "SELECT pg_catalog.setval('a', 1, true)",
		"DELETE FROM carriers", "UPDATE archive.prices SET day = day", "TRUNCATE a, b", "WITH d AS (DELETE FROM x) INSERT INTO archive SELECT * FROM prices",
		"DELETE FROM x USING prices", "UPDATE x SET a = p.price FROM prices p", "INSERT INTO x SELECT * FROM prices ON CONFLICT DO UPDATE SET a = 1",
		"INSERT INTO audit.update VALUES (1)", "COPY audit.update (prices, \"into\") FROM stdin;\n1\n\\.\n", "MERGE INTO x USING prices ON true WHEN MATCHED THEN DELETE",
		"DROP TABLE carriers CASCADE", "DROP TABLE archive.prices", "DROP VIEW v CASCADE", "DROP FUNCTION f() CASCADE", "DROP TYPE t", "DROP SCHEMA x", "DROP INDEX IF EXISTS i",
		"COPY prices TO stdout", "COPY (SELECT * FROM prices) TO '/tmp/x'", "SAVEPOINT a; ROLLBACK TO a; RELEASE a", "ROLLBACK", "BEGIN; ROLLBACK",
		"CREATE TEMP TABLE staging (x int)", "SELECT 1 INTO x FROM prices", "\\echo 'DELETE FROM \\' prices' \\\\", "SELECT a[1:2], b::int",
	} {
		t.Run(statement, func(t *testing.T) {
			if got, err := readString(pricesRow + statement + ";\n" + portsCopy); err != nil || len(got) != 3 {
				t.Errorf("got %d records, %v, want the price and two ports", len(got), err)
			}
		})
	}
}

// Before the rows, what takes rows away does nothing; what adds rows is refused.
func TestChangesBeforeTheRows(t *testing.T) {
	for _, before := range []string{
		"DELETE FROM prices", "UPDATE prices SET price = 1", "TRUNCATE prices CASCADE", "WITH d AS (DELETE FROM prices) SELECT 1",
		"ALTER TABLE IF EXISTS ONLY public.prices DROP CONSTRAINT IF EXISTS c", "DROP INDEX IF EXISTS x", "DROP SCHEMA IF EXISTS public CASCADE",
		"DROP TABLE IF EXISTS public.prices CASCADE;\nCREATE TABLE public.prices (day date)", "DROP OWNED BY x", "ALTER TABLE prices RENAME amount TO price",
		"BEGIN;\nDELETE FROM prices;\nROLLBACK", "CREATE TABLE prices (x int);\nDROP TABLE prices;\nCREATE TABLE prices (day date)",
		"COPY prices" + columns + "\\.\nDELETE FROM prices", "ALTER TABLE prices ALTER price TYPE int",
	} {
		if got, err := readString(before + ";\n" + pricesRow); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", before, len(got), err)
		}
	}
	for statement, what := range map[string]string{
		"INSERT INTO prices VALUES (1)":     "INSERT INTO prices",
		"INSERT INTO \"prices\" VALUES (1)": "INSERT INTO prices",
		"MERGE INTO trade.prices USING x":   "MERGE INTO prices",
		"SELECT 1 INTO prices":              "SELECT INTO prices",
		"CREATE TABLE prices AS SELECT 1":   "CREATE TABLE prices AS",
		"PREPARE d AS DELETE FROM prices":   "DELETE FROM prices",
	} {
		wantRefusal(t, statement+";\n"+pricesRow, "file:1: "+what+unapplied)
	}
}

// Rows count only if their transaction is committed.
func TestTransactions(t *testing.T) {
	const uncommitted = ": the transaction that begins here has no COMMIT, so psql undoes its rows; the file may be cut off"
	for name, c := range map[string]struct{ file, want string }{
		"rolled back":     {"BEGIN;\n" + pricesRow + "ROLLBACK;\n", "file:5: ROLLBACK" + unapplied},
		"aborted":         {"START TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n" + pricesRow + "ABORT WORK;\n", "file:5: ABORT" + unapplied},
		"to a savepoint":  {"BEGIN;\nSAVEPOINT a;\n" + pricesRow + "ROLLBACK TO SAVEPOINT a;\nCOMMIT;\n", "file:6: ROLLBACK" + unapplied},
		"prepared":        {"BEGIN;\n" + pricesRow + "PREPARE TRANSACTION 'x';\n", "file:5: PREPARE" + unapplied},
		"second":          {"BEGIN;\nCOMMIT;\nBEGIN;\n" + pricesRow + "ROLLBACK;\n", "file:7: ROLLBACK" + unapplied},
		"chained":         {"BEGIN;\nCOMMIT AND CHAIN;\n" + pricesRow + "ROLLBACK;\n", "file:6: ROLLBACK" + unapplied},
		"not committed":   {"\nBEGIN WORK;\n" + pricesRow, "file:2" + uncommitted},
		"another session": {"BEGIN;\n" + pricesRow + "\\connect - x\nCOMMIT;\n", "file:1" + uncommitted},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
	for _, file := range []string{
		"BEGIN;\n" + pricesRow + "COMMIT;\n", "BEGIN;\n" + pricesRow + "END;\nBEGIN;\nROLLBACK;\n", "START TRANSACTION;\n" + pricesRow + "COMMIT WORK;\nROLLBACK;\n",
		"BEGIN;\nROLLBACK;\n" + pricesRow + "ROLLBACK;\n", pricesRow + "BEGIN;\nSELECT 1;\n", "BEGIN;\n" + pricesRow + "COMMIT AND NO CHAIN;\nROLLBACK PREPARED 'x';\n",
		"BEGIN;\nCOPY prices" + columns + "\\.\nROLLBACK;\n" + pricesRow,
	} {
		if got, err := readString(file); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", file, len(got), err)
		}
	}
}
