package scale

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// psql gets the rows alone, without statements that make tables and indexes.
func TestFilterCopyKeepsRowsAlone(t *testing.T) {
	dump := "-- COPY nothing\nCREATE TABLE a ();\nCOPY public.a (b) FROM stdin;\nSELECT\tx\nCOPY y\n\\.\n\nALTER TABLE a;\nCOPY public.c (d) FROM stdin;\n\\.\nSELECT 1;\n"
	var got strings.Builder
	if err := filterCopy(strings.NewReader(dump), &got); err != nil {
		t.Fatal(err)
	}
	want := "COPY public.a (b) FROM stdin;\nSELECT\tx\nCOPY y\n\\.\nCOPY public.c (d) FROM stdin;\n\\.\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestParseBuffers(t *testing.T) {
	got, err := parseBuffers(`[{"Plan": {"Node Type": "Index Only Scan", "Shared Hit Blocks": 5, "Shared Read Blocks": 1,
		"Plans": [{"Shared Hit Blocks": 2, "Shared Read Blocks": 0}]}, "Execution Time": 0.1}]`)
	if want := (Buffers{Hit: 5, Read: 1}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, plan := range []string{"", "[]", `[{"Plan": {}}]`} {
		if got, err := parseBuffers(plan); err == nil {
			t.Errorf("%q: got %v and no error", plan, got)
		}
	}
}

// A run that would fill the disk is refused, with the space it needs.
func TestDiskIsCheckedFirst(t *testing.T) {
	folder := t.TempDir()
	switch note, err := checkDisk(folder, nil); {
	case err != nil:
		t.Skipf("SKIP: this disk is too full for even the smallest run: %v", err)
	case !strings.Contains(note, "needs about 2,000 MB in "+folder):
		t.Errorf("a run that fits says %q", note)
	}
	_, err := checkDisk(folder, []int64{1_000_000, 1_000_000_000_000})
	if err == nil || !strings.Contains(err.Error(), "needs about") || !strings.Contains(err.Error(), folder) {
		t.Errorf("got %v", err)
	}
}

// Only the largest size takes space for loading.
func TestNeededSpace(t *testing.T) {
	got := needed([]int64{1_000_000, 10_000_000})
	if want := int64(fixedBytes + 11_000_000*keptBytes + 10_000_000*loadingBytes); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func measured() *Result {
	question := func(name string, p50 ...float64) *Question {
		return &Question{Name: name, Days: 31, P50: p50, P99: p50, Answers: 10, Plan: "Index Only Scan\n", Buffers: Buffers{Hit: 5}}
	}
	return &Result{Sizes: []*Size{
		{Prices: 1000, Source: "db/rates.sql", Questions: []*Question{
			question(portToPort, 1, 10), question(continentToContinent, 2, 20), question(anyPorts, 1, 10),
		}, Import: Import{ImportSeconds: []float64{3}, PsqlSeconds: []float64{1}, PeakMemoryBytes: 20e6}},
		{Prices: 1_000_000, Source: "rates generate", Questions: []*Question{
			question(portToPort, 1.1, 11), question(continentToContinent, 4, 40), question(anyPorts, 3, 30),
		}, Import: Import{
			ImportSeconds: []float64{30, 3}, PsqlSeconds: []float64{20, 2}, GenerateSeconds: 1,
			ImportCPU: []float64{8, 9}, PsqlCPU: []float64{4, 3},
		}},
	}}
}

// lines returns the rows of a table that begin with the given cells, without
// padding.
func lines(markdown string, first ...string) []string {
	var found []string
	for text := range strings.Lines(markdown) {
		cells := strings.Split(strings.Trim(text, "|\n"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) > len(first) && cmp.Equal(cells[:len(first)], first) {
			found = append(found, strings.Join(cells[len(first):], " "))
		}
	}
	return found
}

// Rounds may differ tenfold; growth compares within a round.
func TestGrowthIsAgainstTheFewestPricesOfTheSameRound(t *testing.T) {
	r := measured()
	for _, test := range []struct{ question, want string }{
		{portToPort, "1.10 at most 1.25 reached"},
		{continentToContinent, "2.00 at most 1.25 not reached"},
		{anyPorts, "3.00  "},
	} {
		got := lines(r.answers(), test.question, "1,000,000")
		if len(got) != 1 || !strings.HasSuffix(got[0], " "+test.want) {
			t.Errorf("%s: got %q, want it to end with %q", test.question, got, test.want)
		}
	}
	if diff := cmp.Diff([]string{"2.00 at most 1.25 not reached"}, lines(r.continents(), "1,000")); diff != "" {
		t.Error(diff)
	}
}

// An import has a target from a million prices, and ratios compare within a round.
func TestImportRatios(t *testing.T) {
	table := measured().imports()
	if got, want := lines(table, "1,000"), "3.00 1.00 3.00   not measured not measured not measured  0 20.0"; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := "16.5 (3.00–30.0) 11.0 (2.00–20.0) 1.50 at most 2 reached 8.50 (8.00–9.00) 3.50 (3.00–4.00) 2.50 (2.00–3.00) 1.00 0 not measured"
	if got := lines(table, "1,000,000"); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Without psql only its columns are not measured.
func TestImportWithoutPsql(t *testing.T) {
	r := measured()
	r.Sizes[1].Import.PsqlSeconds, r.Sizes[1].Import.PsqlCPU = nil, nil
	got := lines(r.imports(), "1,000,000")
	want := "16.5 (3.00–30.0) not measured not measured at most 2 not measured 8.50 (8.00–9.00) not measured not measured 1.00 0 not measured"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlansOfTheLeastAndTheMostData(t *testing.T) {
	got := measured().plans()
	for _, want := range []string{"port to port, 1,000 prices:", "continent to continent, 1,000,000 prices:"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, got)
		}
	}
}
