package importer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/importer"
)

// An interrupted import leaves nothing behind, at any step, and the next writer
// does not wait for it.
func TestInterruptedImportLeavesNothing(t *testing.T) {
	const few, many = 1, 110_000 // more than are read between two reports of progress
	for _, c := range []struct {
		replace bool
		step    string
		rows    int
	}{
		{false, "checking", many},
		{false, "loading", many},
		{false, "summing up", few},
		{true, "loading", many},
		{true, "summing up", few},
	} {
		database := dbtest.NewWorld(t)
		if c.step == "summing up" && !c.replace {
			database.Exec(t, `TRUNCATE prices`) // sums are made in the end where there were none
		}
		before := database.Contents(t)
		ctx, interrupt := context.WithCancel(t.Context())
		reached := false
		text := "orig_code,dest_code,day,price\n" + strings.Repeat("CNGGZ,EETLL,2021-01-01,1\n", c.rows)
		files := []importer.File{file("c.csv", text)}
		if c.replace {
			files = append(somePlaces[:2:2], files...)
		}
		_, err := openLoader(t, database).Import(ctx, files, importer.Options{
			Replace: c.replace,
			Progress: func(p importer.Progress) {
				if p.Step == c.step {
					reached = true
					interrupt()
				}
			},
		})
		interrupt()
		if !reached || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: reached: %v, error: %v", c, reached, err)
		}
		holdTurn(t, database)()
		if after := database.Contents(t); after != before {
			t.Errorf("%+v: the data have changed", c)
		}
	}
}

// The check of a long file can be interrupted before its end.
func TestCheckingIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	rows := &repeated{head: "orig_code,dest_code,day,price\n", block: strings.Repeat("CNGGZ,EETLL,2021-01-01,1\n", 1000), blocks: 3000}
	long := importer.File{Name: "long.csv", Content: rows}
	_, err := openLoader(t, dbtest.NewWorld(t)).Import(ctx, []importer.File{long}, importer.Options{
		Progress: func(importer.Progress) { interrupt() },
	})
	interrupt()
	if !errors.Is(err, context.Canceled) || rows.ended.Load() {
		t.Errorf("the error is %v; the end was read: %t", err, rows.ended.Load())
	}
}

// stuck is a file of which a part cannot be read, like one on a file server that
// does not answer.
type stuck struct {
	io.ReaderAt
	after   int64
	reached func()        // called when the part is to be read
	never   chan struct{} // closed in the end
}

func (s *stuck) ReadAt(b []byte, offset int64) (int, error) {
	if offset >= s.after {
		s.reached()
		<-s.never
		return 0, io.ErrUnexpectedEOF
	}
	return s.ReaderAt.ReadAt(b, offset)
}

// An import is interrupted although a read of its file never ends, whether that is
// at the beginning or while the import has the turn of a writer, and gives it back.
func TestReadThatHangsIsInterrupted(t *testing.T) {
	text := "orig_code,dest_code,day,price\n" + strings.Repeat("CNGGZ,EETLL,2021-01-01,1\n", 20_000)
	for _, replace := range []bool{false, true} {
		for _, after := range []int64{0, int64(len(text)) / 2} {
			database := dbtest.NewWorld(t)
			before := database.Contents(t)
			ctx, interrupt := context.WithCancel(t.Context())
			never := make(chan struct{})
			file := importer.File{Name: "c.csv", Content: &stuck{strings.NewReader(text), after, interrupt, never}}
			_, err := openLoader(t, database).Import(ctx, append(somePlaces[:2:2], file), importer.Options{Replace: replace})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("replace %t, after %d bytes: %v", replace, after, err)
			}
			holdTurn(t, database)()
			close(never)
			if now := database.Contents(t); replace && now != before {
				t.Errorf("replace %t, after %d bytes: the data have changed", replace, after)
			}
		}
	}
}

// connectSlowly connects to a server that takes a while to accept the request to
// cancel a statement, which comes over a connection of its own.
func connectSlowly(t *testing.T, database dbtest.Database) *pgx.Conn {
	t.Helper()
	cfg, err := pgx.ParseConfig(database.As(dbtest.Loader))
	if err != nil {
		t.Fatal(err)
	}
	var connected atomic.Bool
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected.Load() {
			<-time.After(500 * time.Millisecond)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	connected.Store(true)
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database goes next
	return conn
}

// When an interrupted import or check returns, the database has given up its long
// statement, and the turn is free at once.
func TestInterruptCancelsStatement(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.Exec(t, `
CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
CREATE TRIGGER z_sleep AFTER INSERT ON imports FOR EACH STATEMENT EXECUTE FUNCTION sleep();
CREATE OR REPLACE FUNCTION sums_of(changes text) RETURNS text LANGUAGE sql AS $$ SELECT pg_sleep(600)::text $$`)
	for name, run := range map[string]func(context.Context, *importer.Loader) error{
		"import": func(ctx context.Context, loader *importer.Loader) error {
			_, err := loader.Import(ctx, somePlaces, importer.Options{})
			return err
		},
		"verify": func(ctx context.Context, loader *importer.Loader) error {
			_, _, err := loader.Verify(ctx, false)
			return err
		},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		done := make(chan error, 1)
		loader := importer.NewLoader(connectSlowly(t, database))
		go func() { done <- run(ctx, loader) }()
		admin := database.Connect(t)
		testkit.Eventually(t, "the database sleeps", func() bool {
			return dbtest.Value[bool](t, admin, `SELECT EXISTS (SELECT FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event = 'PgSleep')`)
		})
		interrupt()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		database.Exec(t, `SELECT FROM data_version FOR UPDATE NOWAIT`)
	}
}
