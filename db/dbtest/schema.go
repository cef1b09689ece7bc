package dbtest

import (
	"fmt"
	"testing"
)

// Later makes the schema of the database a later one, which works with programs from
// the version oldest on.
func (d Database) Later(t testing.TB, version, oldest int64) {
	t.Helper()
	d.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, version)
	about := Value[string](t, d.Connect(t), `SELECT substring(obj_description('goose_db_version'::regclass) FROM '^[^.]*\.')`)
	d.Exec(t, fmt.Sprintf(`COMMENT ON TABLE goose_db_version IS '%s They work with programs from version %d.'`, about, oldest))
}
