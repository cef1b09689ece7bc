package scale

import (
	"fmt"
	"math"
	"strings"

	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
)

// Markdown returns the result as tables.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s The median, and in brackets the minimum and the maximum.\n", r.Machine)
	fmt.Fprintf(&b, "\n### The data\n\n%s", r.data())
	fmt.Fprintf(&b, "\n### Answers\n\n%s", r.answers())
	fmt.Fprintf(&b, "\n### Two continents against two ports\n\n%s", r.continents())
	fmt.Fprintf(&b, "\n### Imports\n\n%s", r.imports())
	fmt.Fprintf(&b, "\n### Plans\n%s", r.plans())
	if len(r.Problems) > 0 {
		fmt.Fprintf(&b, "\n### Not measured\n\n- %s\n", strings.Join(r.Problems, "\n- "))
	}
	return b.String()
}

func (r *Result) data() string {
	t := report.Table{Head: []string{"prices", "source", "rows of daily_rates", "database, MB", "dump, MB"}, Words: []int{1}}
	for _, s := range r.Sizes {
		t.Add(report.Count(s.Prices), s.Source, report.Count(s.DailyRates),
			report.Megabytes(s.DatabaseBytes), report.Megabytes(s.Import.DumpBytes))
	}
	return t.String()
}

// question returns the question of the name.
func (s *Size) question(name string) *Question {
	for _, q := range s.Questions {
		if q.Name == name {
			return q
		}
	}
	return &Question{Name: name}
}

func (r *Result) answers() string {
	t := report.Table{
		Head: []string{
			"question", "prices", "days with prices", "p50 ms", "p99 ms", "answers", "pages hit", "pages read",
			"p50 against the fewest prices", "target", "",
		},
		Words: []int{9, 10},
	}
	for _, name := range []string{portToPort, continentToContinent, anyPorts} {
		for i, s := range r.Sizes {
			q := s.question(name)
			hit, read := "", ""
			if q.Plan != "" {
				hit, read = report.Count(q.Buffers.Hit), report.Count(q.Buffers.Read)
			}
			growth, target, verdict := "", "", ""
			if i > 0 {
				ratio := stat.Summarize(stat.Ratios(q.P50, r.Sizes[0].question(name).P50))
				growth = report.Spread(ratio)
				if name != anyPorts {
					target, verdict = report.AtMost(1.25).Cells(ratio.Median)
				}
			}
			t.Add(name, report.Count(s.Prices), report.Count(int64(q.Days)),
				report.Spread(stat.Summarize(q.P50)), report.Spread(stat.Summarize(q.P99)), report.Count(int64(q.Answers)),
				hit, read, growth, target, verdict)
		}
	}
	return t.String()
}

func (r *Result) continents() string {
	t := report.Table{Head: []string{"prices", "p50 ratio", "target", ""}, Words: []int{2, 3}}
	for _, s := range r.Sizes {
		ratio := stat.Summarize(stat.Ratios(s.question(continentToContinent).P50, s.question(portToPort).P50))
		target, verdict := report.AtMost(1.25).Cells(ratio.Median)
		t.Add(report.Count(s.Prices), report.Spread(ratio), target, verdict)
	}
	return t.String()
}

// targetFrom is the number of prices from which an import has a target.
const targetFrom = 1_000_000

func (r *Result) imports() string {
	t := report.Table{
		Head: []string{
			"prices", "rates import, s", "psql, s", "ratio", "target", "", "rates import, s of CPU", "psql, s of CPU", "ratio of CPU",
			"rates generate to a file, s", "generate and import through a pipe, s", "peak memory of import, MB",
		},
		Words: []int{4, 5},
	}
	for _, s := range r.Sizes {
		i := s.Import
		ratio := stat.Summarize(stat.Ratios(i.ImportSeconds, i.PsqlSeconds))
		target, verdict := "", ""
		if s.Prices >= targetFrom {
			target, verdict = report.AtMost(2).Cells(ratio.Median)
		}
		generate, memory := "", report.NotMeasured
		if i.GenerateSeconds > 0 {
			generate = report.Number(i.GenerateSeconds)
		}
		if i.PeakMemoryBytes > 0 {
			memory = report.Megabytes(i.PeakMemoryBytes)
		}
		t.Add(report.Count(s.Prices), report.Spread(stat.Summarize(i.ImportSeconds)), report.Spread(stat.Summarize(i.PsqlSeconds)),
			report.Spread(ratio), target, verdict,
			report.Spread(stat.Summarize(i.ImportCPU)), report.Spread(stat.Summarize(i.PsqlCPU)),
			report.Spread(stat.Summarize(stat.Ratios(i.ImportCPU, i.PsqlCPU))), generate, report.Number(i.PipeSeconds), memory)
	}
	return t.String()
}

// plans shows the plans with the least and the most data; the JSON has all.
func (r *Result) plans() string {
	var b strings.Builder
	shown := map[int64]bool{}
	for _, s := range []*Size{r.Sizes[0], r.Sizes[len(r.Sizes)-1]} {
		for _, q := range s.Questions {
			if q.Plan != "" && !shown[s.Prices] {
				fmt.Fprintf(&b, "\n%s, %s prices:\n\n```\n%s```\n", q.Name, report.Count(s.Prices), q.Plan)
			}
		}
		shown[s.Prices] = true
	}
	return b.String()
}

// median returns the median of values, NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return stat.Summarize(values).Median
}
