package postgres_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// cluster is a primary with a standby, and what answers from them.
type cluster struct {
	*dbtest.Cluster
	replicas *postgres.Replicas
	watch    *postgres.Watch
	logs     *testkit.Buffer
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	return open(t, startCluster(t, 1), 0)
}

// startCluster starts a primary and standbys, all with dbtest.World.
func startCluster(t *testing.T, standbys int) *dbtest.Cluster {
	t.Helper()
	dbtest.Need(t)
	c, err := dbtest.StartCluster(t.Context(), standbys)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv(dbtest.RequireStandbys) != "1" {
		t.Skipf("SKIP: no standby without pg_basebackup: %v", err)
	}
	must(t, err)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	c.Primary.Exec(t, dbtest.World)
	must(t, c.Follow(t.Context()))
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open returns what answers from a cluster.
func open(t *testing.T, servers *dbtest.Cluster, maxLag time.Duration) cluster {
	t.Helper()
	c := cluster{Cluster: servers, logs: &testkit.Buffer{}}
	cfg := postgres.Config{
		URL: c.Standbys[0].As(dbtest.Reader), Primary: hosts(t, c.Primary, c.Standbys[0]), MaxConns: 2, Timeout: time.Minute,
	}
	log := slog.New(slog.NewTextHandler(c.logs, nil))
	watch, err := postgres.NewWatch(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.Close)
	standbys, err := postgres.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standbys.Close)
	primary, err := postgres.OpenPrimary(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(primary.Close)
	c.watch = watch
	c.replicas = postgres.NewReplicas(postgres.ReplicasConfig{
		Standbys: standbys, Primary: primary, Watch: watch, MaxLag: maxLag, Log: log,
	})
	c.wantKnown(t, version(t, c.Primary))
	return c
}

// hosts returns the URL of several servers with the same database.
func hosts(t *testing.T, databases ...dbtest.Database) string {
	t.Helper()
	var list []string
	for _, database := range databases {
		_, host, _ := strings.Cut(database.As(dbtest.Reader), "host=")
		host, _, _ = strings.Cut(host, "&")
		list = append(list, host)
	}
	all := strings.Join(list, "%2C")
	return strings.Replace(databases[0].As(dbtest.Reader), "host="+list[0], "host="+all, 1)
}

func (c cluster) wantKnown(t *testing.T, version int64) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.logs)
		}
	})
	testkit.Eventually(t, "the version is known", func() bool { got, ok := c.watch.Current(); return ok && got == version })
}

// change adds a fourth price of the day that ask asks for.
func (c cluster) change(t *testing.T) {
	t.Helper()
	c.Primary.Exec(t, `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 999)`)
}

