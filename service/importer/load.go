package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/importer/dump"
	"example.com/rates/service/rates"
)

// load is one transaction that imports files.
type load struct {
	tx     pgx.Tx
	opts   Options
	known  places
	beside *lanes // not nil where prices are loaded beside the table and swapped in at the end
}

// queryer is a connection or a transaction.
type queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// goesBeside reports whether prices are to be loaded beside the table. Into a
// table without prices that is several times faster.
func (l *load) goesBeside(ctx context.Context, db queryer) (beside bool, err error) {
	err = db.QueryRow(ctx, `SELECT $1 OR NOT EXISTS (SELECT FROM prices)`, l.opts.Replace).Scan(&beside)
	return beside, failed("look for prices", err)
}

// begin takes the turn of a writer and reads the places that are known.
func (l *load) begin(ctx context.Context, file string) error {
	const patience = time.Second
	waiting := time.AfterFunc(patience, func() {
		l.opts.Progress(Progress{File: file, Step: "waiting for another writer"})
	})
	_, err := l.tx.Exec(ctx, `SELECT lock_data()`)
	waiting.Stop()
	if err != nil {
		return failed("wait for other writers", err)
	}
	beside, err := l.goesBeside(ctx, l.tx)
	if err != nil {
		return err
	}
	if beside {
		if _, err := l.tx.Exec(ctx, `SELECT begin_replacement()`); err != nil {
			return failed("begin the replacement", err)
		}
		l.beside = newLanes()
	}
	l.known = places{regions: map[string]rates.Region{}, ports: map[string]rates.Port{}}
	if l.opts.Replace {
		_, err := l.tx.Exec(ctx, `DELETE FROM imports`)
		return failed("forget earlier imports", err)
	}
	return l.readPlaces(ctx)
}

// close gives back what the load holds outside the database.
func (l *load) close() {
	if l.beside != nil {
		_ = l.beside.sums.Close() // a left-over in the temporary folder harms nobody
	}
}

// finish swaps in what was loaded beside the tables.
func (l *load) finish(ctx context.Context, file string) error {
	if l.beside == nil {
		return nil
	}
	l.opts.Progress(Progress{File: file, Step: "summing up"})
	if err := l.sumUp(ctx); err != nil {
		return err
	}
	if _, err := l.tx.Exec(ctx, `SELECT finish_replacement()`); err != nil {
		return blameDatabase(file, failed("finish the replacement", err))
	}
	if !l.opts.Replace {
		return nil
	}
	ports, regions := slices.Collect(maps.Keys(l.known.ports)), slices.Collect(maps.Keys(l.known.regions))
	if _, err := l.tx.Exec(ctx, `DELETE FROM ports WHERE code <> ALL ($1)`, ports); err != nil {
		return failed("remove the ports that are no more", err)
	}
	_, err := l.tx.Exec(ctx, `DELETE FROM regions WHERE slug <> ALL ($1)`, regions)
	return failed("remove the regions that are no more", err)
}

// sumUp hands the database the sums of what was loaded. While they are made, it
// weighs the prices that it will hold them against.
func (l *load) sumUp(ctx context.Context) error {
	weighed := make(chan error, 1)
	go func() {
		_, err := l.tx.Exec(ctx, `SELECT weigh_next_prices()`)
		weighed <- failed("weigh the prices", err)
	}()
	sums, err := l.beside.spread(&l.known)
	defer func() { _ = sums.sums.Close() }() // a left-over in the temporary folder harms nobody
	if err := errors.Join(err, <-weighed); err != nil {
		return err
	}
	return sums.copyTo(ctx, l.tx.Conn().PgConn())
}

func (l *load) readPlaces(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, `SELECT slug, name, coalesce(parent_slug, '') FROM regions`)
	if err != nil {
		return failed("ask for regions", err)
	}
	regions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rates.Region])
	if err != nil {
		return failed("read regions", err)
	}
	for _, region := range regions {
		l.known.regions[region.Slug] = region
	}
	rows, err = l.tx.Query(ctx, `SELECT code, name, parent_slug FROM ports`)
	if err != nil {
		return failed("ask for ports", err)
	}
	ports, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rates.Port])
	if err != nil {
		return failed("read ports", err)
	}
	for _, port := range ports {
		l.known.ports[port.Code] = port
	}
	return nil
}

