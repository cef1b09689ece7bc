package importer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// soon is how long a test waits for what must happen.
const soon = 30 * time.Second

// eventually waits until ok, with a deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(soon)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s: not within %v", what, soon)
		}
	}
}

// world is a small tree of uneven depth with prices:
//
//	china: CNSGH; south_china below it: CNGGZ
//	north: NOOSL; baltic below it: FIHEL; estonia below that: EETLL
const world = `
INSERT INTO regions (slug, name, parent_slug) VALUES
	('china', 'China', NULL), ('south_china', 'South China', 'china'),
	('north', 'North', NULL), ('baltic', 'Baltic', 'north'), ('estonia', 'Estonia', 'baltic'), ('empty', 'Empty', 'north');
INSERT INTO ports (code, name, parent_slug) VALUES
	('CNSGH', 'Shanghai', 'china'), ('CNGGZ', 'Guangzhou', 'south_china'),
	('NOOSL', 'Oslo', 'north'), ('FIHEL', 'Helsinki', 'baltic'), ('EETLL', 'Tallinn', 'estonia');
INSERT INTO prices (orig_code, dest_code, day, price) VALUES
	('CNGGZ', 'EETLL', '2021-01-01', 100), ('CNGGZ', 'EETLL', '2021-01-01', 200), ('CNGGZ', 'EETLL', '2021-01-01', 301),
	('CNGGZ', 'FIHEL', '2021-01-01', 1000), ('CNSGH', 'EETLL', '2021-01-01', 5000), ('CNSGH', 'NOOSL', '2021-01-01', 7),
	('CNGGZ', 'EETLL', '2021-01-03', 400), ('EETLL', 'CNGGZ', '2021-01-03', 50), ('EETLL', 'FIHEL', '2021-01-03', 60),
	('CNGGZ', 'EETLL', '2020-12-31', 11), ('CNGGZ', 'EETLL', '2021-01-05', 12)`

// newWorld returns a database with world in it.
func newWorld(t testing.TB) dbtest.Database {
	t.Helper()
	database := dbtest.New(t)
	database.Exec(t, world)
	return database
}

// value returns the one value that a query gives.
func value[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// openStore opens a Store with the login that may only read.
func openStore(t testing.TB, database dbtest.Database) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Config{URL: database.As(dbtest.Reader), MaxConns: 4, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func day(t testing.TB, s string) rates.Day {
	t.Helper()
	d, err := rates.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// query reads "ORIGIN DESTINATION FROM TO".
func query(t testing.TB, s string) rates.Query {
	t.Helper()
	words := strings.Fields(s)
	return rates.Query{
		Origin: rates.Place(words[0]), Destination: rates.Place(words[1]), From: day(t, words[2]), To: day(t, words[3]),
	}
}
