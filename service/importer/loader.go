// Package importer loads regions, ports and prices from files into the
// database, and verifies the daily sums that the database keeps.
package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/migrations"
	"example.com/rates/service/importer/dump"
)

// File is a dump or CSV file to import. It is read twice if the database has
// prices: the whole file is checked before any of its prices is added.
type File struct {
	Name    string
	Content io.ReaderAt
	Size    int64 // in bytes, for the forecast of Progress; 0 if unknown
}

// Options says how files are imported.
type Options struct {
	Again   bool // import a file even if it was imported before
	Replace bool // make the files the whole data set

	// First imports only into a database without data, and there even a file that was
	// imported before. Otherwise the error is ErrImported or ErrNotFirst.
	First bool

	// AllowEmpty lets files without prices be the whole data set.
	AllowEmpty bool

	// LockWait is how long to wait for sessions that use the tables which are
	// replaced; 0 is without limit.
	LockWait time.Duration

	// Progress, if not nil, is called now and then during an import.
	Progress func(Progress)
}

// Progress is the state of an import.
type Progress struct {
	File   string
	Step   string // "checking", "waiting for …", "loading", "summing up", "storing sums", "indexing sums"
	Prices int64  // so far in this step

	// End is when the import of the file, or of all files with Replace, is likely to
	// end. It is zero while that is not known.
	End time.Time
}

// Imported says what one file added.
type Imported struct {
	File           string
	Prices         int64
	Regions, Ports Changes
	Ignored        []dump.Ignored // columns
}

var (
	// ErrImported is wrapped by the error for a file that was imported before.
	ErrImported = errors.New("was already imported")

	// ErrNotFirst is wrapped by the error for a file that other data came before.
	ErrNotFirst = errors.New("was not imported, because the database has other data")
)

// Loader imports files over a connection whose login is a member of
// rates_loader.
type Loader struct{ conn *pgx.Conn }

// NewLoader returns a Loader that uses conn, which the caller closes.
func NewLoader(conn *pgx.Conn) *Loader { return &Loader{conn: conn} }

// Import imports files in order, each in a transaction of its own, or all in
// one with Replace. It returns the files that were imported; an error leaves
// nothing of the others. The error is a *dump.Error if the content of a file is
// to blame.
func (l *Loader) Import(ctx context.Context, files []File, opts Options) ([]Imported, error) {
	if opts.Progress == nil {
		opts.Progress = func(Progress) {}
	}
	batches := [][]File{files}
	if !opts.Replace {
		batches = nil
		for i := range files {
			batches = append(batches, files[i:i+1])
		}
	}
	var done []Imported
	for _, batch := range batches {
		imported, err := l.importTogether(ctx, batch, opts)
		if err != nil && ctx.Err() != nil {
			return done, ctx.Err() // that of the driver would mislead
		}
		if err != nil {
			return done, err
		}
		done = append(done, imported...)
	}
	l.refreshVisibility(ctx)
	return done, nil
}

// importTogether imports files in one transaction.
func (l *Loader) importTogether(ctx context.Context, files []File, opts Options) ([]Imported, error) {
	if err := checkSchema(ctx, l.conn); err != nil {
		return nil, err
	}
	surveys, err := l.survey(ctx, files, opts)
	if err != nil {
		return nil, err
	}
	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return nil, failed("begin", err)
	}
	defer func() { rollBack(ctx, tx) }()
	load := &load{tx: tx, opts: opts}
	done, err := load.files(ctx, files, surveys)
	if err != nil {
		return nil, err
	}
	return done, failed("commit", tx.Commit(ctx))
}

// checkSchema refuses a schema that this program does not work with, before it
// writes what the schema takes for something else.
func checkSchema(ctx context.Context, db queryer) error {
	var state migrations.State
	if err := db.QueryRow(ctx, migrations.StateSQL).Scan(&state.Version, &state.About); err != nil {
		return failed("read the schema version", err)
	}
	return migrations.ThisProgram().Check(state)
}

// rollBack ends a transaction, which after a commit does nothing. If ctx ended during
// a statement, it waits until the database has cancelled that, which would go on and
// hold its locks meanwhile. It does not wait long for a server that does not answer.
func rollBack(ctx context.Context, tx pgx.Tx) {
	const patience = 5 * time.Second
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = tx.Rollback(ending) // the transaction has failed already
	if conn := tx.Conn(); ctx.Err() != nil && conn.IsClosed() {
		select {
		case <-conn.PgConn().CleanupDone():
		case <-ending.Done():
		}
	}
}

// survey surveys the files before the transaction begins, so that other writers
// need not wait. A replacement needs no surveys: it makes its own.
func (l *Loader) survey(ctx context.Context, files []File, opts Options) ([]*survey, error) {
	replace, err := replaces(ctx, l.conn, opts)
	if err != nil || replace {
		return nil, err
	}
	return surveyFiles(ctx, files, opts)
}

// refreshVisibility lets the next questions use the index alone. A login that
// does not own the table leaves that to autovacuum, which runs every minute.
func (l *Loader) refreshVisibility(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	_, _ = l.conn.Exec(ctx, `VACUUM daily_rates`)
}

// failed adds what was being done to err, and returns nil if err is nil.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
