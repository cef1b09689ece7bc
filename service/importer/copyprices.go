package importer

import (
	"context"
	"time"

	"example.com/rates/service/importer/dump"
)

// copyPrices runs sql, a COPY, for every most prices of the file, and calls
// each with every record of the file. It returns the columns that were ignored.
// likelyEnd returns the end to show after so many bytes of the file; copied tells that
// a COPY has ended with them.
func (l *load) copyPrices(
	ctx context.Context, file File, sql string, most int, each func(*dump.Record) error,
	likelyEnd func(bytes int64, copied bool) time.Time,
) (ignored []dump.Ignored, err error) {
	err = withReader(ctx, file, func(r *dump.Reader, from *interruptible) error {
		show := func(prices int64, copied bool) {
			l.opts.Progress(Progress{
				File: file.Name, Step: "loading", Prices: prices, End: likelyEnd(from.bytes, copied),
			})
		}
		rows := &priceRows{file: r, each: each, progress: func(prices int64) { show(prices, false) }}
		var err error
		for err == nil && !rows.ended {
			rows.begin(most)
			_, err = l.tx.Conn().PgConn().CopyFrom(ctx, rows, sql)
			if err == nil && !rows.ended {
				show(rows.sent, true)
			}
		}
		if cause := rows.end(); cause != nil {
			return cause
		}
		ignored = r.Ignored()
		return failed("copy prices", err)
	})
	return ignored, err
}
