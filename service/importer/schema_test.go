package importer_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/importer"
)

// An importer works with a later schema, even one with columns that it does not know,
// unless that needs a later program; then it changes nothing.
func TestLaterSchema(t *testing.T) {
	for _, replace := range []bool{false, true} {
		database := dbtest.NewWorld(t)
		database.Later(t, 1000, migrations.Latest)
		database.Exec(t, `ALTER TABLE prices ADD COLUMN note text; ALTER TABLE ports ADD COLUMN terminal text NOT NULL DEFAULT ''`)
		loader := openLoader(t, database)
		files := slices.Concat(somePlaces, []importer.File{sameEverywhere(200)})
		use := func() error {
			_, err := loader.Import(t.Context(), files, importer.Options{Replace: replace, Again: true})
			_, wrong, verified := loader.Verify(t.Context(), true)
			if wrong > 0 {
				t.Errorf("replace: %t: %d sums are wrong", replace, wrong)
			}
			return errors.Join(err, verified)
		}
		if err := use(); err != nil {
			t.Errorf("replace: %t: %v", replace, err)
		}
		before := database.Contents(t)
		database.Later(t, 1001, 1000)
		if err := use(); !errors.Is(err, migrations.ErrSchema) || database.Contents(t) != before {
			t.Errorf("replace: %t: on a breaking schema: %v", replace, err)
		}
	}
}

// A migration that is applied while an import checks its files is noticed too.
func TestSchemaChangesWhileFilesAreChecked(t *testing.T) {
	database := dbtest.NewWorld(t)
	release := holdTurn(t, database)
	importing := make(chan error, 1)
	loader := openLoader(t, database)
	go func() {
		_, err := loader.Import(context.WithoutCancel(t.Context()), []importer.File{sameEverywhere(200)}, importer.Options{})
		importing <- err
	}()
	admin := database.Connect(t)
	testkit.Eventually(t, "the import waits for its turn", func() bool { return waitingImports(t, admin) == 1 })
	before := database.Contents(t)
	database.Later(t, 1000, 1000)
	release()
	if err := <-importing; !errors.Is(err, migrations.ErrSchema) || database.Contents(t) != before {
		t.Errorf("the import: %v", err)
	}
}
