package importer_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
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
	rows := &repeated{block: strings.Repeat("CNGGZ,EETLL,2021-01-01,1\n", 1000), left: 3000}
	long := importer.File{Name: "long.csv", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("orig_code,dest_code,day,price\n"), rows)), nil
	}}
	_, err := openLoader(t, dbtest.NewWorld(t)).Import(ctx, []importer.File{long}, importer.Options{
		Progress: func(importer.Progress) { interrupt() },
	})
	interrupt()
	if !errors.Is(err, context.Canceled) || rows.left == 0 {
		t.Errorf("the error is %v, with %d of 3000 parts of the file not read", err, rows.left)
	}
}
