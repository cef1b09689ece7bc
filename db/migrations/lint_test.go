package migrations_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// trap is a kind of statement that takes something from the programs that run while
// a migration does, or keeps readers waiting.
type trap struct {
	name  string
	form  string // of the statement, without case, comments and repeated space
	but   string // what makes it harmless
	isNew bool   // harmless for a table that the same file creates
	up    bool   // harmless on the way down, which removes what the way up made
	do    string
}

const table = `(?:if exists )?(?:only )?(?:public\.)?"?(?P<table>\w+)"?`

var traps = []trap{
	{"index", `^create (unique )?index\b.*? on ` + table, `^create (unique )?index concurrently\b`, true, false, "create it CONCURRENTLY, in a file without transaction, after DROP INDEX CONCURRENTLY IF EXISTS"},
	{"drop-index", `^drop index\b`, `^drop index concurrently\b`, false, true, "drop it CONCURRENTLY"},
	{"reindex", `^reindex\b`, `\bconcurrently\b`, false, false, "rebuild it CONCURRENTLY"},
	{"type", `^alter table ` + table + `.*\balter (column )?\S+ (set data )?type\b`, ``, true, false, "add a column, fill it in batches and drop the old one in a later release"},
	{"rewrite", `^alter table ` + table + `.*\bset (logged|unlogged|tablespace|access method)\b`, ``, true, false, "the table is rewritten under its lock"},
	{"default", `^alter table ` + table + `.*\badd (column )?.*(\bdefault [^,]*(random|clock_timestamp|nextval|timeofday|uuid\w*) ?\(|\b(small|big)?serial\b|\bgenerated\b)`, ``, true, false, "add the column without it, and fill it in batches"},
	{"not-null", `^alter table ` + table + `.*(\badd (column )?.*\bnot null\b|\bset not null\b)`, `^alter table \S+ add (column )?[^,]*\bdefault\b[^,]*$`, true, false, "give it a DEFAULT; for a column that exists, validate CHECK (… IS NOT NULL) first, then allow this"},
	{"constraint", `^alter table ` + table + `.*\badd (constraint \S+ )?(check|foreign key|unique|primary key|exclude)\b`, `\b(not valid|using index)\b`, true, false, "add it NOT VALID, or USING INDEX, and validate it in a later file"},
	{"references", `^alter table ` + table + `.*\badd (column )?.*\b(references|check)\b`, `\badd (constraint \S+ )?(check|foreign key)\b`, true, false, "add the column, then the constraint NOT VALID"},
	{"rename", `^alter\b.*\b(rename\b|set schema\b)`, ``, false, true, "add the new name, and drop the old one in a later release"},
	{"drop", `^drop (table|view|materialized view|function|procedure|routine|type|domain|schema|sequence|trigger|rule|role|owned|extension|policy)\b`, ``, false, true, "programs before may use it: drop it once they are gone"},
	{"drop-column", `^alter table ` + table + ` (.*, )?drop \w`, ``, true, true, "programs before may use it: drop it once they are gone"},
	{"revoke", `^revoke\b.*\bfrom\b.*\brates_(reader|loader)\b`, ``, false, true, "programs before may need the right"},
	{"security", `^alter table ` + table + `.*\b(enable|force) row level security\b`, ``, true, true, "readers would find the table empty"},
	{"lock", `^lock\b`, ``, false, false, "leave locks to the statements that need them"},
	{"vacuum", `^(vacuum\b.*\bfull\b|cluster\b)`, ``, false, false, "the table is rewritten under its lock"},
	{"rows", `^(with\b.*\b)?(update|delete from|merge into|truncate( table)?) ` + table, ``, true, true, "change rows in batches, outside of migrations"},
	{"enum", `^alter type\b.*\b(add|rename|drop|alter) (value|attribute)\b`, ``, false, false, "use a table with a foreign key, or text with a check"},
	{"refresh", `^refresh materialized view\b`, `\bconcurrently\b`, false, false, "refresh it CONCURRENTLY"},
	{"partition", `^alter table ` + table + `.*\b(attach|detach) partition\b`, `\bconcurrently\b`, true, false, "detach CONCURRENTLY; before ATTACH validate a check that makes its scan unnecessary"},
	{"timeout", `^(set|alter (role|database)\b.*\bset)( local| session)? (lock_timeout|statement_timeout|session_replication_role)\b`, ``, false, false, "the migrator sets it"},
}

