package importer_test

import (
	"strings"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

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
