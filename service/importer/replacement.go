package importer

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"example.com/rates/service/importer/dump"
)

// replacement loads prices and their sums into new tables, and puts these in
// place of the old ones at the end.
type replacement struct {
	load     *load
	lanes    *lanes // the prices loaded so far
	prices   int64  // their number
	forecast forecast
}

func beginReplacement(ctx context.Context, l *load, files []File) (*replacement, error) {
	if _, err := l.tx.Exec(ctx, `SELECT begin_replacement()`); err != nil {
		return nil, failed("begin the replacement", err)
	}
	if l.opts.Replace {
		if _, err := l.tx.Exec(ctx, `DELETE FROM imports`); err != nil {
			return nil, failed("forget earlier imports", err)
		}
	}
	return &replacement{load: l, lanes: newLanes(), forecast: newForecast(files)}, nil
}

// read loads the prices as well: nobody sees the new tables before everything is
// checked, so reading the file once is enough.
func (r *replacement) read(ctx context.Context, file File) (*survey, error) {
	// The table is new in this transaction, so its rows can be frozen: no later
	// VACUUM has to visit them.
	const sql = `COPY prices_next (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary, FREEZE)`
	s := newSurvey(file.Name)
	var err error
	s.ignored, err = r.load.copyPrices(ctx, file, sql, math.MaxInt, func(rec *dump.Record) error {
		if err := s.add(rec); err != nil || rec.Kind != dump.Prices {
			return err
		}
		r.prices++
		return r.lanes.add(&rec.Price)
	}, func(bytes int64, _ bool) time.Time {
		r.forecast.reading(bytes, r.prices, r.lanes.sums.Len())
		return r.forecast.end
	})
	r.forecast.read += file.Size
	return s, err
}

func (*replacement) store(context.Context, File, *survey) error { return nil }

// finish sums the prices up, with Replace removes the places absent from the
// import, and puts the new tables in place. Readers are kept out only after
// everything that takes long.
func (r *replacement) finish(ctx context.Context, last File) error {
	tx := r.load.tx
	if r.load.opts.Replace && !r.load.opts.AllowEmpty && len(r.lanes.codes) == 0 {
		return errEmpty
	}
	r.forecast.summing(r.prices, r.lanes.sums.Len())
	r.show(last, "summing up")
	if err := r.sumUp(ctx, last); err != nil {
		return err
	}
	if err := r.removePlaces(ctx); err != nil {
		return err
	}
	r.show(last, "indexing sums")
	if _, err := tx.Exec(ctx, `SELECT prepare_replacement()`); err != nil {
		return blameDatabase(last.Name, failed("check the sums", err))
	}
	if err := r.load.lockOutReaders(ctx, last.Name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SELECT finish_replacement()`)
	return failed("finish the replacement", err)
}

func (r *replacement) show(last File, step string) {
	r.load.opts.Progress(Progress{File: last.Name, Step: step, End: r.forecast.end})
}

// removePlaces removes the places absent from an import with Replace.
func (r *replacement) removePlaces(ctx context.Context) error {
	if !r.load.opts.Replace {
		return nil
	}
	tx, known := r.load.tx, r.load.known
	// Not nil, which is NULL in SQL: nothing differs from that.
	ports := slices.AppendSeq([]string{}, maps.Keys(known.ports))
	regions := slices.AppendSeq([]string{}, maps.Keys(known.regions))
	if _, err := tx.Exec(ctx, `DELETE FROM ports WHERE code <> ALL ($1)`, ports); err != nil {
		return failed("remove the ports absent from the import", err)
	}
	_, err := tx.Exec(ctx, `DELETE FROM regions WHERE slug <> ALL ($1)`, regions)
	return failed("remove the regions absent from the import", err)
}

// errEmpty is returned rather than remove all prices by mistake.
var errEmpty = errors.New("with --replace the data set would be without prices, because the files hold none; nothing was changed. " +
	"Add the file with the prices, or use --allow-empty")

// sumUp copies the sums to the database. Meanwhile the database computes the
// weights of the prices, with which it checks the sums.
func (r *replacement) sumUp(ctx context.Context, last File) error {
	tx := r.load.tx
	weighed := make(chan error, 1)
	go func() {
		_, err := tx.Exec(ctx, `SELECT weigh_next_prices()`)
		weighed <- failed("weigh the prices", err)
	}()
	sums, err := r.lanes.spread(ctx, &r.load.known)
	defer func() { _ = sums.sums.Close() }() // a left-over in the temporary folder does no harm
	if err := errors.Join(err, <-weighed); err != nil {
		return err
	}
	began, all := time.Now(), sums.sums.Len()
	r.show(last, "storing sums")
	err = sums.copyTo(ctx, tx.Conn().PgConn(), func(rows int64) {
		r.forecast.storing(began, rows, all)
		r.show(last, "storing sums")
	})
	r.forecast.stored(began)
	return err
}

func (r *replacement) close() {
	_ = r.lanes.sums.Close() // a left-over in the temporary folder does no harm
}
