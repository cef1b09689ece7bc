package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// A database is ready if this program works with its schema: the one it knows, or a
// later one that does not say otherwise. The error for any other names the command
// that fixes it.
func TestReady(t *testing.T) {
	ready := dbtest.New(t)
	if err := openStore(t, ready).Ready(t.Context()); err != nil {
		t.Errorf("a migrated database: %v", err)
	}
	ready.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, migrations.Latest+1)
	if err := openStore(t, ready).Ready(t.Context()); err != nil {
		t.Errorf("a later schema: %v", err)
	}
	earlier := migrations.Program{Oldest: migrations.Latest - 1, Latest: migrations.Latest}
	older, newer, bare := dbtest.New(t), dbtest.New(t), dbtest.NewBare(t)
	older.Exec(t, `DELETE FROM goose_db_version WHERE version_id >= $1`, migrations.Oldest)
	newer.Later(t, migrations.Latest+1, migrations.Latest+1)
	lower := dbtest.New(t)
	lower.Exec(t, `DELETE FROM goose_db_version WHERE version_id = $1`, migrations.Latest)
	if err := openStore(t, lower, func(c *postgres.Config) { c.Program = earlier }).Ready(t.Context()); err != nil {
		t.Errorf("an earlier schema that the program works with: %v", err)
	}
	for _, c := range []struct {
		database dbtest.Database
		version  int64
		remedy   string
	}{
		{bare, 0, "it is empty; run 'rates migrate' first"},
		{older, migrations.Oldest - 1, "it is older; run 'rates migrate'"},
		{newer, migrations.Latest + 1, "it is newer and works only with programs from version "},
	} {
		err := openStore(t, c.database).Ready(t.Context())
		e := wantKind(t, err, rates.Unavailable)
		want := fmt.Sprintf("it has version %d, expected %s: %s", c.version, migrations.ThisProgram(), c.remedy)
		if !errors.Is(err, migrations.ErrSchema) || !strings.Contains(err.Error(), want) {
			t.Errorf("version %d: %v\nwant %s", c.version, err, want)
		}
		if e.Message != "The database is not prepared for this version of the service." {
			t.Errorf("version %d: clients are told %q", c.version, e.Message)
		}
	}
	other := dbtest.New(t)
	other.Exec(t, `COMMENT ON TABLE goose_db_version IS NULL`)
	if err := openStore(t, other).Ready(t.Context()); !errors.Is(err, migrations.ErrSchema) || !errors.Is(err, migrations.ErrOtherSet) {
		t.Errorf("migrated by another set: %v", err)
	}
}

// The login of the service cannot change anything, through any table or function.
func TestReaderCannotWrite(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn, err := pgx.Connect(t.Context(), database.As(dbtest.Reader))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`,
		`UPDATE prices SET price = 0`,
		`DELETE FROM prices`,
		`TRUNCATE prices`,
		`COPY prices FROM STDIN`,
		`INSERT INTO ports VALUES ('SEGOT', 'Göteborg', 'north')`,
		`UPDATE ports SET name = 'x'`,
		`DELETE FROM regions`,
		`INSERT INTO daily_rates VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1, 1)`,
		`DELETE FROM daily_rates`,
		`UPDATE data_version SET version = 0`,
		`SELECT * FROM imports`,
		`SELECT lock_data()`,
		`SELECT sum_regions_up('{}')`,
		`CREATE TABLE public.mine ()`,
		`ALTER TABLE prices DISABLE TRIGGER ALL`,
		`DROP TABLE prices`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
			t.Errorf("%s: %v, want permission denied", sql, err)
		}
	}
}

// startTracer is called with each query and its connection.
type startTracer func(conn *pgx.Conn, sql string, args []any)

func (f startTracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	f(conn, data.SQL, data.Args)
	return ctx
}

func (startTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// The connections of the service cannot write, even with a login that can.
func TestConnectionsAreReadOnly(t *testing.T) {
	asked := false
	database := dbtest.NewWorld(t)
	store := openStore(t, database, func(c *postgres.Config) {
		c.URL = database.URL
		c.Tracer = startTracer(func(conn *pgx.Conn, _ string, _ []any) {
			asked = true
			_, err := conn.PgConn().Exec(context.Background(), `DELETE FROM prices`).ReadAll()
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "25006" {
				t.Errorf("deleting gives %v, want: read-only transaction", err)
			}
		})
	})
	if err := store.Ready(t.Context()); err != nil || !asked {
		t.Errorf("asked: %v, error: %v", asked, err)
	}
}
