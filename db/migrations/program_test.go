package migrations_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/rates/db/migrations"
)

// A program works with the schemas of its range, and with later ones unless they
// say that they need a later program.
func TestProgramAndSchema(t *testing.T) {
	const (
		plain = "Migrations that were applied, of set 5."
		from  = plain + " They work with programs from version "
	)
	program := migrations.Program{Oldest: 12, Latest: 14}
	for _, c := range []struct {
		version int64
		about   string
		want    string // in the error, "" for none
	}{
		{0, "", "it has version 0, expected 12 to 14: it is empty; run 'rates migrate' first"},
		{11, plain, "it has version 11, expected 12 to 14: it is older; run 'rates migrate'"},
		{11, from + "9.", "it is older; run 'rates migrate'"},
		{12, plain, ""},
		{13, from + "12.", ""},
		{14, from + "14.", ""},
		{15, plain, ""},
		{99, plain, ""},
		{15, from + "14.", ""},
		{15, from + "15.", "it is newer and works only with programs from version 15; run one of these, or go back with its 'rates migrate --to 14 --breaking'"},
		{99, from + "98.", "it is newer and works only with programs from version 98"},
		{12, "", migrations.ErrOtherSet.Error()},
		{12, "Migrations that were applied, of set 2.", migrations.ErrOtherSet.Error()},
		{12, "Migrations that were applied, of set 51.", migrations.ErrOtherSet.Error()},
		{15, plain + " Ask Bob.", "the comment on the table goose_db_version ends with \" Ask Bob.\""},
		{15, from + "x.", "expected nothing, or "},
		{15, from + "15", "expected nothing, or "},
		{15, from + ".", "expected nothing, or "},
	} {
		err := program.Check(migrations.State{Version: c.version, About: c.about})
		if c.want == "" && err == nil {
			continue
		}
		if c.want == "" || !errors.Is(err, migrations.ErrSchema) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("version %d, %q: %v\nwant %s", c.version, c.about, err, c.want)
		}
	}
}

// What this program states of itself is possible.
func TestThisProgram(t *testing.T) {
	if p := migrations.ThisProgram(); p.Oldest < 1 || p.Oldest > p.Latest || p.Latest != migrations.Latest {
		t.Errorf("this program works with %+v, and the last migration is %d", p, migrations.Latest)
	}
}
