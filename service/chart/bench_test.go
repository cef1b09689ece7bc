package chart_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"example.com/rates/service/chart"
)

// decade returns four lanes of the longest question.
func decade() chart.Chart {
	c := of("2012-01-01", "2022-01-07")
	for i, start := range []int64{900, 1500, 2200, 5200} {
		c.Lanes = append(c.Lanes, lane("Lane", "2012-01-01", int64(3+i*100), walk(3660, start)...))
	}
	return c
}

// The largest chart leaves room for the rest of a page of 60 kB.
func TestSize(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(chart.Append(nil, decade())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 25_000 {
		t.Errorf("%d bytes", packed.Len())
	}
}

func BenchmarkAppend(b *testing.B) {
	c := decade()
	var svg []byte
	b.ReportAllocs()
	for b.Loop() {
		svg = chart.Append(svg[:0], c)
	}
	b.ReportMetric(float64(len(svg)), "bytes")
}
