package importer

import (
	"context"
	"math"

	"example.com/rates/service/importer/dump"
)

// loadBeside loads the prices of a file into prices_next, and adds its rows to
// the survey and the prices to the sums.
func (l *load) loadBeside(ctx context.Context, file File, s *survey) error {
	// Nobody has seen the new table yet, so its rows need no later visit.
	const sql = `COPY prices_next (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary, FREEZE)`
	return l.copyPrices(ctx, file, sql, math.MaxInt, func(rec *dump.Record) error {
		if err := s.add(rec); err != nil || rec.Kind != dump.Prices {
			return err
		}
		return l.beside.add(&rec.Price)
	})
}

// addPrices adds the prices of a file that has been surveyed.
func (l *load) addPrices(ctx context.Context, file File, s *survey) error {
	// Bounds the rows of one COPY, and so what the database sets aside for its
	// triggers.
	const most = 1_000_000
	const sql = `COPY prices (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary)`
	if s.prices == 0 {
		return nil
	}
	again := newDigester()
	err := l.copyPrices(ctx, file, sql, most, func(rec *dump.Record) error {
		again.add(rec)
		return nil
	})
	if err == nil && again.sum() != s.rows.sum() {
		err = refuse(file.Name, 0, "changed while it was imported; import it again once it is complete")
	}
	return err
}

// copyPrices runs sql, a COPY, for each most prices of the file, and tells seen
// of all its rows.
func (l *load) copyPrices(ctx context.Context, file File, sql string, most int, seen func(*dump.Record) error) error {
	return withReader(ctx, file, func(r *dump.Reader) error {
		rows := &priceRows{file: r, seen: seen, progress: func(prices int64) {
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
		return failed("copy prices", err)
	})
}
