package dump_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	lane    = "CNGGZ\tEETLL\t2021-01-31\t1154\n\\.\n"
	columns = " (orig_code, dest_code, day, price) FROM stdin;\n"
)

// The rows of partitions, which pg_dump writes under their own names, belong to
// the table, in any schema and at any depth.
func TestPartitions(t *testing.T) {
	for name, file := range map[string]string{
		"partition":    "ALTER TABLE ONLY public.prices ATTACH PARTITION public.prices_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');\nCOPY public.prices_2021" + columns + lane,
		"without ONLY": "ALTER TABLE prices ATTACH PARTITION p21 DEFAULT;\nCOPY p21" + columns + lane,
		"other schema": "ALTER TABLE ONLY trade.prices ATTACH PARTITION parts.\"P 21\" DEFAULT;\nCOPY parts.\"P 21\"" + columns + lane,
		"search path":  "SET search_path = trade, pg_catalog;\nALTER TABLE ONLY prices ATTACH PARTITION p21 DEFAULT;\nCOPY p21" + columns + lane,
		"partition of a partition": "ALTER TABLE ONLY a.p21 ATTACH PARTITION a.p21_01 DEFAULT;\nALTER TABLE ONLY a.prices ATTACH PARTITION a.p21 DEFAULT;\n" +
			"COPY a.p21_01" + columns + lane,
		"and others": "ALTER TABLE ONLY a.costs ATTACH PARTITION a.c21 DEFAULT;\nALTER TABLE ONLY a.prices ATTACH PARTITION a.p21 DEFAULT;\n" +
			"COPY a.c21" + columns + "x\n\\.\nCOPY a.p21" + columns + lane,
		"written to the root": "ALTER TABLE ONLY a.prices ATTACH PARTITION a.p21 DEFAULT;\nCOPY a.prices" + columns + lane,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readString(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Price.Origin != "CNGGZ" || got[0].Price.USD != 1154 {
				t.Errorf("got %+v, want the price", got)
			}
		})
	}
}

// The rows of tables that inherit from one of ours belong to it, whether the parent
// is named when they are created or later.
func TestInheritance(t *testing.T) {
	const empty = "COPY public.prices" + columns + "\\.\n"
	const chunk = "COPY chunks.c1" + columns + lane
	for name, file := range map[string]string{
		"INHERITS":         "CREATE TABLE chunks.c1 (\n CONSTRAINT a CHECK ((day < '2021-01-01'::date))\n)\nINHERITS (public.prices);\n" + empty + chunk,
		"search path":      "SET search_path = chunks, pg_catalog;\nCREATE TABLE c1 (x int) INHERITS (trade.prices);\nCOPY c1" + columns + lane,
		"default path":     "CREATE TABLE c1 () INHERITS (prices) WITH (fillfactor = 70);\nCOPY public.c1" + columns + lane,
		"path with $user":  "SET search_path TO \"$user\", chunks;\nCREATE TABLE c1 () INHERITS (prices);\nRESET search_path;\n" + chunk,
		"many parents":     "CREATE TABLE chunks.c1 () INHERITS (a.x, \"A (b)\".y, public.prices, z);\n" + chunk,
		"many columns":     "CREATE UNLOGGED TABLE IF NOT EXISTS chunks.c1 (" + strings.Repeat("a numeric(1,2) DEFAULT (1), ", 900) + "b int) INHERITS (public.prices);\n" + chunk,
		"grandchild":       "CREATE TABLE b.c () INHERITS (public.prices);\nCREATE TABLE chunks.c1 () INHERITS (b.c);\n" + empty + chunk,
		"same name":        "CREATE TABLE chunks.prices () INHERITS (public.prices);\n" + empty + "COPY chunks.prices" + columns + lane,
		"PARTITION OF":     "CREATE TABLE chunks.c1 PARTITION OF public.prices FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');\n" + chunk,
		"INHERIT":          "CREATE TABLE chunks.c1 (price int);\nALTER TABLE IF EXISTS ONLY chunks.c1 ADD x int, INHERIT public.prices;\n" + empty + chunk,
		"columns":          "CREATE TABLE chunks.c1 () INHERITS (public.prices);\nCOPY chunks.c1 (note, price, day, dest_code, orig_code) FROM stdin;\nx\t1154\t2021-01-31\tEETLL\tCNGGZ\n\\.\n",
		"IF NOT EXISTS":    "CREATE TABLE chunks.c1 () INHERITS (public.prices);\nCREATE TABLE IF NOT EXISTS chunks.c1 (x int);\n" + chunk,
		"child of another": "CREATE TABLE a.costs ();\nCREATE TABLE a.c () INHERITS (a.costs);\n" + "COPY a.c" + columns + lane + "COPY prices" + columns + lane,
		"no longer a child": "CREATE TABLE a.c () INHERITS (prices);\nALTER TABLE a.c NO INHERIT prices;\nCREATE TABLE a.p PARTITION OF prices DEFAULT;\n" +
			"ALTER TABLE prices DETACH PARTITION a.p;\nCOPY a.c" + columns + lane + "COPY a.p" + columns + lane + "COPY prices" + columns + lane,
		"a copy of prices": "CREATE TABLE old (LIKE prices);\nCREATE TABLE prices_2020 AS SELECT * FROM prices;\nCREATE TABLE o3 OF prices_type;\n" +
			"COPY old" + columns + lane + "COPY prices_2020" + columns + lane + "COPY o3" + columns + lane + "COPY public.prices" + columns + lane,
		"an empty lookalike": "COPY public.prices_2020" + columns + "\\.\r\nCOPY public.prices" + columns + lane,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readString(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Price.Origin != "CNGGZ" || got[0].Price.USD != 1154 {
				t.Errorf("got %+v, want the price", got)
			}
		})
	}
	const ports = "CREATE TABLE eu () INHERITS (ports);\nCOPY eu (code, name, parent_slug) FROM stdin;\nEETLL\tTallinn\tbaltic\n\\.\n"
	wantRecords(t, ports, port(3, "EETLL", "Tallinn", "baltic"))
}

