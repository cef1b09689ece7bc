package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

func TestMain(m *testing.M) { dbtest.MainShort(m) }

// openStore opens a Store like the service does, with a login that can only read;
// edits change its configuration.
func openStore(t testing.TB, database dbtest.Database, edits ...func(*postgres.Config)) *postgres.Store {
	t.Helper()
	cfg := postgres.Config{URL: database.As(dbtest.Reader), MaxConns: 4, Timeout: time.Minute}
	for _, edit := range edits {
		edit(&cfg)
	}
	store, err := postgres.Open(t.Context(), cfg)
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

// query parses "ORIGIN DESTINATION FROM TO".
func query(t testing.TB, s string) rates.Query {
	t.Helper()
	words := strings.Fields(s)
	return rates.Query{
		Origin: rates.Place(words[0]), Destination: rates.Place(words[1]), From: day(t, words[2]), To: day(t, words[3]),
	}
}

// wantKind returns err as a *rates.Error, which must have the given kind.
func wantKind(t testing.TB, err error, kind rates.Kind) *rates.Error {
	t.Helper()
	e, ok := errors.AsType[*rates.Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("the error is %#v, want the kind %s\n%v", err, kind, err)
	}
	return e
}

// The prices of a lane are summed by day over all its port pairs: newest day
// first, first and last day included, a region with everything below it at any
// depth, each price once.
func TestDailyRates(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	version := dbtest.Value[int64](t, database.Connect(t), `SELECT version FROM data_version`)
	for question, want := range map[string]string{
		"CNGGZ EETLL 2021-01-01 2021-01-31":       "2021-01-05 12/1 2021-01-03 400/1 2021-01-01 601/3",
		"CNGGZ EETLL 2021-01-02 2021-01-04":       "2021-01-03 400/1",
		"CNGGZ EETLL 2021-01-03 2021-01-03":       "2021-01-03 400/1",
		"CNGGZ EETLL 2020-12-31 2021-01-01":       "2021-01-01 601/3 2020-12-31 11/1",
		"CNGGZ EETLL 0001-01-01 9999-12-31":       "2021-01-05 12/1 2021-01-03 400/1 2021-01-01 601/3 2020-12-31 11/1",
		"CNGGZ EETLL 2021-01-02 2021-01-02":       "",
		"EETLL CNGGZ 2021-01-01 2021-01-31":       "2021-01-03 50/1",
		"NOOSL CNGGZ 2021-01-01 2021-01-31":       "",
		"CNGGZ ESTONIA 2021-01-01 2021-01-02":     "2021-01-01 601/3",
		"CNGGZ BALTIC 2021-01-01 2021-01-02":      "2021-01-01 1601/4",
		"SOUTH_CHINA NORTH 2021-01-01 2021-01-02": "2021-01-01 1601/4",
		"CHINA NORTH 2021-01-01 2021-01-02":       "2021-01-01 6608/6",
		"CHINA EETLL 2021-01-01 2021-01-02":       "2021-01-01 5601/4",
		"CHINA EMPTY 2021-01-01 2021-01-31":       "",
		"BALTIC BALTIC 2021-01-01 2021-01-31":     "2021-01-03 60/1",
		"NORTH BALTIC 2021-01-01 2021-01-31":      "2021-01-03 60/1",
		"NORTH CHINA 2021-01-01 2021-01-31":       "2021-01-03 50/1",
		"CHINA CHINA 2021-01-01 2021-01-31":       "",
	} {
		answer, err := store.DailyRates(t.Context(), query(t, question))
		if err != nil {
			t.Errorf("%s: %v", question, err)
			continue
		}
		var got []string
		for _, rate := range answer.Rates {
			got = append(got, fmt.Sprintf("%s %d/%d", rate.Day, rate.Total, rate.Count))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
		if answer.Version != version {
			t.Errorf("%s: version %d, want %d", question, answer.Version, version)
		}
	}
}

// Sums of many expensive containers do not overflow.
func TestLargeSums(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.Exec(t, `INSERT INTO prices SELECT 'CNGGZ', 'EETLL', '2022-01-01', 2147483647 FROM generate_series(1, 1000)`)
	answer, err := openStore(t, database).DailyRates(t.Context(), query(t, "CHINA NORTH 2022-01-01 2022-01-01"))
	want := []rates.DailyRate{{Day: day(t, "2022-01-01"), Total: 2147483647000, Count: 1000}}
	if diff := cmp.Diff(want, answer.Rates); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

// The error for an unknown place says which end of the lane it is and which
// places are close; the origin goes first.
func TestUnknownPlace(t *testing.T) {
	store := openStore(t, dbtest.NewWorld(t))
	for question, want := range map[string]rates.Error{
		"CNGGX EETLL":     {Field: rates.FieldOrigin, Hints: []string{"CNGGZ", "CNSGH"}},
		"CNGGZ EETLX":     {Field: rates.FieldDestination, Hints: []string{"EETLL"}},
		"XXXXX YYYYY":     {Field: rates.FieldOrigin},
		"CNGGZ ESTONAI":   {Field: rates.FieldDestination, Hints: []string{"estonia"}},
		"SOUTHCHINA BALT": {Field: rates.FieldOrigin, Hints: []string{"south_china", "china"}},
		"CNGGZ BALT":      {Field: rates.FieldDestination, Hints: []string{"baltic"}},
	} {
		_, err := store.DailyRates(t.Context(), query(t, question+" 2021-01-01 2021-01-31"))
		got := *wantKind(t, err, rates.UnknownPlace)
		want.Kind = rates.UnknownPlace
		want.Message = "There is no such port or region."
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
}

// Ports and regions are listed by code and slug, with the version.
func TestPlaces(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	version := dbtest.Value[int64](t, database.Connect(t), `SELECT version FROM data_version`)
	ports, at, err := store.Ports(t.Context())
	wantPorts := []rates.Port{
		{Code: "CNGGZ", Name: "Guangzhou", Parent: "south_china"},
		{Code: "CNSGH", Name: "Shanghai", Parent: "china"},
		{Code: "EETLL", Name: "Tallinn", Parent: "estonia"},
		{Code: "FIHEL", Name: "Helsinki", Parent: "baltic"},
		{Code: "NOOSL", Name: "Oslo", Parent: "north"},
	}
	if diff := cmp.Diff(wantPorts, ports); err != nil || at != version || diff != "" {
		t.Errorf("error %v, version %d of %d (-want +got):\n%s", err, at, version, diff)
	}
	regions, at, err := store.Regions(t.Context())
	wantRegions := []rates.Region{
		{Slug: "baltic", Name: "Baltic", Parent: "north"},
		{Slug: "china", Name: "China"},
		{Slug: "empty", Name: "Empty", Parent: "north"},
		{Slug: "estonia", Name: "Estonia", Parent: "baltic"},
		{Slug: "north", Name: "North"},
		{Slug: "south_china", Name: "South China", Parent: "china"},
	}
	if diff := cmp.Diff(wantRegions, regions); err != nil || at != version || diff != "" {
		t.Errorf("error %v, version %d of %d (-want +got):\n%s", err, at, version, diff)
	}
}

// An empty database has no places, which is not an error.
func TestNoPlaces(t *testing.T) {
	store := openStore(t, dbtest.New(t))
	ports, portsAt, err := store.Ports(t.Context())
	if err != nil || len(ports) > 0 || portsAt == 0 {
		t.Errorf("ports: %v at %d, %v", ports, portsAt, err)
	}
	regions, regionsAt, err := store.Regions(t.Context())
	if err != nil || len(regions) > 0 || regionsAt != portsAt {
		t.Errorf("regions: %v at %d, %v", regions, regionsAt, err)
	}
	_, err = store.DailyRates(context.Background(), query(t, "CNGGZ EETLL 2021-01-01 2021-01-31"))
	_ = wantKind(t, err, rates.UnknownPlace)
}
