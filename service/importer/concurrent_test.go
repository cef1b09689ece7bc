package importer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/importer"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// holdTurn takes the turn of a writer until release is called.
func holdTurn(t *testing.T, database dbtest.Database) (release func()) {
	t.Helper()
	tx, err := database.Connect(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT lock_data()`); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// waitingImports returns the number of imports that wait for their turn.
func waitingImports(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return dbtest.Value[int](t, conn, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates import' AND wait_event_type = 'Lock'`)
}

// Of two imports of the same file at the same time one succeeds, and the other
// fails with ErrImported.
func TestSameFileAtTheSameTime(t *testing.T) {
	for _, first := range []bool{false, true} {
		t.Run(fmt.Sprintf("First %t", first), func(t *testing.T) { sameFileAtTheSameTime(t, importer.Options{First: first}) })
	}
}

func sameFileAtTheSameTime(t *testing.T, opts importer.Options) {
	t.Helper()
	database := dbtest.New(t)
	admin := database.Connect(t)
	release := holdTurn(t, database)
	results := make(chan error, 2)
	for range 2 {
		loader := openLoader(t, database)
		go func() {
			_, err := loader.Import(t.Context(), []importer.File{file("same.sql", aDump)}, opts)
			results <- err
		}()
	}
	testkit.Eventually(t, "both wait for their turn", func() bool { return waitingImports(t, admin) == 2 })
	release()
	one, two := <-results, <-results
	if one != nil {
		one, two = two, one
	}
	if one != nil || !errors.Is(two, importer.ErrImported) {
		t.Errorf("the results are %v and %v, want one that was already imported", one, two)
	}
	if got := stored(t, database); got != storedWorld {
		t.Errorf("stored:\n%s", got)
	}
	dbtest.CheckSums(t, database.ConnectQuick(t), "two imports")
}

// An import that has to wait says so.
func TestWaitingForAnotherWriterIsShown(t *testing.T) {
	database := dbtest.New(t)
	release := holdTurn(t, database)
	shown := make(chan importer.Progress, 1)
	done := make(chan error, 1)
	loader := openLoader(t, database)
	go func() {
		_, err := loader.Import(t.Context(), []importer.File{file("a.sql", aDump)}, importer.Options{
			Progress: func(p importer.Progress) {
				if p.Step == "waiting for another writer" {
					shown <- p
				}
			},
		})
		done <- err
	}()
	if p := <-shown; p.File != "a.sql" {
		t.Errorf("shown %+v", p)
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// sameEverywhere is a data set in which every price is usd: two ports at each
// end, ten days, three prices a day and lane.
func sameEverywhere(usd int) importer.File {
	var b strings.Builder
	b.WriteString("orig_code,dest_code,day,price\n")
	for _, lane := range []string{"CNGGZ,EETLL", "CNGGZ,FIHEL", "CNSGH,EETLL", "CNSGH,FIHEL"} {
		for day := 1; day <= 10; day++ {
			b.WriteString(strings.Repeat(fmt.Sprintf("%s,2021-01-%02d,%d\n", lane, day, usd), 3))
		}
	}
	return file(fmt.Sprintf("%d.csv", usd), b.String())
}

// somePlaces are the regions and ports of sameEverywhere.
var somePlaces = []importer.File{
	file("regions.csv", "slug,name,parent_slug\nnorth,North,\nchina,China,\n"),
	file("ports.csv", "code,name,parent_slug\nCNGGZ,Guangzhou,china\nCNSGH,Shanghai,china\nEETLL,Tallinn,north\nFIHEL,Helsinki,north\n"),
}

// While the data set is replaced, each answer comes from the old one or the new
// one as a whole, and never from an older one than the answer before.
func TestReadersDuringReplace(t *testing.T) {
	database := dbtest.New(t)
	replace := func(usd int) {
		load(t, database, importer.Options{Replace: true}, append(somePlaces[:2:2], sameEverywhere(usd))...)
	}
	replace(100)
	store := openStore(t, database)
	q := query(t, "CHINA NORTH 2021-01-01 2021-01-10")
	const readers = 3
	stop, answers := make(chan struct{}), make(chan error, readers)
	started := make(chan struct{}, readers)
	for range readers {
		go func() {
			first := sync.OnceFunc(func() { started <- struct{}{} })
			defer first()
			var before rates.Answer
			for n := 0; ; n++ {
				select {
				case <-stop:
					answers <- nil
					return
				default:
				}
				answer, err := store.DailyRates(t.Context(), q)
				if err == nil {
					err = checkWhole(before, answer)
				}
				if err == nil {
					err = checkList(t.Context(), store)
				}
				if err != nil {
					answers <- fmt.Errorf("answer %d: %w", n, err)
					return
				}
				before = answer
				first()
			}
		}()
	}
	for range readers {
		<-started
	}
	for i := range 6 {
		replace(100 * (1 + (i+1)%2))
	}
	close(stop)
	for range readers {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

// checkWhole returns an error unless the answer comes from one data set, and is
// not older than the one before.
func checkWhole(before, answer rates.Answer) error {
	if answer.Version < before.Version {
		return fmt.Errorf("version %d comes after %d", answer.Version, before.Version)
	}
	const days, prices = 10, 12
	if len(answer.Rates) != days {
		return fmt.Errorf("%d days", len(answer.Rates))
	}
	for _, rate := range answer.Rates {
		if rate.Count != prices || rate.Total != answer.Rates[0].Total || rate.Total != prices*100 && rate.Total != prices*200 {
			return fmt.Errorf("%+v and %+v in one answer", rate, answer.Rates[0])
		}
	}
	if answer.Version == before.Version && answer.Rates[0] != before.Rates[0] {
		return fmt.Errorf("version %d says %+v, then %+v", answer.Version, before.Rates[0], answer.Rates[0])
	}
	return nil
}

// checkList returns an error unless all ports are listed.
func checkList(ctx context.Context, store *postgres.Store) error {
	ports, _, err := store.Ports(ctx)
	if err == nil && len(ports) != 4 {
		err = fmt.Errorf("%d ports", len(ports))
	}
	return err
}
