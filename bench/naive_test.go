package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rates/bench/subject"
	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// A tree of uneven depth, with prices inside and outside the places and the days
// of the questions.
const world = `
INSERT INTO regions (slug, name, parent_slug) VALUES
	('china', 'China', NULL), ('south_china', 'South China', 'china'),
	('north', 'North', NULL), ('baltic', 'Baltic', 'north');
INSERT INTO ports (code, name, parent_slug) VALUES
	('CNSGH', 'Shanghai', 'china'), ('CNGGZ', 'Guangzhou', 'south_china'),
	('NOOSL', 'Oslo', 'north'), ('EETLL', 'Tallinn', 'baltic');
INSERT INTO prices (orig_code, dest_code, day, price) VALUES
	('CNGGZ', 'EETLL', '2021-01-01', 100), ('CNGGZ', 'EETLL', '2021-01-01', 201), ('CNGGZ', 'NOOSL', '2021-01-01', 1000),
	('CNSGH', 'EETLL', '2021-01-02', 5000), ('CNSGH', 'NOOSL', '2021-01-02', 7), ('EETLL', 'CNGGZ', '2021-01-02', 50),
	('CNGGZ', 'EETLL', '2020-12-31', 11), ('CNGGZ', 'EETLL', '2021-01-04', 12)`

func newWorld(t *testing.T) dbtest.Database {
	t.Helper()
	database := dbtest.New(t)
	database.Exec(t, world)
	return database
}

func openStore(t *testing.T, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 1, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func threeDays(t *testing.T, orig, dest rates.Place) rates.Query {
	t.Helper()
	from, err := rates.ParseDay("2021-01-01")
	if err != nil {
		t.Fatal(err)
	}
	return rates.Query{From: from, To: from + 2, Origin: orig, Destination: dest}
}

// The naive store gives the same answers as the service's own.
func TestNaiveStoreAnswersLikeTheService(t *testing.T) {
	database := newWorld(t)
	store := openStore(t, database.As(dbtest.Reader))
	pool, err := pgxpool.New(t.Context(), database.As(dbtest.Reader))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	naive := naiveStore{Store: store, pool: pool}
	days := 0
	for _, lane := range [][2]rates.Place{
		{"CNGGZ", "EETLL"},
		{"CHINA", "EETLL"},
		{"CNGGZ", "NORTH"},
		{"CHINA", "NORTH"},
		{"SOUTH_CHINA", "BALTIC"},
		{"NORTH", "CHINA"},
		{"EETLL", "CNGGZ"},
	} {
		query := threeDays(t, lane[0], lane[1])
		want, err := store.DailyRates(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := naive.DailyRates(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s to %s: %s", lane[0], lane[1], diff)
		}
		days += len(got.Rates)
	}
	if days == 0 {
		t.Error("no lane has prices, so nothing was compared")
	}
}

// pgbench and EXPLAIN must run what the service runs, with the same values.
func TestAskStoreSeesTheStatementOfTheService(t *testing.T) {
	database := newWorld(t)
	statement, days, err := subject.AskStore(t.Context(), database.As(dbtest.Reader), threeDays(t, "CNGGZ", "EETLL"))
	if err != nil || days != 1 {
		t.Fatalf("%d days, %v", days, err)
	}
	if diff := cmp.Diff([]string{"CNGGZ", "EETLL", "2021-01-01", "2021-01-03"}, statement.Values); diff != "" {
		t.Error(diff)
	}
	conn := database.Connect(t)
	var args []any
	for _, value := range statement.Values {
		args = append(args, value)
	}
	rows, err := conn.Query(t.Context(), statement.SQL, args...)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil || n != days {
		t.Errorf("the statement finds %d days, %v; the store found %d", n, err, days)
	}
}

// A store that finds nothing sends a second statement.
func TestAskStoreKeepsTheFirstStatement(t *testing.T) {
	database := newWorld(t)
	statement, days, err := subject.AskStore(t.Context(), database.As(dbtest.Reader), threeDays(t, "EETLL", "NOOSL"))
	if err != nil || days != 0 || len(statement.Values) != 4 || strings.Contains(statement.SQL, "EXISTS") {
		t.Errorf("%d days, %v, %+v", days, err, statement)
	}
}