// file imports one file. s is its survey if it was read already.
func (l *load) file(ctx context.Context, file File, s *survey) (done Imported, err error) {
	if l.beside == nil && s == nil {
		// Somebody else was the first to import prices.
		if s, err = surveyFile(ctx, file, l.opts); err != nil {
			return Imported{}, err
		}
	}
	if l.beside != nil {
		// Nobody sees the prices before all is checked, so one reading will do.
		s = newSurvey(file.Name)
		if err := l.loadBeside(ctx, file, s); err != nil {
			return Imported{}, err
		}
	}
	if err := l.refuseRepeated(ctx, s); err != nil {
		return Imported{}, err
	}
	done = Imported{File: file.Name, Prices: s.prices}
	if done.Regions, done.Ports, err = l.known.merge(s); err != nil {
		return Imported{}, err
	}
	if err := l.upsertPlaces(ctx, s); err != nil {
		return Imported{}, blameDatabase(file.Name, err)
	}
	if l.beside == nil {
		if err := l.addPrices(ctx, file, s); err != nil {
			return Imported{}, blameDatabase(file.Name, err)
		}
	}
	return done, l.record(ctx, s)
}

// refuseRepeated refuses a file whose rows were imported before.
func (l *load) refuseRepeated(ctx context.Context, s *survey) error {
	if l.opts.Again {
		return nil
	}
	var name string
	var when time.Time
	err := l.tx.QueryRow(ctx, `SELECT file, imported_at FROM imports WHERE sha256 = $1 ORDER BY id DESC LIMIT 1`, s.rows.sum()).
		Scan(&name, &when)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return failed("ask for earlier imports", err)
	default:
		return fmt.Errorf("%s %w, as %s on %s; nothing was changed. Use --again to add its prices once more",
			s.file, ErrImported, name, when.UTC().Format("2006-01-02 15:04 UTC"))
	}
}

func (l *load) upsertPlaces(ctx context.Context, s *survey) error {
	const regionsSQL = `
INSERT INTO regions AS r (slug, name, parent_slug)
SELECT slug, name, nullif(parent, '') FROM unnest($1::text[], $2::text[], $3::text[]) AS given (slug, name, parent)
ON CONFLICT (slug) DO UPDATE SET name = excluded.name, parent_slug = excluded.parent_slug
WHERE (r.name, r.parent_slug) IS DISTINCT FROM (excluded.name, excluded.parent_slug)`
	const portsSQL = `
INSERT INTO ports AS p (code, name, parent_slug)
SELECT code, name, parent FROM unnest($1::text[], $2::text[], $3::text[]) AS given (code, name, parent)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent_slug = excluded.parent_slug
WHERE (p.name, p.parent_slug) IS DISTINCT FROM (excluded.name, excluded.parent_slug)`

	var slugs, names, parents []string
	for _, region := range s.regions {
		slugs, names, parents = append(slugs, region.row.Slug), append(names, region.row.Name), append(parents, region.row.Parent)
	}
	if len(slugs) > 0 {
		if _, err := l.tx.Exec(ctx, regionsSQL, slugs, names, parents); err != nil {
			return failed("upsert regions", err)
		}
	}
	var codes []string
	names, parents = nil, nil
	for _, port := range s.ports {
		codes, names, parents = append(codes, port.row.Code), append(names, port.row.Name), append(parents, port.row.Parent)
	}
	if len(codes) > 0 {
		if _, err := l.tx.Exec(ctx, portsSQL, codes, names, parents); err != nil {
			return failed("upsert ports", err)
		}
	}
	return nil
}

func (l *load) record(ctx context.Context, s *survey) error {
	_, err := l.tx.Exec(ctx, `INSERT INTO imports (sha256, file, regions, ports, prices) VALUES ($1, $2, $3, $4, $5)`,
		s.rows.sum(), filepath.Base(s.file), len(s.regions), len(s.ports), s.prices)
	return failed("record the import", err)
}

// blameDatabase adds to an error what the database itself refused, which is
// about the data and not a secret.
func blameDatabase(file string, err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && len(pg.Code) == 5 && pg.Code[:2] == "23" {
		return &dump.Error{File: file, Reason: "refused by the database: " + pg.Message}
	}
	return err
}
