package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

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
	return found, withReader(ctx, file, func(r *dump.Reader) error {
		return found.read(r, func(prices int64) {
			opts.Progress(Progress{File: file.Name, Step: "checking", Prices: prices})
		})
	})
}

func withReader(ctx context.Context, file File, use func(*dump.Reader) error) (err error) {
	in, err := file.Open()
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // the name of the file is said below
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	reader, err := dump.NewReader(interruptible{ctx, in}, file.Name)
	if err != nil {
		return err
	}
	return use(reader)
}

// interruptible is a file that can be read until ctx ends.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