// ask returns how many prices a day of the answer has, and tells the watch, as the
// service does.
func (c cluster) ask(t *testing.T) (count, version int64) {
	t.Helper()
	answer, err := c.replicas.DailyRates(t.Context(), query(t, "CNGGZ EETLL 2021-01-01 2021-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	c.watch.Saw(answer.Version)
	return answer.Rates[0].Count, answer.Version
}

func TestReplicas(t *testing.T) {
	servers := newCluster(t).Cluster
	for _, test := range []struct {
		behaviour string
		maxLag    time.Duration
		holds     func(t *testing.T, c cluster)
	}{
		{"a standby that is behind answers with its own version", 0, standbyIsBehind},
		{"the primary is asked instead of a standby that is behind for longer than allowed", time.Nanosecond, maxLag},
		{"after a client was told of a version, nobody gets an older answer", 0, noOlderAnswer},
		{"a place that a standby does not know yet is looked for on the primary", 0, placeOfThePrimary},
	} {
		t.Run(test.behaviour, func(t *testing.T) {
			c := open(t, servers, test.maxLag)
			must(t, c.Pause(t.Context(), 0))
			test.holds(t, c)
			must(t, c.Resume(t.Context(), 0))
			must(t, c.Follow(t.Context()))
			c.Primary.Exec(t, "DELETE FROM prices WHERE price = 999")
			must(t, c.Follow(t.Context()))
		})
	}
}

func standbyIsBehind(t *testing.T, c cluster) {
	t.Helper()
	before := version(t, c.Primary)
	c.change(t)
	c.wantKnown(t, version(t, c.Primary))
	if count, version := c.ask(t); count != 3 || version != before {
		t.Errorf("%d prices of version %d, want 3 of %d", count, version, before)
	}
	if behind := c.replicas.Stats().Behind; behind <= 0 || behind > c.watch.Behind(before) {
		t.Errorf("it is %v behind", behind)
	}
	must(t, c.Resume(t.Context(), 0))
	testkit.Eventually(t, "it follows", func() bool { count, _ := c.ask(t); return count == 4 })
	if stats := c.replicas.Stats(); stats.Behind != 0 || stats.Primary != 0 {
		t.Errorf("afterwards: %+v", stats)
	}
}

func maxLag(t *testing.T, c cluster) {
	t.Helper()
	c.change(t)
	now := version(t, c.Primary)
	c.wantKnown(t, now)
	if count, version := c.ask(t); count != 4 || version != now {
		t.Errorf("%d prices of version %d, want 4 of %d", count, version, now)
	}
	if stats := c.replicas.Stats(); stats.Primary != 1 {
		t.Errorf("%+v", stats)
	}
}

func noOlderAnswer(t *testing.T, c cluster) {
	t.Helper()
	c.change(t)
	now := version(t, c.Primary)
	c.watch.Saw(now)
	if count, version := c.ask(t); count != 4 || version != now {
		t.Errorf("%d prices of version %d, want 4 of %d", count, version, now)
	}
	_, version, err := c.replicas.Ports(t.Context())
	if err != nil || version != now {
		t.Errorf("the ports are of version %d, want %d: %v", version, now, err)
	}
}

func placeOfThePrimary(t *testing.T, c cluster) {
	t.Helper()
	c.Primary.Exec(t, `INSERT INTO ports VALUES ('SEGOT', 'Gothenburg', 'north')`)
	if _, err := c.replicas.DailyRates(t.Context(), query(t, "SEGOT EETLL 2021-01-01 2021-01-01")); err != nil {
		t.Error(err)
	}
	_, err := c.replicas.DailyRates(t.Context(), query(t, "XXXXX EETLL 2021-01-01 2021-01-01"))
	_ = wantKind(t, err, rates.UnknownPlace)
}

// Without a primary the standby tells the version. A standby that takes over is
// watched, also if it has not received the last changes: those are lost, and no
// version is used twice.
func TestFailover(t *testing.T) {
	c := newCluster(t)
	before := version(t, c.Primary)
	must(t, c.Cut(t.Context(), 0))
	c.change(t)
	lost := version(t, c.Primary)
	c.watch.Saw(lost)
	c.wantKnown(t, lost)
	must(t, c.StopPrimary())
	if _, err := c.replicas.DailyRates(t.Context(), query(t, "CNGGZ EETLL 2021-01-01 2021-01-01")); err == nil {
		t.Error("an older answer than before, though nobody knows that the changes are lost")
	}
	must(t, c.Promote(t.Context(), 0))
	c.wantKnown(t, before)
	if count, version := c.ask(t); count != 3 || version != before {
		t.Errorf("%d prices of version %d, want 3 of %d", count, version, before)
	}
	if !strings.Contains(c.logs.String(), "the database has lost changes") {
		t.Errorf("the log does not say that changes were lost:\n%s", c.logs)
	}
	c.Primary = c.Standbys[0]
	c.change(t)
	now := version(t, c.Primary)
	if now <= lost {
		t.Errorf("version %d after %d was lost", now, lost)
	}
	c.wantKnown(t, now)
}

// While there is no primary the version is that of the standby.
func TestStandbyTellsTheVersion(t *testing.T) {
	c := newCluster(t)
	now := version(t, c.Primary)
	must(t, c.StopPrimary())
	testkit.Eventually(t, "the primary is missed", func() bool { return strings.Contains(c.logs.String(), "notifications are lost") })
	c.wantKnown(t, now)
}
