package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"example.com/rates/service/importer"
)

// On a terminal one line is overwritten, and removed in the end; a new step is
// shown at once.
func TestProgressLine(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out}
	p.show(importer.Progress{File: "a.sql", Step: "checking", Prices: 1_100_000})
	p.show(importer.Progress{File: "a.sql", Step: "checking", Prices: 1_200_000}) // too soon
	p.show(importer.Progress{File: "a.sql", Step: "waiting for another writer"})
	p.clear()
	const want = "\r\033[Ka.sql: checking, 1,100,000 prices\r\033[Ka.sql: waiting for another writer\r\033[K"
	if out.String() != want {
		t.Errorf("shown %q\nwant %q", out.String(), want)
	}
}

// Where it does not go to a terminal nothing is shown.
func TestNoProgressInFiles(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := newProgress(file)
	p.show(importer.Progress{File: "a.sql", Step: "checking"})
	p.clear()
	if info, err := file.Stat(); err != nil || info.Size() > 0 {
		t.Errorf("%d bytes were written, %v", info.Size(), err)
	}
}

// Numbers are written with their thousands apart.
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
