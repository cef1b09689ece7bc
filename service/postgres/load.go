package postgres

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

	"example.com/rates/db/dump"
	"example.com/rates/service/rates"
)

// load is one transaction that imports files.
type load struct {
	tx     pgx.Tx
	opts   ImportOptions
	beside bool // prices are loaded beside the table and swapped in at the end
	known  places
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
	// Into a table without prices, loading beside it is several times faster.
	err = l.tx.QueryRow(ctx, `SELECT $1 OR NOT EXISTS (SELECT FROM prices)`, l.opts.Replace).Scan(&l.beside)
	if err != nil {
		return failed("look for prices", err)
	}
	if l.beside {
		if _, err := l.tx.Exec(ctx, `SELECT begin_replacement()`); err != nil {
			return failed("begin the replacement", err)
		}
	}
	l.known = places{regions: map[string]rates.Region{}, ports: map[string]rates.Port{}}
	if l.opts.Replace {
		_, err := l.tx.Exec(ctx, `DELETE FROM imports`)
		return failed("forget earlier imports", err)
	}
	return l.readPlaces(ctx)
}

// finish swaps in what was loaded beside the tables.
func (l *load) finish(ctx context.Context, file string) error {
	if !l.beside {
		return nil
	}
	l.opts.Progress(Progress{File: file, Step: "summing up"})
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

// file imports one file that has been surveyed.
func (l *load) file(ctx context.Context, file File, s *survey) (Imported, error) {
	if err := l.refuseRepeated(ctx, s); err != nil {
		return Imported{}, err
	}
	done := Imported{File: file.Name, Prices: s.prices}
	var err error
	if done.Regions, done.Ports, err = l.known.merge(s); err != nil {
		return Imported{}, err
	}
	if err := l.upsertPlaces(ctx, s); err != nil {
		return Imported{}, blameDatabase(file.Name, err)
	}
	if err := l.copyPrices(ctx, file, s); err != nil {
		return Imported{}, blameDatabase(file.Name, err)
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
	err := l.tx.QueryRow(ctx, `SELECT file, imported_at FROM imports WHERE sha256 = $1 ORDER BY id DESC LIMIT 1`, s.sha256).
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

// maxCopy bounds the rows of one COPY, and so what the database sets aside
// for its triggers.
const maxCopy = 1_000_000

func (l *load) copyPrices(ctx context.Context, file File, s *survey) error {
	if s.prices == 0 {
		return nil
	}
	return withReader(ctx, file, func(r *dump.Reader) error {
		rows := &priceRows{file: r, progress: func(prices int64) {
			l.opts.Progress(Progress{File: file.Name, Step: "loading", Prices: prices})
		}}
		copySQL := `COPY prices (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary)`
		if l.beside {
			// Nobody has seen the new table yet, so its rows need no later visit.
			copySQL = `COPY prices_next (orig_code, dest_code, day, price) FROM STDIN (FORMAT binary, FREEZE)`
		}
		for !rows.ended {
			rows.begin(maxCopy)
			_, err := l.tx.Conn().PgConn().CopyFrom(ctx, rows, copySQL)
			if rows.err != nil {
				return rows.err
			}
			if err != nil {
				return failed("copy prices", err)
			}
		}
		if rows.sent != s.prices {
			return refuse(file.Name, 0, "changed while it was imported: it had %d prices, then %d", s.prices, rows.sent)
		}
		return nil
	})
}

func (l *load) record(ctx context.Context, s *survey) error {
	_, err := l.tx.Exec(ctx, `INSERT INTO imports (sha256, file, regions, ports, prices) VALUES ($1, $2, $3, $4, $5)`,
		s.sha256, filepath.Base(s.file), len(s.regions), len(s.ports), s.prices)
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
