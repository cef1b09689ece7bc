package migrations_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

// A database made with an earlier set, of up to 12 files, has the same version
// numbers for other files. It is refused, up and down, and unchanged, and the error
// says how to get a new one.
func TestDatabaseOfAnotherSetIsLeftAlone(t *testing.T) {
	for _, version := range []int64{1, 5, migrations.Latest, 12, 13} {
		database := dbtest.New(t)
		database.Exec(t, `COMMENT ON TABLE goose_db_version IS NULL`)
		database.Exec(t, `DELETE FROM goose_db_version WHERE version_id > $1`, version)
		database.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied)
			SELECT n, true FROM generate_series($1::bigint + 1, $2) AS n`, migrations.Latest, version)
		migrator, db := open(t, database.URL)
		before := schema(t, db)
		for _, target := range []int64{migrations.Latest, version, 0} {
			_, err := migrator.To(t.Context(), target)
			if !errors.Is(err, migrations.ErrOtherSet) || !strings.Contains(err.Error(), "'make clean'") || len(migrator.names) > 0 {
				t.Errorf("from version %d to %d: %v, %v", version, target, migrator.names, err)
			}
		}
		if diff := cmp.Diff(lines(before), lines(schema(t, db))); diff != "" {
			t.Errorf("version %d: the schema was changed (-before +after):\n%s", version, diff)
		}
	}
}

// Reverted to version 0, a database of another set can be migrated again.
func TestEmptiedDatabaseOfAnotherSet(t *testing.T) {
	database := dbtest.New(t)
	migrator, _ := open(t, database.URL)
	to(t, migrator, 0)
	database.Exec(t, `COMMENT ON TABLE goose_db_version IS NULL`)
	to(t, migrator, migrations.Latest)
}

// The files have the digests in files.sum. A new migration is added to it. An
// edited one would leave existing databases with another schema at the same
// version: after the first release it is forbidden; until then, change the name of
// the set too, in state.go and 00001_create_roles.sql.
func TestFilesAreUnchanged(t *testing.T) {
	list, err := os.Open("files.sum")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var listed []string
	for scan := bufio.NewScanner(list); scan.Scan(); {
		digest, name, _ := strings.Cut(scan.Text(), "  ")
		listed = append(listed, name)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != digest {
			t.Errorf("%s was edited; see the comment of this test", name)
		}
	}
	if names := files(t); !slices.Equal(listed, names) {
		t.Errorf("files.sum lists %v, the folder holds %v; run: sha256sum *.sql >files.sum", listed, names)
	}
}
