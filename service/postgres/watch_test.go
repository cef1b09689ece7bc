package postgres_test

import (
	"fmt"
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

// wantVersion waits until the watch knows a version: it knows none for a moment if the
// database is slow to answer.
func wantVersion(t *testing.T, w *postgres.Watch, want int64) {
	t.Helper()
	testkit.Eventually(t, fmt.Sprintf("version %d is known", want), func() bool { got, ok := w.Current(); return ok && got == want })
}

func TestWatchFollowsEachCommittedChange(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	wantVersion(t, w, version(t, db))
	conn := db.Connect(t)
	for range 20 {
		if _, err := conn.Exec(t.Context(), "INSERT INTO regions VALUES ('sea', 'Sea', NULL)"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "DELETE FROM regions"); err != nil {
			t.Fatal(err)
		}
		wantVersion(t, w, version(t, db))
	}
}

func TestWatchIgnoresUncommittedChanges(t *testing.T) {
	db := dbtest.New(t)
	w := startWatch(t, db)
	before := version(t, db)
	tx, err := db.Connect(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO regions VALUES ('sea', 'Sea', NULL)"); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, w, before)
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
	wantVersion(t, w, version(t, db))
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
