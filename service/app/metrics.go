package app

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/rates/service/admission"
	"example.com/rates/service/cache"
	"example.com/rates/service/postgres"
)

// poolCollector reads the figures of the connection pool when they are requested.
type poolCollector struct{ stat func() *pgxpool.Stat }

var (
	poolConns    = prometheus.NewDesc("database_connections", "Connections to the database.", []string{"state"}, nil)
	poolMax      = prometheus.NewDesc("database_connections_max", "Maximum number of connections to the database.", nil, nil)
	poolAcquired = prometheus.NewDesc("database_acquires_total", "Connections taken from the pool.", nil, nil)
	poolEmpty    = prometheus.NewDesc("database_acquires_waited_total", "Acquisitions that had to wait for a free connection.", nil, nil)
	poolWaited   = prometheus.NewDesc("database_acquire_wait_seconds_total", "Time spent waiting for a connection.", nil, nil)
)

// Describe implements prometheus.Collector.
func (*poolCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{poolConns, poolMax, poolAcquired, poolEmpty, poolWaited} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *poolCollector) Collect(to chan<- prometheus.Metric) {
	stat := c.stat()
	send(to, poolConns, prometheus.GaugeValue, float64(stat.IdleConns()), "idle")
	send(to, poolConns, prometheus.GaugeValue, float64(stat.AcquiredConns()), "in_use")
	send(to, poolConns, prometheus.GaugeValue, float64(stat.ConstructingConns()), "connecting")
	send(to, poolMax, prometheus.GaugeValue, float64(stat.MaxConns()))
	send(to, poolAcquired, prometheus.CounterValue, float64(stat.AcquireCount()))
	send(to, poolEmpty, prometheus.CounterValue, float64(stat.EmptyAcquireCount()))
	send(to, poolWaited, prometheus.CounterValue, stat.EmptyAcquireWaitTime().Seconds())
}

// cacheCollector reads the figures of the cache when they are requested.
type cacheCollector struct{ stats func() cache.Stats }

var (
	cacheHits    = prometheus.NewDesc("cache_hits_total", "Answers found in the cache.", nil, nil)
	cacheMisses  = prometheus.NewDesc("cache_misses_total", "Answers looked for in the cache and not found.", nil, nil)
	cacheBytes   = prometheus.NewDesc("cache_bytes", "Memory that the cached answers take.", nil, nil)
	cacheEntries = prometheus.NewDesc("cache_entries", "Cached answers.", nil, nil)
)

// Describe implements prometheus.Collector.
func (*cacheCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{cacheHits, cacheMisses, cacheBytes, cacheEntries} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *cacheCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.stats()
	send(to, cacheHits, prometheus.CounterValue, float64(stats.Hits))
	send(to, cacheMisses, prometheus.CounterValue, float64(stats.Misses))
	send(to, cacheBytes, prometheus.GaugeValue, float64(stats.Bytes))
	send(to, cacheEntries, prometheus.GaugeValue, float64(stats.Entries))
}

// queueCollector reads the figures of the queue before the database when they are
// requested.
type queueCollector struct{ stats func() admission.Stats }

var (
	questions        = prometheus.NewDesc("questions", "Questions to the database.", []string{"state"}, nil)
	questionsRefused = prometheus.NewDesc("questions_refused_total", "Questions refused because the database had too many.", nil, nil)
)

// Describe implements prometheus.Collector.
func (*queueCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{questions, questionsRefused} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *queueCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.stats()
	send(to, questions, prometheus.GaugeValue, float64(stats.Inside), "asked")
	send(to, questions, prometheus.GaugeValue, float64(stats.Waiting), "waiting")
	send(to, questionsRefused, prometheus.CounterValue, float64(stats.Refused))
}

func send(to chan<- prometheus.Metric, desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
}

// replicaCollector reads the figures of the standbys when they are requested.
type replicaCollector struct{ stats func() postgres.ReplicaStats }

var (
	replicaBehind  = prometheus.NewDesc("replica_behind_seconds", "For how long there were newer data than in the last answer of a standby.", nil, nil)
	replicaPrimary = prometheus.NewDesc("replica_primary_questions_total", "Questions that the primary was asked, since no standby had data that are new enough.", nil, nil)
)

// Describe implements prometheus.Collector.
func (*replicaCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{replicaBehind, replicaPrimary} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *replicaCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.stats()
	send(to, replicaBehind, prometheus.GaugeValue, stats.Behind.Seconds())
	send(to, replicaPrimary, prometheus.CounterValue, float64(stats.Primary))
}
