package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/rates/bench/load"
	"example.com/rates/bench/subject"
	"example.com/rates/service/rates"
)

// The requests: a month between two ports, as in the README, and between two
// continents.
const (
	portPair   = subject.PortPair
	regionPair = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=china&dest_code=northern_europe"
)

// portQuery is portPair as the store takes it.
func portQuery() (rates.Query, error) {
	from, err := rates.ParseDay("2021-01-01")
	return rates.Query{From: from, To: from + 30, Origin: "CNGGZ", Destination: "EETLL"}, err
}

// setUp fills the database and starts the servers.
func (b *bench) setUp(ctx context.Context) (err error) {
	b.Machine.Postgres = b.Cluster.Version
	if b.db, err = b.Seed(ctx); err != nil {
		return err
	}
	return b.startServers(ctx)
}

// defaultCacheMB is the program's own default.
const defaultCacheMB = 64

func (b *bench) startServers(ctx context.Context) error {
	hot, err := b.Keep(b.Program.Serve(ctx, b.Folder, portPair, b.db, defaultCacheMB))
	if err != nil {
		return err
	}
	cold, err := b.Keep(b.Program.Serve(ctx, b.Folder, portPair, b.db, 0))
	if err != nil {
		return err
	}
	answer, err := hot.Get(ctx, portPair)
	if err != nil {
		return err
	}
	bare, err := b.Keep(subject.ServeSelf(ctx, b.Folder, portPair, bytes.NewReader(answer.Body), "bare"))
	if err != nil {
		return err
	}
	naive, err := b.Keep(subject.ServeSelf(ctx, b.Folder, portPair, nil, "naive", "--database-url="+b.db.Reader))
	if err != nil {
		return err
	}
	for _, server := range b.Servers() {
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
			request: load.Request{URL: hot.URL + portPair, Header: http.Header{"If-None-Match": {answer.Tag}}, Status: unchanged},
		},
		{
			id: gzipRow, name: "hot, gzip", server: hot, cached: true,
			request: load.Request{URL: hot.URL + portPair, Header: http.Header{"Accept-Encoding": {"gzip"}}, Status: ok},
		},
		{
			id: pageRow, name: "hot, page, gzip", server: hot, cached: true,
			request: load.Request{
				URL: hot.URL + portPair, Header: http.Header{"Accept": {"text/html"}, "Accept-Encoding": {"gzip"}}, Status: ok,
			},
		},
		{id: coldRow, name: "cold", server: cold, queries: true, request: load.Request{URL: cold.URL + portPair, Status: ok}},
		{id: regionRow, name: "cold, two regions", server: cold, queries: true, request: load.Request{URL: cold.URL + regionPair, Status: ok}},
		{id: pgbenchRow, name: "pgbench", queries: true},
		{id: naiveRow, name: "naive", server: naive, queries: true, request: load.Request{URL: naive.URL + portPair, Status: ok}},
	}
	return b.findPgbench(ctx)
}

// findPgbench gives pgbench the statement of the cold row. Without pgbench its
// row fails.
func (b *bench) findPgbench(ctx context.Context) error {
	row := b.rows.of(pgbenchRow)
	path, err := subject.FindClient(ctx, "pgbench")
	if err != nil {
		row.err = err
		return nil //nolint:nilerr // the row reports it
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
		return errors.New("the question of the README has days without prices; db/rates.sql was changed")
	}
	row.pgbench, row.statement = load.Pgbench{Path: path, URL: b.db.Reader}, statement
	return nil
}
