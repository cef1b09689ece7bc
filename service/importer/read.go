package importer

import (
	"context"
	"io"
	"math"

	"example.com/rates/service/importer/dump"
)

// surveyFiles reads files and returns a survey of each.
func surveyFiles(ctx context.Context, files []File, opts Options) ([]*survey, error) {
	var surveys []*survey
	for _, file := range files {
		found, err := surveyFile(ctx, file, opts)
		if err != nil {
			return nil, err
		}
		surveys = append(surveys, found)
	}
	return surveys, nil
}

func surveyFile(ctx context.Context, file File, opts Options) (*survey, error) {
	found := newSurvey(file.Name)
	return found, withReader(ctx, file, func(r *dump.Reader, _ *interruptible) error {
		return found.read(r, func(prices int64) {
			opts.Progress(Progress{File: file.Name, Step: "checking", Prices: prices})
		})
	})
}

// withReader reads a file from its beginning.
func withReader(ctx context.Context, file File, use func(*dump.Reader, *interruptible) error) error {
	from := &interruptible{ctx: ctx, from: io.NewSectionReader(file.Content, 0, math.MaxInt64)}
	reader, err := dump.NewReader(from, file.Name)
	if err != nil {
		return err
	}
	return use(reader, from)
}

// interruptible is a reader that fails as soon as ctx ends, even while a read hangs,
// as it may on a network file system.
type interruptible struct {
	ctx  context.Context
	from io.Reader
	buf  []byte
	left []byte // of buf, read and not yet returned
	err  error  // after left

	bytes int64 // returned so far
}

// Read implements io.Reader.
func (r *interruptible) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.left) == 0 && r.err == nil {
		r.fill()
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	r.bytes += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}

// fill reads on. After ctx has ended, buf belongs to the read that still runs.
func (r *interruptible) fill() {
	const size = 64 << 10
	if r.buf == nil {
		r.buf = make([]byte, size)
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := r.from.Read(r.buf)
		done <- result{n, err}
	}()
	select {
	case got := <-done:
		r.left, r.err = r.buf[:got.n], got.err
	case <-r.ctx.Done():
		r.err = r.ctx.Err()
	}
}
