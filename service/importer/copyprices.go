package importer

import (
	"context"

	"example.com/rates/service/importer/dump"
)

// copyPrices runs sql, a COPY, for every most prices of the file, and calls
// each with every record of the file. It returns the columns that were ignored.
func (l *load) copyPrices(
	ctx context.Context, file File, sql string, most int, each func(*dump.Record) error,
) (ignored []dump.Ignored, err error) {
	err = withReader(ctx, file, func(r *dump.Reader) error {
		rows := &priceRows{file: r, each: each, progress: func(prices int64) {
			l.opts.Progress(Progress{File: file.Name, Step: "loading", Prices: prices})
		}}
		var err error
		for err == nil && !rows.ended {
			rows.begin(most)
			_, err = l.tx.Conn().PgConn().CopyFrom(ctx, rows, sql)
		}
		if cause := rows.end(); cause != nil {
			return cause
		}
		ignored = r.Ignored()
		return failed("copy prices", err)
	})
	return ignored, err
}
