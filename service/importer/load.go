package importer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/importer/dump"
	"example.com/rates/service/rates"
)

// load is one transaction that imports files.
type load struct {
	tx    pgx.Tx
	opts  Options
	known places
}

// strategy is one of two ways to store the prices of files: addition and
// replacement.
type strategy interface {
	// read reads the next file and returns its survey.
	read(ctx context.Context, file File) (*survey, error)

	// store stores the prices of a file, after its places.
	store(ctx context.Context, file File, s *survey) error

	// finish ends the import after the last file.
	finish(ctx context.Context, last File) error

	// close releases what is held outside the database.
	close()
}

// queryer is a connection or a transaction.
type queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// replaces reports whether prices are to be stored by replacement. For a table
// without prices that is several times faster than addition.
func replaces(ctx context.Context, db queryer, opts Options) (replaces bool, err error) {
	err = db.QueryRow(ctx, `SELECT $1 OR NOT EXISTS (SELECT FROM prices)`, opts.Replace).Scan(&replaces)
	return replaces, failed("look for prices", err)
}

// files imports files. surveys holds one of each, or nothing if they were not
// surveyed before the transaction began.
func (l *load) files(ctx context.Context, files []File, surveys []*survey) ([]Imported, error) {
	replace, err := l.takeTurn(ctx, files[0].Name)
	if err != nil {
		return nil, err
	}
	// The database may have been migrated while the files were checked.
	if err := checkSchema(ctx, l.tx); err != nil {
		return nil, err
	}
	if err := l.readPlaces(ctx); err != nil {
		return nil, err
	}
	prices, err := l.choose(ctx, replace, files, surveys)
	if err != nil {
		return nil, err
	}
	defer prices.close()
	var done []Imported
	for _, file := range files {
		imported, err := l.file(ctx, file, prices)
		if err != nil {
			return nil, err
		}
		done = append(done, imported)
	}
	return done, prices.finish(ctx, files[len(files)-1])
}

// choose returns the strategy. Only addition needs surveys.
func (l *load) choose(ctx context.Context, replace bool, files []File, surveys []*survey) (_ strategy, err error) {
	if replace {
		return beginReplacement(ctx, l, files)
	}
	if len(surveys) == 0 {
		// The table was empty before the transaction began: another writer came first.
		if surveys, err = surveyFiles(ctx, files, l.opts); err != nil {
			return nil, err
		}
	}
	return &addition{load: l, surveys: surveys}, nil
}

// readPlaces reads the places that stay, which are none with Replace.
func (l *load) readPlaces(ctx context.Context) error {
	l.known = places{regions: map[string]rates.Region{}, ports: map[string]rates.Port{}}
	if l.opts.Replace {
		return nil
	}
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

// file imports one file.
func (l *load) file(ctx context.Context, file File, prices strategy) (done Imported, err error) {
	s, err := prices.read(ctx, file)
	if err != nil {
		return Imported{}, err
	}
	if err := l.refuse(ctx, s); err != nil {
		return Imported{}, err
	}
	done = Imported{File: file.Name, Prices: s.prices, Ignored: s.ignored}
	if done.Regions, done.Ports, err = l.known.merge(s); err != nil {
		return Imported{}, err
	}
	if err := l.upsertPlaces(ctx, s); err != nil {
		return Imported{}, blameDatabase(file.Name, err)
	}
	if err := prices.store(ctx, file, s); err != nil {
		return Imported{}, blameDatabase(file.Name, err)
	}
	return done, l.record(ctx, s)
}

// refuse refuses a file that may not be imported besides the data that are there.
func (l *load) refuse(ctx context.Context, s *survey) error {
	empty := len(l.known.regions) == 0 // ports need regions, and prices need ports
	if l.opts.Again || l.opts.First && empty {
		return nil
	}
	err := l.importedBefore(ctx, s)
	switch {
	case l.opts.First && err == nil:
		return fmt.Errorf("%s %w", s.file, ErrNotFirst)
	case !l.opts.First && errors.Is(err, ErrImported):
		return fmt.Errorf("%w; nothing was changed. Use --again to add its prices once more", err)
	default:
		return err
	}
}

// importedBefore returns an error that wraps ErrImported if the rows of a file were
// imported before.
func (l *load) importedBefore(ctx context.Context, s *survey) error {
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
		return fmt.Errorf("%s %w as %s on %s", s.file, ErrImported, name, when.UTC().Format("2006-01-02 15:04 UTC"))
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

// blameDatabase returns err as one of the file if the database refused its
// data. PostgreSQL's message is then about the data, and safe to show.
func blameDatabase(file string, err error) error {
	const integrityViolation = "23" // the class of the SQLSTATE
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(pg.Code, integrityViolation) {
		return &dump.Error{File: file, Reason: "refused by the database: " + pg.Message}
	}
	return err
}
