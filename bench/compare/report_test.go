package compare

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/rates/bench/subject"
)

// measured returns a result of two rounds. Hot has 8 answers for 10 of the bare
// handler, and cold 1 for 4 of pgbench.
func measured() *Result {
	http := &subject.Server{}
	times := func(p50 float64) ([]float64, []time.Duration) {
		return []float64{p50, p50}, make([]time.Duration, 100)
	}
	r := &Result{Config: Config{Rounds: 2}, rows: rows{
		{id: bareRow, name: "bare handler", server: http, perSecond: []float64{10000, 1000}, serverTime: []float64{10, 10}},
		{id: hotRow, name: "hot", server: http, perSecond: []float64{8000, 800}, serverTime: []float64{20, 20}},
		{id: unchangedRow, name: "304", server: http, perSecond: []float64{9000, 900}, serverTime: []float64{15, 15}},
		{id: gzipRow, name: "hot, gzip", server: http, perSecond: []float64{4000, 400}, serverTime: []float64{40, 40}},
		{id: pageRow, name: "hot, page, gzip", server: http, perSecond: []float64{2000, 200}, serverTime: []float64{80, 80}},
		{id: coldRow, name: "cold", server: http, queries: true, perSecond: []float64{1000, 100}, serverTime: []float64{50, 50}, databaseTime: []float64{50, 50}},
		{id: regionRow, name: "cold, two regions", server: http, queries: true, perSecond: []float64{1000, 100}, serverTime: []float64{50, 50}, databaseTime: []float64{60, 60}},
		{id: pgbenchRow, name: "pgbench", queries: true, perSecond: []float64{4000, 400}, serverTime: []float64{10, 10}, databaseTime: []float64{40, 40}},
		{id: naiveRow, name: "naive", server: http, queries: true, perSecond: []float64{100, 10}, serverTime: []float64{100, 100}, databaseTime: []float64{900, 900}},
	}}
	for _, row := range r.rows {
		if row.server != nil {
			row.p50, row.latencies = times(2)
		}
	}
	r.rows.of(regionRow).p50, r.rows.of(regionRow).latencies = times(3)
	return r
}

// line returns the cells of the row of a table that begins with the given text.
func line(t *testing.T, markdown, first string) []string {
	t.Helper()
	for text := range strings.Lines(markdown) {
		if strings.HasPrefix(text, "| "+first+" ") {
			cells := strings.Split(strings.Trim(text, "|\n"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			return cells
		}
	}
	t.Fatalf("no row %q in:\n%s", first, markdown)
	return nil
}

// A round may be ten times slower than another; ratios compare within a round.
func TestRatiosCompareWithinARound(t *testing.T) {
	ratios := measured().ratios()
	for first, want := range map[string]string{
		"hot, against the bare handler":           "0.800 0.500 at least 0.72 not reached",
		"hot, gzip, against hot":                  "0.500 0.500  ",
		"hot, page, gzip, against hot":            "0.250 0.250  ",
		"cold, against pgbench":                   "0.250 0.500 at least 0.33 not reached",
		"cold, against naive":                     "10.0 10.0  ",
		"cold p50, two regions against two ports": "1.50  at most 1.25 not reached",
	} {
		if got := strings.Join(line(t, ratios, first)[1:], " "); got != want {
			t.Errorf("%s: got %q, want %q", first, got, want)
		}
	}
}

// A failed row has no figures, and neither do its ratios.
func TestFailedRowHasNoFigures(t *testing.T) {
	r := measured()
	r.rows.of(pgbenchRow).err = errors.New("pgbench is not installed")
	if got := line(t, r.throughput(), "pgbench")[1]; got != "not measured" {
		t.Errorf("throughput: %q", got)
	}
	if got := strings.Join(line(t, r.ratios(), "cold, against pgbench")[1:], " "); got != "not measured  at least 0.33 not measured" {
		t.Errorf("ratio: %q", got)
	}
}

func TestProcessFigures(t *testing.T) {
	r := measured()
	r.idle, r.starts = 20e6, []float64{90, 120, 100}
	r.gobench = []string{"BenchmarkHandler-2 10 9 ns/op 5 B/op 23 allocs/op", "BenchmarkHotAnswer-2 10 9 ns/op 2.000 own-allocs/op 5 B/op 4 allocs/op"}
	table := r.process()
	for first, want := range map[string]string{
		"idle, MB resident":                            "20.0 at most 40 reached",
		"p50 of a page from memory, ms":                "2.00 at most 2 reached",
		"start to first answer, ms, 3 starts":          "100 (90.0–120) at most 100 reached",
		"allocations of our own code for a hot answer": "2.00 at most 2 reached",
		"under hot load, peak MB resident":             "not measured  ",
	} {
		if got := strings.Join(line(t, table, first)[1:], " "); got != want {
			t.Errorf("%s: got %q, want %q", first, got, want)
		}
	}
}

// At the fixed rate the slowest must not build up a queue.
func TestRateIsAThirdOfTheSlowest(t *testing.T) {
	r := measured()
	b := &bench{Result: r}
	b.chooseRate()
	if r.PerSecond != 18 { // the median of 100 and 10 is 55
		t.Errorf("got %d", r.PerSecond)
	}
}

func TestParseGoBench(t *testing.T) {
	out := `goos: linux
cpu: AMD EPYC
BenchmarkRatesJSON-2   	   25840	      9629 ns/op	 187.97 MB/s	       0 B/op	       0 allocs/op
BenchmarkHandler-2     	   10000	     22799 ns/op	    5956 B/op	      23 allocs/op
PASS
ok  	example.com/rates/service/httpapi	0.522s
`
	got := parseGoBench(out)
	if len(got) != 2 || !strings.HasPrefix(got[0], "BenchmarkRatesJSON-2") || !strings.HasSuffix(got[1], "23 allocs/op") {
		t.Errorf("got %q", got)
	}
}
