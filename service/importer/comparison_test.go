package importer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// realDump is a dump of the real data. It is not part of the repository; some
// machines have it.
const realDump = "../../../shared/data/rates.sql"

// lane is a pair of places with the expected sums.
type lane struct {
	orig, dest rates.Place
	rates      []rates.DailyRate
}

// The real dump loads unchanged. The answers for all its lanes, and for all pairs
// of regions with prices, equal those of simple SQL on prices, ports and regions.
func TestRealDump(t *testing.T) {
	content, err := os.Open(realDump)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIP: there is no %s, so nothing was compared with the real data", realDump)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	database := dbtest.New(t)
	got := load(t, database, importer.Options{}, importer.File{Name: "rates.sql", Content: content})
	want := []importer.Imported{{
		File: "rates.sql", Prices: 56_689, Ports: importer.Changes{New: 143}, Regions: importer.Changes{New: 20},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("imported (-want +got):\n%s", diff)
	}
	conn := database.ConnectQuick(t)
	store := openStore(t, database)
	lanes := expectedSums(t, conn)
	ports := 0
	for _, lane := range lanes {
		if rates.IsPortCode(string(lane.orig)) && rates.IsPortCode(string(lane.dest)) {
			ports++
		}
		answer, err := store.DailyRates(t.Context(), allDays(t, lane.orig, lane.dest))
		if err != nil {
			t.Fatalf("%s to %s: %v", lane.orig, lane.dest, err)
		}
		if !slices.Equal(lane.rates, answer.Rates) {
			t.Errorf("%s to %s (-SQL on prices +answer):\n%s", lane.orig, lane.dest, cmp.Diff(lane.rates, answer.Rates))
		}
	}
	if ports != 725 {
		t.Errorf("%d lanes between ports were compared, want 725", ports)
	}
	t.Logf("compared %d lanes between ports and %d with regions", ports, len(lanes)-ports)
	checkNothingElse(t, conn, store, lanes)
}

// allDays asks for more days than the dump has.
func allDays(t *testing.T, orig, dest rates.Place) rates.Query {
	t.Helper()
	return query(t, fmt.Sprintf("%s %s 2020-01-01 2022-12-31", orig, dest))
}

// expectedSums returns the sums that each pair of places must be answered with.
func expectedSums(t *testing.T, conn *pgx.Conn) []lane {
	t.Helper()
	rows, err := conn.Query(t.Context(), dbtest.Recomputed+` SELECT orig, dest, day - date '2000-01-01', total, count
		FROM correct ORDER BY orig, dest, day DESC`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lanes []lane
	for rows.Next() {
		var at lane
		var rate rates.DailyRate
		if err := rows.Scan(&at.orig, &at.dest, &rate.Day, &rate.Total, &rate.Count); err != nil {
			t.Fatal(err)
		}
		if n := len(lanes); n == 0 || lanes[n-1].orig != at.orig || lanes[n-1].dest != at.dest {
			lanes = append(lanes, at)
		}
		last := &lanes[len(lanes)-1]
		last.rates = append(last.rates, rate)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lanes
}

// checkNothingElse checks that pairs of regions without prices, and each port
// with itself, have no rates.
func checkNothingElse(t *testing.T, conn *pgx.Conn, store *postgres.Store, lanes []lane) {
	t.Helper()
	priced := map[string]bool{}
	for _, lane := range lanes {
		priced[fmt.Sprint(lane.orig, lane.dest)] = true
	}
	rows, err := conn.Query(t.Context(), `SELECT upper(o.slug), upper(d.slug) FROM regions o, regions d
		UNION ALL SELECT code, code FROM ports`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var orig, dest rates.Place
		if err := rows.Scan(&orig, &dest); err != nil {
			t.Fatal(err)
		}
		if priced[fmt.Sprint(orig, dest)] {
			continue
		}
		answer, err := store.DailyRates(t.Context(), allDays(t, orig, dest))
		if err != nil || len(answer.Rates) > 0 {
			t.Errorf("%s to %s has no prices, and the answer is %v, %v", orig, dest, answer.Rates, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
