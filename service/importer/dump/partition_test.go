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

// Prices under an unknown name, such as those of a partition in a dump of data
// alone, are refused rather than lost.
func TestPricesUnderAnotherName(t *testing.T) {
	const ports = "COPY ports (code, name, parent_slug) FROM stdin;\n\\.\n"
	const want = "file:3: public.prices_2021 has the columns of prices, and the file has no table prices; if it is a partition, " +
		"dump again with pg_dump --load-via-partition-root, else with --exclude-table"
	wantRefusal(t, ports+"COPY public.prices_2021"+columns+lane, want)
	wantRefusal(t, ports+"COPY public.prices_2021"+columns+lane+"COPY public.prices_2022"+columns+lane, want)
	// A file with prices may have another table with the same columns.
	if _, err := readString("COPY public.old" + columns + lane + "COPY public.prices" + columns + lane); err != nil {
		t.Error(err)
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