// Rows that may be prices under another name, and of which nothing tells, are
// refused rather than lost.
func TestPricesUnderAnotherName(t *testing.T) {
	const (
		ports   = "COPY ports (code, name, parent_slug) FROM stdin;\n\\.\n"
		empty   = "COPY public.prices" + columns + "\\.\n"
		unknown = " has the columns of prices, and the file does not say whether its rows belong to it; " +
			"dump again without pg_dump --data-only, or with --exclude-table if they do not"
		export = `write them to a file: psql -c '\copy (SELECT orig_code, dest_code, day, price FROM `
	)
	for name, c := range map[string]struct{ file, want string }{
		"data alone":       {ports + "COPY public.prices_2021" + columns + lane, "file:3: public.prices_2021" + unknown},
		"two tables":       {ports + "COPY a" + columns + lane + "COPY b" + columns + lane, "file:3: a" + unknown},
		"empty prices":     {empty + "COPY chunks.c1" + columns + lane, "file:3: chunks.c1" + unknown},
		"prices with rows": {"COPY prices" + columns + lane + "COPY public.old" + columns + lane, "file:4: public.old" + unknown},
		"other columns":    {"COPY c1 (note, price, day, dest_code, orig_code) FROM stdin;\nx\n\\.\n" + ports, "file:1: c1" + unknown},
		"regions": {
			"COPY asia (slug, name, parent_slug) FROM stdin;\na\tb\tc\n\\.\n",
			"file:1: asia" + strings.ReplaceAll(unknown, "prices", "regions"),
		},
		"a table of its own alone": {
			"CREATE TABLE public.prices_2021 (day date);\n" + ports + "COPY public.prices_2021" + columns + lane,
			"file:4: public.prices_2021 has the columns of prices, and prices has no rows; if its rows are prices, " + export +
				"public.prices_2021) TO prices.csv CSV HEADER'; else dump again with pg_dump --exclude-table",
		},
		"and empty prices": {
			"CREATE TABLE a (day date);\nCOPY a" + columns + lane + empty,
			"file:2: a has the columns of prices, and prices has no rows; if its rows are prices, " + export +
				"a) TO prices.csv CSV HEADER'; else dump again with pg_dump --exclude-table",
		},
		"compressed": {
			"CREATE TABLE _timescaledb_internal.compress_hyper_2_1_chunk (day date);\nCOPY prices" + columns + lane +
				"COPY _timescaledb_internal.compress_hyper_2_1_chunk" + columns + lane,
			"file:5: _timescaledb_internal.compress_hyper_2_1_chunk is a compressed chunk of TimescaleDB; decompress the chunks of prices with decompress_chunk, and dump again",
		},
		"attached later": {
			"CREATE TABLE a (day date);\nCOPY a" + columns + lane + "COPY prices" + columns + lane + "ALTER TABLE prices ATTACH PARTITION a DEFAULT;\n",
			"file:2: a table that becomes a part of prices after its rows" + unapplied,
		},
		"inherits later": {
			"CREATE TABLE a (day date);\nCREATE TABLE b () INHERITS (a);\nCOPY b" + columns + lane + "COPY prices" + columns + lane +
				"ALTER TABLE a INHERIT prices;\n\\connect other\n",
			"file:3: a table that becomes a part of prices after its rows" + unapplied,
		},
		"a view": {
			ports + "CREATE VIEW public.prices AS\n SELECT a FROM raw;\n",
			"file:3: prices is a view, whose rows are not in the file; " + export + "prices) TO prices.csv CSV HEADER'",
		},
		"a materialized view": {
			ports + "CREATE MATERIALIZED VIEW public.prices AS\n SELECT a FROM raw\n  WITH NO DATA;\n",
			"file:3: prices is a view, whose rows are not in the file; " + export + "prices) TO prices.csv CSV HEADER'",
		},
		"a foreign table": {
			ports + "CREATE FOREIGN TABLE public.prices (day date) SERVER s;\n",
			"file:3: prices is a foreign table, whose rows are not in the file; " + export + "prices) TO prices.csv CSV HEADER'",
		},
		"a foreign partition": {
			"CREATE FOREIGN TABLE p1 (day date) SERVER s;\nALTER TABLE ONLY prices ATTACH PARTITION p1 DEFAULT;\nCOPY prices" + columns + lane,
			"file:1: p1 is a foreign table, whose rows are not in the file; " + export + "prices) TO prices.csv CSV HEADER'",
		},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
}

// A view or a foreign table with the name of one of ours does not matter beside it.
func TestViewBesideTheTable(t *testing.T) {
	for _, other := range []string{
		"CREATE VIEW report.prices AS SELECT * FROM public.prices;\n", "CREATE MATERIALIZED VIEW report.prices AS SELECT 1;\n",
		"CREATE FOREIGN TABLE far.prices (day date) SERVER s;\n", "CREATE FOREIGN TABLE far.costs (day date) SERVER s;\n",
	} {
		if got, err := readString(other + "COPY public.prices" + columns + lane); err != nil || len(got) != 1 {
			t.Errorf("%s: got %v, %v, want the price", other, got, err)
		}
	}
}

// Partitions in a loop belong to no table of ours.
func TestPartitionsInALoop(t *testing.T) {
	got, err := readString("ALTER TABLE a.p ATTACH PARTITION a.q DEFAULT;\nALTER TABLE a.q ATTACH PARTITION a.p DEFAULT;\n" +
		"COPY a.p (x) FROM stdin;\n1\n\\.\nCOPY a.prices" + columns + lane)
	if err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

// The names of partitions take a bounded amount of memory.
func TestTooManyPartitions(t *testing.T) {
	var file strings.Builder
	for n := range 50_001 {
		fmt.Fprintf(&file, "ALTER TABLE a.b ATTACH PARTITION a.p%d DEFAULT;\n", n)
	}
	wantRefusal(t, file.String(), "file:50001: more than 50000 partitions; dump again with pg_dump --load-via-partition-root")
}

// A dump may have more tables of other kinds than are remembered.
func TestManyTables(t *testing.T) {
	var file strings.Builder
	for n := range 50_001 {
		fmt.Fprintf(&file, "CREATE TABLE a.t%d (x int);\n", n)
	}
	if got, err := readString(file.String() + "COPY a.t50000 (x) FROM stdin;\n1\n\\.\nCOPY prices" + columns + lane); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v, want the price", got, err)
	}
}
