package scaleout

import (
	"fmt"
	"slices"

	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
)

// Markdown returns the result as a table of ratios, each of a replica for each instance
// against one server for all.
func (r *Result) Markdown() string {
	t := report.Table{Head: []string{"instances", "answers/s", "CPU an answer, all", "service", "PostgreSQL", "busiest server"}}
	ratio := func(own, shared []float64) string { return report.Spread(stat.Summarize(stat.Ratios(own, shared))) }
	for i, row := range r.Rows {
		t.Add(report.Count(int64(i+1)), ratio(row.Own.PerSecond, row.Shared.PerSecond), ratio(row.Own.all(), row.Shared.all()),
			ratio(row.Own.Service, row.Shared.Service), ratio(row.Own.Servers, row.Shared.Servers),
			ratio(row.Own.Busiest, row.Shared.Busiest))
	}
	return fmt.Sprintf("%s %d rounds of %v each with %d clients; the median, and in brackets the minimum and the maximum.\n\n%s",
		r.Machine, r.Config.Rounds, r.Config.Duration, r.Config.Clients, t.String())
}

// all returns the processor time of an answer in each round.
func (s Side) all() []float64 {
	sums := slices.Clone(s.Service)
	for i := range sums {
		sums[i] += s.Servers[i]
	}
	return sums
}
