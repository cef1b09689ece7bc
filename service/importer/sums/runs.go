package sums

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// runs are sorted lists of sums, one after another in a temporary file.
type runs struct {
	file    *os.File // nil until there is a run
	lengths []int64  // in bytes
	bytes   int64    // of all
}

// sumBytes is the size of a sum in the file.
const sumBytes = 24

// write appends a run.
func (r *runs) write(sorted []Sum) error {
	if r.file == nil {
		file, err := os.CreateTemp("", "rates-sums-*")
		if err != nil {
			return fmt.Errorf("create a temporary file for sums: %w", err)
		}
		r.file = file
	}
	const buffer = 64 << 10
	out := bufio.NewWriterSize(r.file, buffer)
	var b [sumBytes]byte
	for _, s := range sorted {
		binary.LittleEndian.PutUint64(b[:], s.Key)
		putInt64(b[8:], s.Total)
		putInt64(b[16:], s.Count)
		if _, err := out.Write(b[:]); err != nil {
			return fmt.Errorf("write sums to a temporary file: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write sums to a temporary file: %w", err)
	}
	length := int64(len(sorted)) * sumBytes
	r.lengths = append(r.lengths, length)
	r.bytes += length
	return nil
}

func putInt64(b []byte, n int64) {
	binary.LittleEndian.PutUint64(b, uint64(n)) // #nosec G115 -- the same 64 bits, which getInt64 reads
}

func getInt64(b []byte) int64 {
	return int64(binary.LittleEndian.Uint64(b)) // #nosec G115 -- the same 64 bits, which putInt64 wrote
}

// close removes the file.
func (r *runs) close() error {
	if r.file == nil {
		return nil
	}
	err := errors.Join(r.file.Close(), os.Remove(r.file.Name()))
	r.file = nil
	return err
}

// run is a list that is being read; head is its next sum.
type run struct {
	head Sum
	rest *bufio.Reader
}

// next reads the next sum into head. ok is false at the end.
func (r *run) next() (ok bool, err error) {
	b, err := r.rest.Peek(sumBytes)
	switch {
	case err == io.EOF && len(b) == 0:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read sums from a temporary file: %w", err)
	}
	r.head = Sum{
		Key:   binary.LittleEndian.Uint64(b),
		Total: getInt64(b[8:]),
		Count: getInt64(b[16:]),
	}
	_, err = r.rest.Discard(sumBytes)
	return err == nil, err
}

// merge yields the sums of all runs in the order of their keys.
func (r *runs) merge(yield func(Sum, error) bool) {
	heap, err := r.open()
	if err != nil {
		yield(Sum{}, err)
		return
	}
	for len(heap) > 0 {
		sum := Sum{Key: heap[0].head.Key}
		for len(heap) > 0 && heap[0].head.Key == sum.Key {
			sum.Total += heap[0].head.Total
			sum.Count += heap[0].head.Count
			more, err := heap[0].next()
			if err != nil {
				yield(Sum{}, err)
				return
			}
			if !more {
				heap[0] = heap[len(heap)-1]
				heap = heap[:len(heap)-1]
			}
			sink(heap, 0)
		}
		if !yield(sum, nil) {
			return
		}
	}
}

// open starts to read all runs, and returns them as a heap.
func (r *runs) open() ([]*run, error) {
	const buffer = 16 << 10
	var heap []*run
	from := int64(0)
	for _, length := range r.lengths {
		next := &run{rest: bufio.NewReaderSize(io.NewSectionReader(r.file, from, length), buffer)}
		from += length
		if ok, err := next.next(); err != nil {
			return nil, err
		} else if ok {
			heap = append(heap, next)
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		sink(heap, i)
	}
	return heap, nil
}

// sink moves the run at i down until none below it has a lower key.
func sink(heap []*run, i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if heap[child].head.Key < heap[least].head.Key {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
