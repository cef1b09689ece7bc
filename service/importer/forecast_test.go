package importer

import (
	"testing"
	"testing/synctest"
	"time"
)

// expect compares the end with a time from now; 0 stands for one that is not known.
func (f *forecast) expect(t *testing.T, when string, want time.Duration) {
	t.Helper()
	var got time.Duration
	if !f.end.IsZero() {
		got = time.Until(f.end).Round(time.Millisecond)
	}
	if got != want {
		t.Errorf("%s: the end is in %v, want %v", when, got, want)
	}
}

// A replacement has a forecast once 2 seconds have passed and a twentieth of all files
// is read. It counts the steps after reading, which take longer the more sums there
// are, and each step corrects it.
func TestForecast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForecast([]File{{Size: 40}, {Size: 960}})
		time.Sleep(time.Second)
		f.reading(460, 100, 0)
		f.expect(t, "too early", 0)
		f.read = 40
		time.Sleep(9 * time.Second)
		f.reading(9, 100, 0)
		f.expect(t, "too little is read", 0)
		f.reading(460, 0, 0)
		f.expect(t, "no prices so far", 0)
		f.reading(460, 1000, 0)
		f.expect(t, "half is read", 10*time.Second+7*time.Second)
		f.reading(460, 1000, 1000)
		f.expect(t, "half is read, a sum for each price", 10*time.Second+91*time.Second)
		f.reading(961, 1000, 1000)
		f.expect(t, "the file has grown", 0)
		time.Sleep(10 * time.Second)
		f.summing(1000, 1000)
		f.expect(t, "all is read", 91*time.Second)
		time.Sleep(30 * time.Second)
		began := time.Now()
		f.storing(began, 0, 100)
		f.expect(t, "no sums are stored", 61*time.Second)
		time.Sleep(4 * time.Second)
		f.storing(began, 25, 100)
		f.expect(t, "a quarter of the sums is stored", 12*time.Second+24*time.Second)
		time.Sleep(6 * time.Second)
		f.stored(began)
		f.expect(t, "all sums are stored, faster", 15*time.Second)
	})
}

// Without the size of each file nobody knows how much is to come before all is read.
func TestForecastWithoutSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForecast([]File{{Size: 1000}, {}})
		time.Sleep(10 * time.Second)
		f.reading(500, 1000, 0)
		f.expect(t, "while reading", 0)
		f.summing(1000, 0)
		f.expect(t, "all is read", 3500*time.Millisecond)
	})
}

// What is over at once has no forecast.
func TestForecastOfLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForecast([]File{{Size: 10}})
		f.reading(10, 1, 1)
		f.summing(1, 1)
		f.stored(time.Now())
		f.expect(t, "the end", 0)
	})
}

// An addition has a forecast after its first COPY, and keeps it until the next.
func TestPaceOfAddition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace{began: time.Now(), size: 1000}
		time.Sleep(4 * time.Second)
		if end := p.likelyEnd(400, false); !end.IsZero() {
			t.Errorf("within the first COPY the end is in %v", time.Until(end))
		}
		time.Sleep(4 * time.Second)
		for _, copied := range []bool{true, false} {
			if end := p.likelyEnd(500, copied); time.Until(end) != 8*time.Second {
				t.Errorf("after half in 8s the end is in %v", time.Until(end))
			}
		}
		if end := p.likelyEnd(1001, true); !end.IsZero() {
			t.Errorf("of a file that has grown the end is in %v", time.Until(end))
		}
		unknown := pace{began: p.began}
		if end := unknown.likelyEnd(500, true); !end.IsZero() {
			t.Errorf("of a file of unknown size the end is in %v", time.Until(end))
		}
	})
}
