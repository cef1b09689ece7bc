package main

import (
	"bytes"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
)

// On a terminal a new step is shown at once and its prices a few times a second. The
// time left goes on while the importer reports nothing, and is not shown once it is
// over.
func TestProgressOnTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &progress{terminal: &cli.Line{Out: &out}}
		p.start()
		begun := time.Now()
		p.show(importer.Progress{File: "a.sql", Step: "loading", Prices: 1_100_000})
		p.show(importer.Progress{File: "a.sql", Step: "loading", Prices: 1_200_000}) // too soon
		p.show(importer.Progress{File: "a.sql", Step: "indexing sums", End: begun.Add(12 * time.Second)})
		time.Sleep(14*time.Second + time.Millisecond)
		p.close()
		const line = "\r\033[K"
		want := line + "a.sql: loading, 1,100,000 prices"
		for _, left := range []string{", about 20 seconds left", ", about 20 seconds left"} {
			want += line + "a.sql: indexing sums" + left
		}
		for range 10 { // after 2 to 11 seconds
			want += line + "a.sql: indexing sums, a few seconds left"
		}
		for range 3 { // after 12 to 14
			want += line + "a.sql: indexing sums"
		}
		if want += line; out.String() != want {
			t.Errorf("shown %q\nwant %q", out.String(), want)
		}
	})
}

// In a pipe each step is a line, and what takes long another every ten seconds, even
// if the text changes all the time.
func TestProgressInPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := showProgress(&out, true)
		p.show(importer.Progress{File: "a.sql", Step: "waiting for pid 1 (for at least 1s)"})
		for seconds := range 11 {
			time.Sleep(time.Second + time.Millisecond)
			p.show(importer.Progress{File: "a.sql", Step: "waiting for pid 1 (for at least " + time.Duration(2+seconds).String() + ")"})
		}
		p.show(importer.Progress{File: "a.sql", Step: "loading", Prices: 100_000, End: time.Now().Add(3 * time.Minute)})
		p.show(importer.Progress{File: "b.sql", Step: "loading", Prices: 100_000})
		p.close()
		p.close()
		const want = "rates: a.sql: waiting for pid 1 (for at least 1s)\n" +
			"rates: a.sql: waiting for pid 1 (for at least 10ns)\n" +
			"rates: a.sql: loading, 100,000 prices, about 3 minutes left\n" +
			"rates: b.sql: loading, 100,000 prices\n"
		if out.String() != want {
			t.Errorf("shown %s\nwant %s", out.String(), want)
		}
	})
}

// Without --progress a pipe shows nothing.
func TestNoProgressInPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := showProgress(&out, false)
		p.show(importer.Progress{File: "a.sql", Step: "loading", Prices: 100_000})
		time.Sleep(time.Minute)
		if p.close(); out.Len() > 0 {
			t.Errorf("shown %q", out.String())
		}
	})
}

func TestTimeLeft(t *testing.T) {
	for left, want := range map[time.Duration]string{
		-time.Hour:                        "",
		0:                                 "",
		time.Millisecond:                  ", a few seconds left",
		10 * time.Second:                  ", a few seconds left",
		10*time.Second + 1:                ", about 20 seconds left",
		60 * time.Second:                  ", about 60 seconds left",
		61 * time.Second:                  ", about 2 minutes left",
		2 * time.Hour:                     ", about 120 minutes left",
		2*time.Hour + time.Minute:         ", about 2 hours left",
		2*time.Hour + 40*time.Minute:      ", about 3 hours left",
		time.Time{}.Sub(time.Unix(0, 0)):  "",
		time.Duration(math.MinInt64) + 10: "",
	} {
		if got := timeLeft(left); got != want {
			t.Errorf("timeLeft(%v) = %q, want %q", left, got, want)
		}
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
