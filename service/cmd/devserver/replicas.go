package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	neturl "net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/embedded"
	"example.com/rates/service/app"
)

// mostReplicas is what a machine of a developer can be expected to run.
const mostReplicas = 8

// portsApart is between the ports of two instances, which have two each.
const portsApart = 10

// follow starts replicas of the private server.
func (db *database) follow(ctx context.Context, count int) error {
	for range count {
		replica, err := embedded.Start(ctx, embedded.Config{Follow: db.private, Log: db.log})
		if err != nil {
			return fmt.Errorf("start a replica: %w", err)
		}
		db.replicas = append(db.replicas, replica)
	}
	return nil
}

// on returns the URL of the database on several servers, for the login of the service.
func on(servers ...*embedded.Server) (string, error) {
	var hosts []string
	var url *neturl.URL
	for _, server := range servers {
		var err error
		if url, err = neturl.Parse(server.URL(databaseName)); err != nil {
			return "", fmt.Errorf("read the private server's URL: %w", err)
		}
		hosts = append(hosts, url.Query().Get("host"))
	}
	query := url.Query()
	query.Set("host", strings.Join(hosts, ","))
	query.Set("load_balance_hosts", "random")
	url.User, url.RawQuery = neturl.User(serviceLogin), query.Encode()
	return url.String(), nil
}

// serveReplicas serves from replicas until ctx ends, with as many instances as
// startInstances starts. The end of a server is what people want to try, so it ends
// nothing else.
func (c *command) serveReplicas(ctx context.Context, db *database, out, logs io.Writer) (err error) {
	if err := db.follow(ctx, c.Replicas); err != nil {
		return err
	}
	running, err := c.startInstances(ctx, db, logs)
	defer func() {
		for _, instance := range running {
			err = errors.Join(err, instance.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err != nil {
		return err
	}
	if err := db.explain(ctx, out, running); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-running[0].Failed():
		return err
	case err := <-running[1].Failed():
		return err
	case err := <-running[2].Failed():
		return err
	}
}

// startInstances starts three instances. All ask all replicas: the load is even whatever
// their numbers are, and a replica that ends leaves no instance without one.
func (c *command) startInstances(ctx context.Context, db *database, logs io.Writer) (running []*app.App, err error) {
	cfg := c.Config
	if cfg.DatabaseURL, err = on(db.replicas...); err != nil {
		return nil, err
	}
	// Whichever is the primary is watched, also after a failover.
	if cfg.WatchURL, err = on(append([]*embedded.Server{db.private}, db.replicas...)...); err != nil {
		return nil, err
	}
	const instances = 3
	for range instances {
		instance, err := app.Start(ctx, cfg, logs)
		if err != nil {
			return running, err
		}
		running = append(running, instance)
		cfg.Addr, cfg.AdminAddr = next(cfg.Addr), next(cfg.AdminAddr)
	}
	return running, nil
}

// next returns the address of the next instance. A port that the system chooses, and
// what is no address, stay as they are.
func next(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	number, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil || number == 0 {
		return addr
	}
	return net.JoinHostPort(host, strconv.Itoa(number+portsApart))
}

// process returns the id of the first process of a server.
func process(ctx context.Context, server *embedded.Server) (id string, err error) {
	err = withConn(ctx, server.URL(maintenanceDatabase), func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)`).Scan(&id)
	})
	return id, err
}

// explain says where everything is and what to try.
func (db *database) explain(ctx context.Context, out io.Writer, running []*app.App) error {
	primary, err := process(ctx, db.private)
	if err != nil {
		return err
	}
	last, err := process(ctx, db.replicas[len(db.replicas)-1])
	if err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\nThree instances of rates ask %d replicas of one primary:\n\n", len(db.replicas))
	for _, instance := range running {
		fmt.Fprintf(&text, "  %s\n", instance.URL())
	}
	lag := ""
	if url := running[0].AdminURL(); url != "" {
		lag = fmt.Sprintf("  curl -s %s/metrics | grep ^replica_\n", url)
	}
	fmt.Fprintf(&text, `
The servers, for psql:

  P='%s'
`, db.private.URL(databaseName))
	for i, replica := range db.replicas {
		fmt.Fprintf(&text, "  R%d='%s'\n", i+1, replica.URL(databaseName))
	}
	const question = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"
	fmt.Fprintf(&text, `
Ask, from any instance:

  curl '%s%s'

Keep a replica behind, add a price, ask again, see the lag, and let it catch up. The
old answer comes with its old ETag, and never after the new one from the same
instance:

  psql "$R1" -c 'SELECT pg_wal_replay_pause()'
  psql "$P" -c "INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-31', 90)"
%s  psql "$R1" -c 'SELECT pg_wal_replay_resume()'

End the primary; answers go on. Then let a replica take over, and add prices there:

  kill -INT %s
  psql "$R1" -c 'SELECT pg_promote()'

Or end the last replica; the others answer:

  kill -INT %s

Ctrl-C stops everything and removes the data.

`, running[0].URL(), question, lag, primary, last)
	_, err = io.WriteString(out, text.String())
	return err
}
