package postgres_test

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

// pooler stands between the service and its database, as a pooler does that gives
// sessions to whoever has a transaction: clients get a key that is no process of
// the server, and notifications arrive at nobody.
type pooler struct {
	listener net.Listener
	deaf     atomic.Bool
}

func startPooler(t *testing.T, database dbtest.Database) *pooler {
	t.Helper()
	server, err := pgx.ParseConfig(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(server.Host, server.Port)
	p := &pooler{}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.listener.Close() }) // nobody dials any longer
	p.deaf.Store(true)
	go func() {
		for {
			client, err := p.listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close() // the client notices
				continue
			}
			go func() { _, _ = io.Copy(behind, client); _ = behind.Close() }() // either end ends both
			go func() { _ = p.pass(client, behind); _ = client.Close() }()
		}
	}()
	return p
}

// url returns the URL of a database behind the pooler.
func (p *pooler) url(t *testing.T, url string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return with(t, url, "sslmode=disable&host="+host+"&port="+port)
}

// pass passes the messages of the server on.
func (p *pooler) pass(client io.Writer, server io.Reader) error {
	const headerSize, notification, backendKey = 5, 'A', 'K'
	for {
		header := make([]byte, headerSize)
		if _, err := io.ReadFull(server, header); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(header[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil {
			return err
		}
		switch {
		case header[0] == notification && p.deaf.Load():
			continue
		case header[0] == backendKey:
			body[0] ^= 0x40 // the process
		}
		if _, err := client.Write(slices.Concat(header, body)); err != nil {
			return err
		}
	}
}

// watchThrough starts a watch and returns its log.
func watchThrough(t *testing.T, url string) (*postgres.Watch, *testkit.Buffer) {
	t.Helper()
	logs := &testkit.Buffer{}
	w, err := postgres.NewWatch(t.Context(), postgres.Config{URL: url}, slog.New(slog.NewTextHandler(logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w, logs
}

// A watch that does not hear itself knows no version, and says so once. As soon as
// it hears itself it does.
func TestWatchBelievesWhatItHears(t *testing.T) {
	database := dbtest.New(t)
	p := startPooler(t, database)
	w, logs := watchThrough(t, p.url(t, database.As(dbtest.Reader)))
	const once = "change notifications are lost; answering without the cache"
	testkit.Eventually(t, "it says that it hears nothing", func() bool {
		if version, ok := w.Current(); ok {
			t.Fatalf("it knows version %d", version)
		}
		return strings.Contains(logs.String(), once)
	})
	if !strings.Contains(logs.String(), "the database does not deliver notifications: a pooler shares its sessions between transactions") {
		t.Errorf("the log does not say why:\n%s", logs)
	}
	p.deaf.Store(false)
	now := version(t, database)
	testkit.Eventually(t, "it knows the version", func() bool { got, ok := w.Current(); return ok && got == now })
	if n := strings.Count(logs.String(), once); n != 1 {
		t.Errorf("it said %d times that it hears nothing:\n%s", n, logs)
	}
}

// A watch whose notifications stop notices at the next change.
func TestWatchNoticesThatNotificationsStop(t *testing.T) {
	database := dbtest.New(t)
	p := startPooler(t, database)
	p.deaf.Store(false)
	w, logs := watchThrough(t, p.url(t, database.As(dbtest.Reader)))
	testkit.Eventually(t, "it knows the version", func() bool { _, ok := w.Current(); return ok })
	p.deaf.Store(true)
	database.Exec(t, "INSERT INTO regions VALUES ('sea', 'Sea', NULL)")
	testkit.Eventually(t, "it says that a notification is missing", func() bool {
		return strings.Contains(logs.String(), "the data changed and no notification came")
	})
	testkit.Eventually(t, "it knows no version", func() bool { _, ok := w.Current(); return !ok })
}

// Behind a pooler the service leaves nothing in sessions that others use next.
func TestSharedSessionsStayAsTheyWere(t *testing.T) {
	database := dbtest.NewWorld(t)
	p := startPooler(t, database)
	asked := 0
	store := openStore(t, database, func(c *postgres.Config) {
		c.URL = p.url(t, database.As(dbtest.Reader))
		c.MaxConns = 1
		c.Tracer = startTracer(func(conn *pgx.Conn, _ string, _ []any) {
			asked++
			for sql, want := range map[string]string{
				"SHOW default_transaction_read_only": "off", "SHOW statement_timeout": "0", "SHOW plan_cache_mode": "auto",
				"SELECT count(*) FROM pg_prepared_statements WHERE name <> ''": "0",
			} {
				results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
				if err != nil {
					t.Error(err)
				} else if got := string(results[0].Rows[0][0]); got != want {
					t.Errorf("%s is %s, want %s", sql, got, want)
				}
			}
		})
	})
	for range 2 {
		for _, q := range []string{question, "CNGGZ EETLL 2031-01-01 2031-01-31"} {
			if _, err := store.DailyRates(t.Context(), query(t, q)); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := store.Ports(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if asked == 0 {
		t.Error("nothing was asked")
	}
}
