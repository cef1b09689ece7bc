package compare

import (
	"context"
	"fmt"
	"math"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/stat"
	"example.com/rates/bench/subject"
)

// row is a server or a program to measure beside the others.
type row struct {
	id      string
	name    string
	server  *subject.Server // nil for pgbench
	request load.Request
	cached  bool // answers without the database
	queries bool // queries the database for each answer

	pgbench   load.Pgbench
	statement load.Statement

	// One value a round; times are CPU time in µs an answer.
	perSecond, serverTime, databaseTime, p50 []float64
	latencies                                []time.Duration

	err error // why measuring it failed
}

// The ids of the rows.
const (
	bareRow      = "bare"
	hotRow       = "hot"
	unchangedRow = "304"
	gzipRow      = "gzip"
	pageRow      = "page"
	coldRow      = "cold"
	regionRow    = "region"
	pgbenchRow   = "pgbench"
	naiveRow     = "naive"
)

type rows []*row

// of returns the row with the id.
func (r rows) of(id string) *row {
	for _, row := range r {
		if row.id == id {
			return row
		}
	}
	panic("no row " + id)
}

// try measures, unless it failed before or the run was interrupted.
func (r *row) try(ctx context.Context, measure func() error) {
	if r.err == nil && ctx.Err() == nil {
		r.err = measure()
	}
}

// times returns the CPU time of an answer in each round.
func (r *row) times() []float64 {
	sums := make([]float64, len(r.serverTime))
	for i := range sums {
		sums[i] = r.serverTime[i]
		if r.queries {
			sums[i] += r.databaseTime[i]
		}
	}
	return sums
}

// used is the use of resources so far.
type used struct {
	server, database time.Duration
	acquired         float64 // connections taken by the service
}

func (b *bench) used(ctx context.Context, row *row) (u used, err error) {
	if row.server != nil && row.id != bareRow && row.id != naiveRow {
		if u.acquired, err = row.server.Acquired(ctx); err != nil {
			return u, err
		}
	}
	if b.Meter == nil {
		return u, nil
	}
	if row.server != nil {
		if u.server, err = b.Meter.CPU(row.server.PID()); err != nil {
			return u, err
		}
	}
	u.database, err = b.Meter.TreeCPU(b.Cluster.Postmaster())
	return u, err
}

// closedLoop sends requests as fast as answers arrive. It returns the number of
// answers and, for pgbench, its own CPU time.
func (b *bench) closedLoop(ctx context.Context, row *row, d time.Duration) (closed, error) {
	if row.server == nil {
		done, cpu, err := row.pgbench.Run(ctx, row.statement, connections, d)
		return closed{done, cpu}, err
	}
	done, err := b.Wrk.Run(ctx, row.request, connections, d)
	if err != nil {
		return closed{}, err
	}
	return closed{Done: done}, row.server.EmptyLog()
}

type closed struct {
	load.Done
	client time.Duration
}

func (b *bench) measureThroughput(ctx context.Context, row *row) error {
	before, err := b.used(ctx, row)
	if err != nil {
		return err
	}
	done, err := b.closedLoop(ctx, row, b.Duration)
	if err != nil {
		return err
	}
	after, err := b.used(ctx, row)
	if err != nil {
		return err
	}
	queries := (after.acquired - before.acquired) / float64(done.Count)
	const few, most = 0.01, 0.99
	if row.cached && queries > few {
		return fmt.Errorf("%.0f%% of the answers came from the database; expected all from memory", 100*queries)
	}
	if row.queries && row.server != nil && row.id != naiveRow && queries < most {
		return fmt.Errorf("only %.0f%% of the answers came from the database; expected all", 100*queries)
	}
	server := after.server - before.server
	if row.server == nil {
		server = done.client
	}
	row.perSecond = append(row.perSecond, done.PerSecond)
	row.serverTime = append(row.serverTime, b.each(server, done.Count))
	row.databaseTime = append(row.databaseTime, b.each(after.database-before.database, done.Count))
	return nil
}

// each returns the CPU time of one answer in µs, NaN if it is unknown.
func (b *bench) each(d time.Duration, count int64) float64 {
	if b.Meter == nil {
		return math.NaN()
	}
	return float64(d) / float64(time.Microsecond) / float64(count)
}

func (b *bench) measureLatency(ctx context.Context, row *row) error {
	if row.server == nil {
		return nil
	}
	took, err := load.OpenLoop(ctx, row.request, b.PerSecond, b.OpenLoop)
	if err != nil {
		return err
	}
	row.latencies = append(row.latencies, took...)
	row.p50 = append(row.p50, float64(stat.Quantile(took, 0.5))/float64(time.Millisecond))
	return row.server.EmptyLog()
}
