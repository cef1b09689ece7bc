package dump

import (
	"fmt"
	"slices"
	"strings"
)

// qualified is the name of a relation with its schema.
type qualified struct{ schema, name string }

// relation is what the file has said about a table, a partition or a view.
type relation struct {
	what    string      // "table", "view" or "foreign table"
	parents []qualified // the tables that its rows are rows of, too
	line    int         // of its creation, or of its ignored rows
	ignored bool        // it has rows, and the columns of prices
}

// maxRelations bounds the memory for the names of relations.
const maxRelations = 50_000

// create follows CREATE TABLE, CREATE VIEW and CREATE TRIGGER.
func (f *sqlFile) create(s *statement) error {
	object, i := s.creates()
	switch {
	case s.isRoutine():
		if name, _ := s.tableName(i); len(f.routines) < maxRelations {
			f.routines[name.name] = true
		}
		return nil
	case object == "trigger":
		return f.trigger(s, i)
	case object != "table" && object != "view":
		return nil
	}
	line := s.tokens[0].line
	i = s.skip(i, "if", "not", "exists")
	name, rest := s.tableName(i)
	at := name
	if at.schema == "" {
		at.schema = f.searchPath[0]
	}
	r := relation{what: object, line: line}
	modifiers := statement{tokens: s.tokens[:i]}
	switch {
	case object == "view":
		r.parents = slices.Clone(s.over)
	case modifiers.index(0, "foreign") > 0:
		r.what = "foreign table"
		fallthrough
	default:
		r.parents = f.parents(s, rest)
	}
	if tableNamed(name.name) != nil && object == "table" {
		switch before, again := f.relations[at]; {
		case modifiers.index(0, "temp") > 0, modifiers.index(0, "temporary") > 0:
			return unapplied(line, "CREATE TEMPORARY TABLE "+show(name.name))
		case s.index(rest, "as") > 0:
			return unapplied(line, "CREATE TABLE "+show(name.name)+" AS")
		case again && before.line > f.dump && modifiers.index(0, "exists") < 0:
			f.dump = line
		}
	}
	if _, ok := f.relations[at]; ok && modifiers.index(0, "exists") > 0 {
		return nil
	}
	return f.relate(at, r)
}

// trigger remembers a trigger that may change or leave out each row of a COPY after it.
// pg_dump writes triggers after the rows.
func (f *sqlFile) trigger(s *statement, i int) error {
	i++ // its name, which may be any word
	before, insert, on := s.word(i) == "before", s.index(i, "insert"), s.index(i, "on")
	if !before || insert < 0 || on < insert || s.index(on, "row") < 0 {
		return nil
	}
	name, _ := s.tableName(on + 1)
	if len(f.triggers) >= maxRelations {
		return failf(s.tokens[0].line, "more than %d triggers before the rows; dump again with pg_dump", maxRelations)
	}
	f.triggers[f.qualify(name)] = s.tokens[0].line
	return nil
}

// triggered returns the line of such a trigger that a relation, or one that its rows
// are rows of too, has so far; 0 if there is none.
func (f *sqlFile) triggered(at qualified) int {
	for _, relation := range f.ancestors(at) {
		if line := f.triggers[relation]; line > 0 {
			return line
		}
	}
	return 0
}

// parents returns the tables that PARTITION OF or INHERITS names from token i on.
func (f *sqlFile) parents(s *statement, i int) (parents []qualified) {
	if s.word(i) == "partition" && s.word(i+1) == "of" {
		name, _ := s.tableName(i + 2)
		return []qualified{f.qualify(name)}
	}
	i = s.index(i, "inherits")
	for more := i > 0 && s.punctuation(i+1, '('); more; more = s.punctuation(i, ',') {
		i++
		if s.punctuation(i, '(') {
			i++
		}
		var name qualified
		name, i = s.tableName(i)
		parents = append(parents, f.qualify(name))
	}
	return parents
}

// relate remembers a relation. Of a table without parents it may forget that it was
// created: then its rows are rather refused than ignored.
func (f *sqlFile) relate(at qualified, r relation) error {
	if _, ok := f.relations[at]; !ok && len(f.relations) == maxRelations {
		if len(r.parents) == 0 {
			return nil
		}
		return failf(r.line, "more than %d partitions; dump again with pg_dump --load-via-partition-root", maxRelations)
	}
	f.relations[at] = r
	return nil
}

