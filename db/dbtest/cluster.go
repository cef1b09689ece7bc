package dbtest

import (
	"errors"
	"io/fs"
	"testing"

	"example.com/rates/db/embedded"
	"example.com/rates/internal/testkit"
)

// Cluster is a database on a primary and on standbys that follow it, each a private
// server of its own.
type Cluster struct {
	Primary  Database
	Standbys []Database

	servers []*embedded.Server // the primary, then the standbys
}

// NewCluster returns a cluster with a migrated, empty database. It ends with the
// test, which is skipped where there is no pg_basebackup.
func NewCluster(t testing.TB, standbys int) *Cluster {
	t.Helper()
	Need(t)
	c := &Cluster{}
	primary := c.start(t, embedded.Config{})
	s := &Server{url: primary.URL("postgres"), template: "template_rates", private: true, close: func() error { return nil }}
	if err := s.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.admin.Close() }) // its server ends too
	var err error
	if c.Primary, err = s.Create(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for range standbys {
		standby := c.start(t, embedded.Config{Follow: primary})
		c.Standbys = append(c.Standbys, Database{Name: c.Primary.Name, URL: standby.URL(c.Primary.Name)})
	}
	return c
}

func (c *Cluster) start(t testing.TB, cfg embedded.Config) *embedded.Server {
	t.Helper()
	server, err := embedded.Start(t.Context(), cfg)
	if cfg.Follow != nil && errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIP: no standby without pg_basebackup: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	c.servers = append(c.servers, server)
	return server
}

// StopPrimary ends the primary without a warning to its clients.
func (c *Cluster) StopPrimary(t testing.TB) { c.stop(t, 0) }

// StopStandby ends one of the standbys.
func (c *Cluster) StopStandby(t testing.TB, number int) { c.stop(t, 1+number) }

func (c *Cluster) stop(t testing.TB, server int) {
	t.Helper()
	if err := c.servers[server].Close(); err != nil {
		t.Error(err)
	}
}

// Promote makes a standby the primary.
func (c *Cluster) Promote(t testing.TB, number int) {
	t.Helper()
	c.Standbys[number].Exec(t, "SELECT pg_promote()")
}

// Pause keeps what the primary sends from the readers of a standby, until Resume.
func (c *Cluster) Pause(t testing.TB, number int) {
	t.Helper()
	standby := c.Standbys[number]
	standby.Exec(t, "SELECT pg_wal_replay_pause()")
	testkit.Eventually(t, "the standby pauses", func() bool {
		return Value[string](t, standby.Connect(t), "SELECT pg_get_wal_replay_pause_state()") == "paused"
	})
}

// Cut keeps a standby from receiving what the primary sends.
func (c *Cluster) Cut(t testing.TB, number int) {
	t.Helper()
	standby := c.Standbys[number]
	standby.Exec(t, "ALTER SYSTEM SET primary_conninfo = ''")
	standby.Exec(t, "SELECT pg_reload_conf()")
	conn := standby.Connect(t)
	testkit.Eventually(t, "the standby receives nothing", func() bool {
		return Value[int64](t, conn, "SELECT count(*) FROM pg_stat_wal_receiver") == 0
	})
}

// Resume ends Pause.
func (c *Cluster) Resume(t testing.TB, number int) {
	t.Helper()
	c.Standbys[number].Exec(t, "SELECT pg_wal_replay_resume()")
}

// Follow waits until the standbys have everything that the primary has.
func (c *Cluster) Follow(t testing.TB) {
	t.Helper()
	end := Value[string](t, c.Primary.Connect(t), "SELECT pg_current_wal_lsn()::text")
	for _, standby := range c.Standbys {
		conn := standby.Connect(t)
		testkit.Eventually(t, "the standby has followed", func() bool {
			return Value[bool](t, conn, "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", end)
		})
	}
}
