package app

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// poolCollector reads the figures of the connection pool when they are asked for.
type poolCollector struct{ stat func() *pgxpool.Stat }

var (
	poolConns    = prometheus.NewDesc("database_connections", "Connections to the database.", []string{"state"}, nil)
	poolMax      = prometheus.NewDesc("database_connections_max", "Connections to the database at the most.", nil, nil)
	poolAcquired = prometheus.NewDesc("database_acquires_total", "Connections taken from the pool.", nil, nil)
	poolEmpty    = prometheus.NewDesc("database_acquires_waited_total", "Of these, how many had to wait for one.", nil, nil)
	poolWaited   = prometheus.NewDesc("database_acquire_wait_seconds_total", "Time spent waiting for one.", nil, nil)
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
	gauge := func(desc *prometheus.Desc, value int32, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	counter := func(desc *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value)
	}
	gauge(poolConns, stat.IdleConns(), "idle")
	gauge(poolConns, stat.AcquiredConns(), "in_use")
	gauge(poolConns, stat.ConstructingConns(), "connecting")
	gauge(poolMax, stat.MaxConns())
	counter(poolAcquired, float64(stat.AcquireCount()))
	counter(poolEmpty, float64(stat.EmptyAcquireCount()))
	counter(poolWaited, stat.EmptyAcquireWaitTime().Seconds())
}
