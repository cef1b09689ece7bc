package dump

import (
	"bufio"
	"cmp"
	"slices"
	"strings"
)

// unapplied refuses what a file does to the data beside giving rows: an import that
// left it out would end with other data than psql.
func unapplied(line int, what string) error {
	return failf(line, "%s is not applied by an import; let PostgreSQL do it: "+
		"createdb scratch && psql -d scratch -f FILE && pg_dump scratch > NEW.sql, then import NEW.sql", what)
}

// hasRows reports whether the file has given rows of ours to this database.
func (f *sqlFile) hasRows() bool {
	for _, here := range f.found {
		if here.rows && here.database == f.database {
			return true
		}
	}
	return false
}

// alter follows ALTER TABLE, and refuses what pg_dump does not write about a table
// of ours after its rows.
func (f *sqlFile) alter(s *statement) error {
	i := s.skip(1, "foreign", "materialized")
	if object := s.word(i); object != "table" && object != "view" {
		return nil
	}
	name, i := s.tableName(s.skip(i+1, "if", "exists", "only"))
	if s.punctuation(i, '*') {
		i++
	}
	isComma := func(t token) bool { return t.kind == ',' }
	for more := i < len(s.tokens); more; {
		action := s.tokens[i:]
		end := slices.IndexFunc(action, isComma)
		if more = end >= 0; more {
			action = action[:end]
			i += end + 1
		}
		if err := f.action(name, &statement{tokens: action}, s.tokens[0].line); err != nil {
			return err
		}
	}
	return nil
}

// action follows one action of ALTER TABLE.
func (f *sqlFile) action(name qualified, a *statement, line int) error {
	switch {
	case a.is("attach", "partition"):
		part, _ := a.tableName(2)
		return f.attach(part, name, true, line)
	case a.is("inherit"):
		whole, _ := a.tableName(1)
		return f.attach(name, whole, true, line)
	case a.is("detach", "partition") && !f.concerns(name):
		part, _ := a.tableName(2)
		return f.attach(part, name, false, line)
	case a.is("no", "inherit") && !f.concerns(name):
		whole, _ := a.tableName(2)
		return f.attach(name, whole, false, line)
	case a.is("rename", "to") && tableNamed(a.identifier(2)) != nil, !a.isOfDump() && f.concerns(name):
		return unapplied(line, "ALTER TABLE "+show(name.name)+" "+strings.ToUpper(a.word(0)))
	}
	return nil
}

// isOfDump reports whether pg_dump writes such an action of ALTER TABLE, or one that
// leaves the rows and the names of columns alone as well.
func (a *statement) isOfDump() bool {
	switch second := a.word(1); a.word(0) {
	case "add", "owner", "enable", "disable", "force", "replica", "cluster", "validate", "reset", "not", "of", "options":
		return true
	case "no":
		return second == "force"
	case "drop", "rename":
		return second == "constraint"
	case "set":
		return second != "schema"
	case "alter":
		i := a.skip(1, "column") + 1
		return a.word(i) != "type" && (a.word(i) != "set" || a.word(i+1) != "data")
	}
	return false
}

// drop refuses DROP of a table with rows of ours, or of what may take it or one of its
// columns along.
func (f *sqlFile) drop(s *statement) error {
	line := s.tokens[0].line
	i := s.skip(1, "foreign")
	switch object := s.word(i); {
	case object == "database":
		dropped := s.identifier(s.skip(i+1, "if", "exists"))
		for _, here := range f.found {
			// The first may have any name but that of one connected to.
			unnamed := here.database == "" && f.database != ""
			if here.rows && (here.database == dropped || unnamed && dropped != f.database) {
				return unapplied(line, "DROP DATABASE "+show(dropped))
			}
		}
		return nil
	case !f.hasRows():
		return nil
	case object == "owned", s.cascade && slices.Contains([]string{"schema", "extension", "type", "domain", "collation", "server", "data"}, object):
		return unapplied(line, "DROP "+strings.ToUpper(object))
	case object != "table":
		return nil
	}
	for more := true; more; i++ {
		var name qualified
		name, i = s.tableName(s.skip(i, "table", "if", "exists"))
		if f.concerns(name) {
			return unapplied(line, "DROP TABLE "+show(name.name))
		}
		more = s.punctuation(i, ',')
	}
	return nil
}

// transaction is one that the file has begun.
type transaction struct {
	begin int  // its line, 0 if there is none
	rows  bool // it holds rows of ours
}

// transact follows the transactions of the file.
func (f *sqlFile) transact(s *statement) error {
	line := s.tokens[0].line
	switch {
	case s.is("begin"), s.is("start", "transaction"):
		if f.tx.begin == 0 {
			f.tx.begin = line
		}
	case s.word(1) == "prepared":
	case s.is("commit"), s.is("end"):
		f.tx = transaction{}
		if s.word(s.skip(1, "work", "transaction", "and")) == "chain" {
			f.tx.begin = line
		}
	case s.is("rollback"), s.is("abort"), s.is("prepare", "transaction"):
		if f.tx.rows {
			return unapplied(line, strings.ToUpper(s.word(0)))
		}
		if s.index(1, "to") < 0 && s.index(1, "chain") < 0 {
			f.tx = transaction{}
		}
	}
	return nil
}

// uncommitted refuses rows in a transaction that ends with the session.
func (f *sqlFile) uncommitted() error {
	if !f.tx.rows {
		return nil
	}
	return failf(f.tx.begin, "the transaction that begins here has no COMMIT, so psql undoes its rows; the file may be cut off")
}

// do refuses DO if its code says that it writes to a table of ours, or calls a routine
// of the file. What it makes up is not seen.
func (f *sqlFile) do(s *statement) error {
	line, write, call := s.tokens[0].line, "", ""
	for _, t := range slices.Clone(s.tokens) {
		if t.kind != text {
			continue
		}
		*s = statement{tokens: s.tokens[:0], last: s.last[:0]}
		f.code(t.text)
		write, call = cmp.Or(write, s.write), cmp.Or(call, s.call)
	}
	switch {
	case write != "":
		return unapplied(line, "DO with "+write)
	case call != "":
		return unapplied(line, "DO with a call of "+call+", which the file creates,")
	}
	return nil
}

// code follows code of DO, and statements in it that EXECUTE takes as a string.
func (f *sqlFile) code(source string) {
	code := scanner{in: bufio.NewReader(strings.NewReader(source)), most: maxCode}
	for code.scan() == nil {
		f.follow(code.kind, code.text)
		if code.kind == text && string(f.stmt.last) == "execute" {
			f.code(string(code.text))
		}
		f.stmt.nest(code.kind, code.text)
	}
	f.follow(';', nil)
}
