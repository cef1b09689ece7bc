package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"example.com/rates/bench/load"
	"example.com/rates/bench/subject"
	"example.com/rates/service/rates"
)

// The questions that are asked: a month between two ports, the one of the
// README, and between two continents.
const (
	month      = "/rates?date_from=2021-01-01&date_to=2021-01-31"
	portPair   = month + "&orig_code=CNGGZ&dest_code=EETLL"
	regionPair = month + "&orig_code=china&dest_code=northern_europe"
)

// portQuery is portPair as the store is asked.
func portQuery() (rates.Query, error) {
	from, err := rates.ParseDay("2021-01-01")
	return rates.Query{From: from, To: from + 30, Origin: "CNGGZ", Destination: "EETLL"}, err
}

// setUp starts the database and everything that is to be asked.
func (b *bench) setUp(ctx context.Context) error {
	b.Progress.Show("build the program")
	var err error
	if b.program, err = subject.Build(ctx, b.Checkout, b.folder); err != nil {
		return err
	}
	b.Progress.Show("start and fill a database")
	if b.cluster, err = subject.StartCluster(ctx, b.meter); err != nil {
		return err
	}
	b.Machine.Postgres = b.cluster.Version
	if b.db, err = b.cluster.CreateMigrated(ctx, b.program, "rates"); err != nil {
		return err
	}
	if err := b.program.Import(ctx, b.db.Owner, filepath.Join(b.Checkout, "db", "rates.sql")); err != nil {
		return err
	}
	// A checkpoint of what was just written is no part of an answer.
	if err := b.cluster.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	return b.startServers(ctx)
}

// tearDown ends what setUp started, even after the end of ctx.
func (b *bench) tearDown(ctx context.Context) error {
	b.Progress.Show("stop")
	for _, server := range b.servers {
		server.Stop()
	}
	var err error
	if b.cluster != nil {
		err = b.cluster.Close(ctx)
	}
	b.Progress.Clear()
	return err
}

// defaultCacheMB is the program's own default.
const defaultCacheMB = 64

func (b *bench) startServers(ctx context.Context) error {
	hot, err := b.keep(b.program.Serve(ctx, b.folder, portPair, b.db, defaultCacheMB))
	if err != nil {
		return err
	}
	cold, err := b.keep(b.program.Serve(ctx, b.folder, portPair, b.db, 0))
	if err != nil {
		return err
	}
	answer, err := hot.Get(ctx, portPair)
	if err != nil {
		return err
	}
	bare, err := b.keep(subject.ServeSelf(ctx, b.folder, portPair, bytes.NewReader(answer.Body), "bare"))
	if err != nil {
		return err
	}
	naive, err := b.keep(subject.ServeSelf(ctx, b.folder, portPair, nil, "naive", "--database-url="+b.db.Reader))
	if err != nil {
		return err
	}
	for _, server := range b.servers {
		same, err := server.Get(ctx, portPair)
		if err != nil {
			return err
		}
		if !bytes.Equal(same.Body, answer.Body) {
			return fmt.Errorf("the servers do not agree on %s:\n%s%s", portPair, answer.Body, same.Body)
		}
	}
	ok, unchanged := http.StatusOK, http.StatusNotModified
	b.rows = rows{
		{id: bareRow, name: "bare handler", server: bare, request: load.Request{URL: bare.URL + portPair, Status: ok}},
		{id: hotRow, name: "hot", server: hot, cached: true, request: load.Request{URL: hot.URL + portPair, Status: ok}},
		{
			id: unchangedRow, name: "304", server: hot, cached: true,
			request: load.Request{URL: hot.URL + portPair, Tag: answer.Tag, Status: unchanged},
		},
		{id: coldRow, name: "cold", server: cold, queries: true, request: load.Request{URL: cold.URL + portPair, Status: ok}},
		{id: regionRow, name: "cold, two regions", server: cold, queries: true, request: load.Request{URL: cold.URL + regionPair, Status: ok}},
		{id: pgbenchRow, name: "pgbench", queries: true},
		{id: naiveRow, name: "naive", server: naive, queries: true, request: load.Request{URL: naive.URL + portPair, Status: ok}},
	}
	return b.findPgbench(ctx)
}

// keep remembers a server that was started, so that it is stopped.
func (b *bench) keep(server *subject.Server, err error) (*subject.Server, error) {
	if err == nil {
		b.servers = append(b.servers, server)
	}
	return server, err
}

// findPgbench gives pgbench the statement of the cold row. That it is not
// installed leaves its row out.
func (b *bench) findPgbench(ctx context.Context) error {
	row := b.rows.of(pgbenchRow)
	path, err := subject.FindClient(ctx, "pgbench")
	if err != nil {
		row.err = err
		return nil //nolint:nilerr // the row tells it
	}
	query, err := portQuery()
	if err != nil {
		return fmt.Errorf("make the question: %w", err)
	}
	statement, days, err := subject.AskStore(ctx, b.db.Reader, query)
	if err != nil {
		return err
	}
	if days != query.Days() {
		return errors.New("the question of the README has days without prices; db/rates.sql is not what it should be")
	}
	row.pgbench, row.statement = load.Pgbench{Path: path, URL: b.db.Reader}, statement
	return nil
}
