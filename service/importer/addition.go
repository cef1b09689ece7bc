package importer

import (
	"context"
	"time"

	"example.com/rates/service/importer/dump"
)

// addition adds prices to those in the table. Triggers of the database keep the
// sums right.
type addition struct {
	load    *load
	surveys []*survey // of the files to come
}

func (a *addition) read(context.Context, File) (next *survey, err error) {
	next, a.surveys = a.surveys[0], a.surveys[1:]
	return next, nil
}

// store reads the file a second time.
func (a *addition) store(ctx context.Context, file File, s *survey) error {
	// Bounds the rows of one COPY, and so what the database sets aside for its
	// triggers.
	const most = 1_000_000
	const sql = `COPY prices (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary)`
	if s.prices == 0 {
		return nil
	}
	again := newDigester()
	pace := pace{began: time.Now(), size: file.Size}
	_, err := a.load.copyPrices(ctx, file, sql, most, func(rec *dump.Record) error {
		again.add(rec)
		return nil
	}, pace.likelyEnd)
	if err == nil && again.sum() != s.rows.sum() {
		err = refuse(file.Name, 0, "changed while it was imported; import it again once it is complete")
	}
	return err
}

func (*addition) finish(context.Context, File) error { return nil }

func (*addition) close() {}
