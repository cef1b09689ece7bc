package main

import (
	"bytes"
	"math"
	"testing"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
)

// A new step is shown at once, its prices a few times a second.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{line: &cli.Line{Out: &out}}
	p.show(importer.Progress{File: "a.sql", Step: "checking", Prices: 1_100_000})
	p.show(importer.Progress{File: "a.sql", Step: "checking", Prices: 1_200_000}) // too soon
	p.show(importer.Progress{File: "a.sql", Step: "waiting for another writer"})
	const want = "\r\033[Ka.sql: checking, 1,100,000 prices\r\033[Ka.sql: waiting for another writer"
	if out.String() != want {
		t.Errorf("shown %q\nwant %q", out.String(), want)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 56689: "56,689", 123456: "123,456", 1234567: "1,234,567",
		math.MaxInt64: "9,223,372,036,854,775,807",
	} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}
