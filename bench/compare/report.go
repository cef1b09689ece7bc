package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
)

// Markdown returns the result as tables.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d rounds of %v each after %v of warm-up; the median, and in brackets the minimum and the maximum.\n",
		r.Machine, r.Config.Rounds, r.Config.Duration, r.Config.Warmup)
	fmt.Fprintf(&b, "\n### Throughput\n\n%s", r.throughput())
	fmt.Fprintf(&b, "\n### Latency at %d requests a second\n\n%s", r.PerSecond, r.latency())
	fmt.Fprintf(&b, "\n### Ratios\n\n%s", r.ratios())
	fmt.Fprintf(&b, "\n### The process\n\n%s", r.process())
	if len(r.gobench) > 0 {
		fmt.Fprintf(&b, "\n`go test -run='^$' -bench=. -benchmem ./service/httpapi` prints:\n\n```\n%s\n```\n", strings.Join(r.gobench, "\n"))
	}
	if len(r.Problems) > 0 {
		fmt.Fprintf(&b, "\n### Not measured\n\n- %s\n", strings.Join(r.Problems, "\n- "))
	}
	return b.String()
}

func (r *Result) throughput() string {
	t := report.Table{Head: []string{"what", "answers/s", "CPU µs an answer: server", "PostgreSQL"}}
	for _, row := range r.rows {
		if row.err != nil {
			t.Add(row.name, report.NotMeasured, "", "")
			continue
		}
		database := ""
		if row.queries {
			database = report.Spread(stat.Summarize(row.databaseTime))
		}
		t.Add(row.name, report.Spread(stat.Summarize(row.perSecond)), report.Spread(stat.Summarize(row.serverTime)), database)
	}
	return t.String()
}

func (r *Result) latency() string {
	t := report.Table{Head: []string{"what", "p50 ms", "p99 ms", "p99.9 ms", "answers"}}
	for _, row := range r.rows {
		switch {
		case row.server == nil:
		case row.err != nil:
			t.Add(row.name, report.NotMeasured, "", "", "")
		default:
			cells := []string{row.name}
			for _, q := range []float64{0.5, 0.99, 0.999} {
				cells = append(cells, report.Latency(row.latencies, q))
			}
			t.Add(append(cells, report.Count(int64(len(row.latencies))))...)
		}
	}
	return t.String()
}

// ratio compares two rows round by round.
type ratio struct {
	what      string
	of, to    string // ids of rows
	latencies bool   // of p50; else of answers a second
	byTime    bool   // the target is for the ratio by CPU time, not for the first one
	target    *report.Target
}

var comparisons = []ratio{
	{what: "hot, against the bare handler", of: hotRow, to: bareRow, byTime: true, target: report.AtLeast(0.72)},
	{what: "304, against the bare handler", of: unchangedRow, to: bareRow},
	{what: "hot, gzip, against hot", of: gzipRow, to: hotRow},
	{what: "hot, page, gzip, against hot", of: pageRow, to: hotRow},
	{what: "cold, against pgbench", of: coldRow, to: pgbenchRow, target: report.AtLeast(0.33)},
	{what: "cold, against naive", of: coldRow, to: naiveRow},
	{what: "hot, against naive", of: hotRow, to: naiveRow},
	{what: "cold p50, two regions against two ports", of: regionRow, to: coldRow, latencies: true, target: report.AtMost(1.25)},
}

func (r *Result) ratios() string {
	t := report.Table{
		Head:  []string{"what", "ratio", "by CPU time", "target", ""},
		Words: []int{3, 4},
	}
	for _, c := range comparisons {
		of, to := r.rows.of(c.of), r.rows.of(c.to)
		measured, byTime := stat.Summarize(nil), stat.Summarize(nil)
		spread := ""
		if of.err == nil && to.err == nil {
			measured, byTime = c.compare(of, to)
			if byTime.Known() {
				spread = report.Spread(byTime)
			}
		}
		bound := measured
		if c.byTime {
			bound = byTime
		}
		target, verdict := c.target.Cells(bound.Median)
		t.Add(c.what, report.Spread(measured), spread, target, verdict)
	}
	return t.String()
}

// compare returns the ratio of throughput, and that of answers for the same CPU
// time.
func (c ratio) compare(of, to *row) (measured, byTime stat.Summary) {
	if c.latencies {
		return stat.Summarize(stat.Ratios(of.p50, to.p50)), stat.Summarize(nil)
	}
	return stat.Summarize(stat.Ratios(of.perSecond, to.perSecond)), stat.Summarize(stat.Ratios(to.times(), of.times()))
}

func (r *Result) process() string {
	t := report.Table{Head: []string{"what", "measured", "target", ""}, Words: []int{2, 3}}
	const limit, collected = 40e6, 1.5 // bytes besides the cache; the heap grows by half between collections
	add := func(what, measured string, figure float64, target *report.Target) {
		bound, verdict := target.Cells(figure)
		t.Add(what, measured, bound, verdict)
	}
	megabytes := func(what string, bytes uint64, target *report.Target) {
		if bytes == 0 {
			add(what, report.NotMeasured, math.NaN(), target)
			return
		}
		add(what, report.Megabytes(bytes), float64(bytes)/1e6, target)
	}
	megabytes("idle, MB resident", r.idle, report.AtMost(limit/1e6))
	megabytes("under hot load, peak MB resident", r.busy[hotRow], nil)
	megabytes("under cold load, peak MB resident", r.busy[coldRow], nil)
	for _, full := range r.full {
		bound := float64(full.boundMB) * (1 << 20)
		megabytes(fmt.Sprintf("full cache of %d MiB, %s different requests, peak MB resident", full.boundMB, report.Count(full.questions)),
			full.memory.Peak, report.AtMost(math.Floor((collected*bound+limit)/1e5)/10))
	}
	page := stat.Summarize(r.rows.of(pageRow).p50)
	add("p50 of a page from memory, ms", report.Spread(page), page.Median, report.AtMost(2))
	starts := stat.Summarize(r.starts)
	add(fmt.Sprintf("start to first answer, ms, %d starts", len(r.starts)), report.Spread(starts), starts.Median, report.AtMost(100))
	if allocations, ok := r.allocations(); ok {
		add("allocations of our own code for a hot answer", report.Number(allocations), allocations, report.AtMost(2))
	}
	return t.String()
}

// allocations returns the allocations of our own code for a hot answer, as
// reported by a benchmark of service/httpapi.
func (r *Result) allocations() (float64, bool) {
	for _, line := range r.gobench {
		fields := strings.Fields(line)
		if unit := slices.Index(fields, "own-allocs/op"); unit > 0 {
			n, err := strconv.ParseFloat(fields[unit-1], 64)
			return n, err == nil
		}
	}
	return 0, false
}