// attach makes child a part of parent, or no longer if not attached.
func (f *sqlFile) attach(child, parent qualified, attached bool, line int) error {
	child, parent = f.qualify(child), f.qualify(parent)
	r, ok := f.relations[child]
	if !ok {
		r = relation{what: "", line: line}
	}
	r.parents = slices.DeleteFunc(slices.Clone(r.parents), func(p qualified) bool { return p == parent })
	if attached {
		r.parents = append(r.parents, parent)
	}
	return f.relate(child, r)
}

// qualify returns a name with its schema: of those in the search path, the first in
// which the file has such a relation.
func (f *sqlFile) qualify(name qualified) qualified {
	if name.schema != "" {
		return name
	}
	for _, schema := range f.searchPath {
		if _, ok := f.relations[qualified{schema, name.name}]; ok {
			return qualified{schema, name.name}
		}
	}
	return qualified{f.searchPath[0], name.name}
}

// ancestors returns the relation and those that its rows are rows of, too. The last
// is the farthest. A bad file may put them in a loop.
func (f *sqlFile) ancestors(at qualified) []qualified {
	const most = 100
	all := []qualified{at}
	for i := 0; i < len(all); i++ {
		for _, parent := range f.relations[all[i]].parents {
			if len(all) < most && !slices.Contains(all, parent) {
				all = append(all, parent)
			}
		}
	}
	return all
}

// find returns the table of ours that the rows of a relation belong to, and its
// schema. The table is nil if there is none.
func (f *sqlFile) find(at qualified) (*table, string) {
	if len(f.relations[at].parents) == 0 {
		return tableNamed(at.name), at.schema
	}
	for _, a := range slices.Backward(f.ancestors(at)) {
		if t := tableNamed(a.name); t != nil {
			return t, a.schema
		}
	}
	return nil, ""
}

// resembles refuses rows that may be ours when nothing tells whether they are, and
// remembers those of a table of its own with the columns of prices.
func (f *sqlFile) resembles(at qualified, b *block, columns []string) error {
	// The rows of a table without columns are blank.
	if _, known := f.relations[at]; !known && columns == nil && !f.scanner.precedes("\n") && !f.scanner.precedes("\r\n") {
		return failf(b.line, "COPY %s does not name its columns, and the file does not create the table; "+
			"dump again without pg_dump --data-only", b.name)
	}
	for _, t := range tables() {
		if _, err := t.layout(columns); err != nil {
			continue
		}
		if strings.HasPrefix(at.schema, "_timescaledb_") {
			return failf(b.line, "%s is a compressed chunk of TimescaleDB; decompress the chunks of %s with decompress_chunk, and dump again", b.name, t.kind)
		}
		r, known := f.relations[at]
		if !known {
			return failf(b.line, "%s has the columns of %s, and the file does not say whether its rows belong to it; "+
				"dump again without pg_dump --data-only, or with --exclude-table if they do not", b.name, t.kind)
		}
		if t.kind == Prices {
			r.ignored, r.line = true, b.line
			f.relations[at] = r
			if f.lookalike == nil {
				f.lookalike = b
			}
		}
	}
	return nil
}

// unrelated refuses a database with rows of ours where an import does not find them.
func (f *sqlFile) unrelated() error {
	line, err := 0, error(nil)
	for at, r := range f.relations {
		t, _ := f.find(at)
		if t == nil || line > 0 && r.line > line {
			continue
		}
		_, found := f.found[t.kind]
		part := r.what == "foreign table" && len(r.parents) > 0
		instead := r.what != "table" && r.what != "" && len(r.parents) == 0 && !found
		switch {
		case r.ignored:
			line, err = r.line, unapplied(r.line, "a table that becomes a part of "+t.kind.String()+" after its rows")
		case part, instead:
			line, err = r.line, failf(r.line, "%s is a %s, whose rows are not in the file; %s",
				show(at.name), r.what, export(t.kind, t.kind.String()))
		}
	}
	return err
}

// export returns the advice to write the rows of a relation to a file of their own.
func export(k Kind, relation string) string {
	return fmt.Sprintf(`write them to a file: psql -c '\copy (SELECT %s FROM %s) TO %s.csv CSV HEADER'`,
		strings.Join(tableNamed(k.String()).columns, ", "), relation, k)
}