// statement is a statement of a migration, in lower case with single spaces, and the
// names of the traps that the comments before it allow.
type statement struct {
	text    string
	allowed []string
	down    bool
}

var (
	quoted    = regexp.MustCompile(`(?s)'(?:[^']|'')*'`)
	functions = regexp.MustCompile(`(?is)\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure)\b.*?-- \+goose StatementEnd`)
	allowance = regexp.MustCompile(`^-- allow ([a-z-]+): \S`)
	control   = regexp.MustCompile(`(?i)\b(begin|then|else|loop)\b`)
	creation  = regexp.MustCompile(`^create (?:unlogged )?table (?:if not exists )?(?:public\.)?"?(\w+)"?`)
)

// statements splits a migration. Bodies of functions do not run in it; those of DO do.
func statements(text string) []statement {
	text = functions.ReplaceAllString(text, "create function;")
	var found []statement
	var current statement
	down, block := false, false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if match := allowance.FindStringSubmatch(line); match != nil {
			current.allowed = append(current.allowed, match[1])
		}
		down = down || line == "-- +goose Down"
		block = line == "-- +goose StatementBegin" || block && line != "-- +goose StatementEnd"
		line, _, _ = strings.Cut(quoted.ReplaceAllString(line, "''"), "--")
		if block {
			line = control.ReplaceAllString(line, "$1;")
		}
		parts := strings.Split(line, ";")
		for i, part := range parts {
			current.text += " " + part
			if i == len(parts)-1 {
				break
			}
			current.text, current.down = strings.Join(strings.Fields(strings.ToLower(current.text)), " "), down
			found = append(found, current)
			current = statement{}
		}
	}
	return found
}

// lint returns a line for each trap that a migration falls into, and for each
// allowance that it does not need.
func lint(text string) (found []string) {
	made := map[string]bool{}
	alone := strings.Contains(text, "-- +goose NO TRANSACTION")
	for _, s := range statements(text) {
		if match := creation.FindStringSubmatch(s.text); match != nil {
			made[match[1]] = true
		}
		if alone && !strings.Contains(s.text, "concurrently") && s.text != "" {
			found = append(found, "transaction: without a transaction, a file that fails leaves a part; keep to CONCURRENTLY: "+s.text)
		}
		needless := slices.Clone(s.allowed)
		for _, trap := range traps {
			if !trap.catches(s, made) {
				continue
			}
			if i := slices.Index(needless, trap.name); i >= 0 {
				needless = slices.Delete(needless, i, i+1)
				continue
			}
			if !slices.Contains(s.allowed, trap.name) {
				found = append(found, fmt.Sprintf("%s: %s; or write \"-- allow %s: REASON\" before it: %s", trap.name, trap.do, trap.name, s.text))
			}
		}
		for _, name := range needless {
			found = append(found, fmt.Sprintf("allow %s: the statement after it needs no allowance: %s", name, s.text))
		}
	}
	return found
}

func (tr trap) catches(s statement, made map[string]bool) bool {
	form := regexp.MustCompile(tr.form)
	match := form.FindStringSubmatch(s.text)
	if match == nil || tr.up && s.down || tr.but != "" && regexp.MustCompile(tr.but).MatchString(s.text) {
		return false
	}
	if i := form.SubexpIndex("table"); tr.isNew && i >= 0 && made[match[i]] {
		return false
	}
	return true
}

// No migration falls into a trap, and a breaking one says in the database what it
// needs.
func TestMigrationsLeaveProgramsAlone(t *testing.T) {
	for i, name := range files(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lint(string(text)) {
			t.Errorf("%s: %s", name, line)
		}
		from := regexp.MustCompile(`work with programs from version (\d+)`).FindStringSubmatch(string(text))
		if from == nil {
			continue
		}
		if oldest, err := strconv.ParseInt(from[1], 10, 64); err != nil || oldest < 1 || oldest > int64(i+1) {
			t.Errorf("%s needs programs from version %s; expected 1 to %d", name, from[1], i+1)
		}
	}
}
