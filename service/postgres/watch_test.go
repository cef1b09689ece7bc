package postgres_test

import (
	"io"
	"log/slog"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

func startWatch(t *testing.T, db dbtest.Database) *postgres.Watch {
	t.Helper()
	w, err := postgres.NewWatch(t.Context(), postgres.Config{URL: db.As(dbtest.Reader)}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	testkit.Eventually(t, "the version is known", func() bool { _, ok := w.Current(); return ok })
	return w
}

func version(t *testing.T, db dbtest.Database) (v int64) {
	t.Helper()
	if err := db.Connect(t).QueryRow(t.Context(), "SELECT version FROM data_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWatchFollowsEachCommittedChange(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	before := version(t, db)
	if got, _ := w.Current(); got != before {
		t.Fatalf("the watch says %d, the database %d", got, before)
	}
	conn := db.Connect(t)
	for range 20 {
		if _, err := conn.Exec(t.Context(), "INSERT INTO regions VALUES ('sea', 'Sea', NULL)"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "DELETE FROM regions"); err != nil {
			t.Fatal(err)
		}
		now := version(t, db)
		testkit.Eventually(t, "the new version is known", func() bool { got, ok := w.Current(); return ok && got == now })
	}
}

func TestWatchIgnoresUncommittedChanges(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	before, _ := w.Current()
	tx, err := db.Connect(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO regions VALUES ('sea', 'Sea', NULL)"); err != nil {
		t.Fatal(err)
	}
	if got, ok := w.Current(); !ok || got != before {
		t.Errorf("within the transaction the watch says %d, %v, want %d", got, ok, before)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The version is unknown while the connection is down: the data may have changed.
func TestVersionIsUnknownWhileTheConnectionIsDown(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	db.Exec(t, "REVOKE CONNECT ON DATABASE "+db.Name+" FROM PUBLIC")
	db.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rates watch' AND datname = current_database()")
	testkit.Eventually(t, "the version is unknown", func() bool { _, ok := w.Current(); return !ok })
	db.Exec(t, "GRANT CONNECT ON DATABASE "+db.Name+" TO PUBLIC")
	db.Exec(t, "INSERT INTO regions VALUES ('sea', 'Sea', NULL)")
	now := version(t, db)
	testkit.Eventually(t, "the version is known again", func() bool { got, ok := w.Current(); return ok && got == now })
}

func TestWatchIsNeverBehindAnAnswer(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	known, _ := w.Current()
	w.Saw(known + 5)
	if got, ok := w.Current(); !ok || got != known+5 {
		t.Errorf("after an answer of version %d the watch says %d, %v", known+5, got, ok)
	}
	w.Saw(known)
	if got, _ := w.Current(); got != known+5 {
		t.Errorf("an older answer moved the watch back to %d", got)
	}
}

// The version is unknown while the schema needs a later program, so that no answer
// from before is given; it is known on a later schema that works with this program.
func TestVersionIsUnknownOnAnotherSchema(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	db.Later(t, migrations.Latest+1, migrations.Latest+1)
	testkit.Eventually(t, "the version is unknown", func() bool { _, ok := w.Current(); return !ok })
	db.Later(t, migrations.Latest+2, migrations.Latest)
	testkit.Eventually(t, "the version is known again", func() bool { _, ok := w.Current(); return ok })
}
