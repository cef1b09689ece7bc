package scaleout

import (
	"strings"
	"testing"
	"time"
)

// The time of all servers counts, and that of the busiest one apart.
func TestTimesOfAnAnswer(t *testing.T) {
	var side Side
	before := used{service: time.Second, servers: []time.Duration{time.Second, 2 * time.Second, 0}}
	after := used{service: 3 * time.Second, servers: []time.Duration{2 * time.Second, 5 * time.Second, 2 * time.Second}}
	side.add(before, after, 1_000_000, 4*time.Second)
	got := [4]float64{side.PerSecond[0], side.Service[0], side.Servers[0], side.Busiest[0]}
	if want := [4]float64{250_000, 2, 6, 3}; got != want {
		t.Errorf("answers a second and times are %v, want %v", got, want)
	}
}

// Each ratio is of the two sides of one round.
func TestRatios(t *testing.T) {
	r := &Result{Rows: []Row{{
		Shared: Side{PerSecond: []float64{100, 200}, Service: []float64{10, 10}, Servers: []float64{30, 30}, Busiest: []float64{30, 30}},
		Own:    Side{PerSecond: []float64{200, 100}, Service: []float64{20, 20}, Servers: []float64{60, 60}, Busiest: []float64{15, 15}},
	}}}
	want := "| 1 | 1.25 (0.500–2.00) | 2.00 | 2.00 | 2.00 | 0.500 |"
	if got := strings.Join(strings.Fields(r.Markdown()), " "); !strings.Contains(got, want) {
		t.Errorf("the table is\n%s\nwant %s", r.Markdown(), want)
	}
}
