package dump

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
)

// defaultSchema is that of names without one in a new session.
const defaultSchema = "public"

// sqlFile reads a plain pg_dump file.
type sqlFile struct {
	scanner    scanner
	stmt       statement
	block      *block // the current COPY block, or nil
	columns    columns
	unescaped  []byte // reused for the fields of a row with escapes
	short      []byte // reused for lines longer than the buffer
	parser     parser
	searchPath []string // the schemas of names without one
	open       int      // dumps that have begun and not ended
	dump       int      // the line on which the last of them begins
	database   string   // the last to which the file connects
	tx         transaction
	found      map[Kind]origin // the tables of ours
	doubt      error           // refuses the file once it has a table of ours

	relations map[qualified]relation // of the current database
	triggers  map[qualified]int      // the lines of those before each INSERT, by relation of the current database
	routines  map[string]bool        // the functions and procedures that the file creates
	lookalike *block                 // the first ignored one with the columns of prices
}

func newSQLFile(in *bufio.Reader) *sqlFile {
	return &sqlFile{
		scanner:    scanner{in: in, line: 1},
		columns:    newColumns(),
		parser:     newParser(),
		searchPath: []string{defaultSchema},
		found:      make(map[Kind]origin),
		relations:  make(map[qualified]relation),
		triggers:   make(map[qualified]int),
		routines:   make(map[string]bool),
	}
}

func (f *sqlFile) next(rec *Record) error {
	for {
		if f.block == nil {
			if err := f.nextBlock(); err != nil {
				return err
			}
		}
		done, err := f.readRow(rec)
		if err != nil || !done {
			return err
		}
		f.block = nil
	}
}

// nextBlock finds the next block of one of our tables. It returns io.EOF at the end
// of a complete file.
func (f *sqlFile) nextBlock() error {
	for {
		s, err := f.statement()
		switch {
		case err != nil && f.scanner.ended && f.open == 0 && len(f.found) == 0:
			// Text that is not a dump may end anywhere.
			return f.end()
		case err != nil:
			return err
		case s == nil:
			return f.end()
		}
		if err = f.apply(s); err != nil || f.block != nil {
			return err
		}
	}
}

// apply follows a statement, and refuses one that may change our rows.
func (f *sqlFile) apply(s *statement) error {
	if s.write != "" {
		return unapplied(s.tokens[0].line, s.write)
	}
	if s.call != "" && slices.Contains([]string{"select", "call", "with", "values", "explain"}, s.word(0)) {
		return unapplied(s.tokens[0].line, "a call of "+s.call+", which the file creates,")
	}
	switch s.word(0) {
	case "copy":
		return f.copy(s)
	case "create":
		return f.create(s)
	case "alter":
		return f.alter(s)
	case "drop":
		return f.drop(s)
	case "set", "reset", "discard":
		return f.set(s)
	case "select":
		return f.setConfig(s)
	case "begin", "start", "commit", "end", "rollback", "abort", "prepare":
		return f.transact(s)
	case "truncate":
		if s.cascade && f.hasRows() {
			return unapplied(s.tokens[0].line, "TRUNCATE … CASCADE")
		}
	case "do":
		return f.do(s)
	case "":
		if s.punctuation(0, ':') {
			return f.doubtful(unapplied(s.tokens[0].line, "a variable of psql"))
		}
	}
	return nil
}

// end returns io.EOF if the file may end here.
func (f *sqlFile) end() error {
	if f.open > 0 {
		return failf(f.scanner.line, `the file is cut off: the comment "… dump complete" at its end is missing`)
	}
	if err := f.uncommitted(); err != nil {
		return err
	}
	if err := f.unrelated(); err != nil {
		return err
	}
	switch b := f.lookalike; {
	case b != nil && !f.found[Prices].rows:
		return failf(b.line, "%s has the columns of prices, and prices has no rows; if its rows are prices, %s; "+
			"else dump again with pg_dump --exclude-table", b.name, export(Prices, b.name))
	case len(f.found) == 0:
		return failf(0, "holds no regions, ports or prices; %s", accepted)
	}
	return io.EOF
}

// copy begins a block if s is COPY … FROM stdin.
func (f *sqlFile) copy(s *statement) error {
	line := s.tokens[0].line
	at, i := s.tableName(1)
	names, i := s.columns(i)
	rest := s.words(i)
	b := &block{name: show(at.name), line: line}
	if at.schema != "" {
		b.name = show(at.schema) + "." + b.name
	}
	switch {
	case s.punctuation(1, ':'):
		return unapplied(line, "COPY of a variable of psql")
	case s.punctuation(1, '('), strings.HasPrefix(rest, "to "):
		return nil // It writes a file.
	}
	var schema string
	at = f.qualify(at)
	b.table, schema = f.find(at)
	switch {
	case b.table == nil && !strings.Contains(rest, "from stdin"):
		return nil
	case b.table == nil:
		return f.ignore(at, b, names)
	case rest != "from stdin":
		return failf(line, "COPY %s is not in the form that pg_dump writes: COPY %[1]s (columns) FROM stdin;", b.name)
	case f.relations[at].what == "view":
		return unapplied(line, "COPY into the view "+b.name)
	case names == nil:
		return failf(line, "COPY %s does not name its columns", b.name)
	}
	var err error
	if b.layout, err = f.columns.layout(b.table, names); err != nil {
		return failf(line, "COPY %s %s", b.name, err)
	}
	if err := f.scanner.endLine(); err != nil {
		return err
	}
	rows := f.rowFollows()
	if trigger := f.triggered(at); rows && trigger > 0 {
		return unapplied(trigger, "a trigger before INSERT of each row of "+b.name)
	}
	if err := f.claim(b.table, schema, line, rows); err != nil {
		return err
	}
	f.block = b
	return nil
}

// ignore skips the data of a table that is not ours.
func (f *sqlFile) ignore(at qualified, b *block, names []string) error {
	if err := f.scanner.endLine(); err != nil {
		return err
	}
	if f.rowFollows() {
		if err := f.resembles(at, b, names); err != nil {
			return err
		}
	}
	f.block = b
	err := f.skipBlock()
	f.block = nil
	return err
}

// rowFollows reports whether a block whose data begin here has any.
func (f *sqlFile) rowFollows() bool {
	const most = len("\\.\r\n")
	next, _ := f.scanner.in.Peek(most) // reading reports an error
	line, _, _ := bytes.Cut(next, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r"))) != `\.`
}

// remark follows the comments with which pg_dump begins and ends a dump.
func (f *sqlFile) remark(line int, comment string) error {
	comment, ok := strings.CutPrefix(strings.TrimSpace(comment), "PostgreSQL database ")
	if !ok {
		return nil
	}
	switch strings.TrimPrefix(comment, "cluster ") {
	case "dump":
		f.open++
		f.dump = line
	case "dump complete":
		f.open--
	}
	if f.open < 0 {
		return failf(line, `the file is cut off: the comment "PostgreSQL database dump" at its beginning is missing`)
	}
	return nil
}
