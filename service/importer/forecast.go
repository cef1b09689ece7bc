package importer

import "time"

// projected returns how long work takes in all that began at a time and of which a
// part is done, if it goes on at that pace. It returns 0 while that is not known:
// before 2 seconds have passed and a twentieth is done.
func projected(began time.Time, done, all int64) time.Duration {
	const leastTime, leastShare = 2 * time.Second, 20
	taken := time.Since(began)
	if taken < leastTime || done > all || done*leastShare < all || done <= 0 {
		return 0
	}
	return time.Duration(float64(taken) * (float64(all) / float64(done)))
}

// pace tells when the addition of a file is likely to end.
type pace struct {
	began time.Time
	size  int64     // of the file in bytes; 0 if unknown
	end   time.Time // zero if it is not known
}

// likelyEnd returns the end after so many bytes. It is known only once a COPY has
// ended: that is when the triggers do their part, which is most of the work.
func (p *pace) likelyEnd(bytes int64, copied bool) time.Time {
	if copied {
		p.end = time.Time{}
		if all := projected(p.began, bytes, p.size); all > 0 {
			p.end = p.began.Add(all)
		}
	}
	return p.end
}

// forecast tells when a replacement is likely to end. It learns the pace from the
// steps that are over, and how long one step takes against another from measurements
// (docs/benchmarks.md).
type forecast struct {
	size  int64     // of all files in bytes; 0 if unknown
	begun time.Time // when the first was opened
	read  int64     // bytes of the files that are read
	end   time.Time // zero if it is not known
}

func newForecast(files []File) forecast {
	f := forecast{begun: time.Now()}
	for _, file := range files {
		if file.Size <= 0 {
			f.size = 0
			return f
		}
		f.size += file.Size
	}
	return f
}

// reading updates the end after so many bytes of a file.
func (f *forecast) reading(bytes, prices, sums int64) {
	f.end = time.Time{}
	if all := projected(f.begun, f.read+bytes, f.size); all > 0 && prices > 0 {
		f.end = f.begun.Add(all + afterReading(all, prices, sums))
	}
}

// summing updates the end after all files are read.
func (f *forecast) summing(prices, sums int64) {
	f.end = time.Time{}
	if all := projected(f.begun, 1, 1); all > 0 && prices > 0 {
		f.end = time.Now().Add(afterReading(all, prices, sums))
	}
}

// afterReading returns how long the rest takes if reading took the given time. The
// prices are weighed, and the rows of sums are made, stored, checked and indexed.
func afterReading(reading time.Duration, prices, sums int64) time.Duration {
	const weighing, making = 0.35, 4.2
	return time.Duration(float64(reading) * (weighing + making*float64(sums)/float64(prices)))
}

// How long sums are checked and indexed, against storing them.
const indexing = 1.5

// storing updates the end after so many rows of sums of all, which are stored since
// began.
func (f *forecast) storing(began time.Time, rows, all int64) {
	if taken := projected(began, rows, all); taken > 0 {
		f.end = began.Add(time.Duration(float64(taken) * (1 + indexing)))
	}
}

// stored updates the end after all sums are stored.
func (f *forecast) stored(began time.Time) {
	if taken := projected(began, 1, 1); taken > 0 {
		f.end = time.Now().Add(time.Duration(float64(taken) * indexing))
	}
}
