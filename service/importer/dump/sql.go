package dump

import (
	"bufio"
	"io"
	"strings"
)

// sqlFile reads a plain pg_dump file.
type sqlFile struct {
	scanner    scanner
	stmt       statement
	block      *block // the current COPY block, or nil
	columns    columns
	unescaped  []byte // reused for the fields of a row with escapes
	short      []byte // reused for lines longer than the buffer
	parser     parser
	searchPath string          // the schema of names without one
	schemas    map[Kind]string // of the tables found
	open       int             // dumps that have begun and not ended

	partitions map[qualified]qualified // partition to table
	unclaimed  *block                  // ignored, though it has the columns of prices
}

func newSQLFile(in *bufio.Reader) *sqlFile {
	return &sqlFile{
		scanner: scanner{in: in, line: 1},
		columns: newColumns(),
		parser:  newParser(),
		schemas: make(map[Kind]string),

		partitions: make(map[qualified]qualified),
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
		case err != nil && f.scanner.ended && f.open == 0 && len(f.schemas) == 0:
			// Text that is not a dump may end anywhere.
			return f.end()
		case err != nil:
			return err
		case s == nil:
			return f.end()
		}
		switch {
		case s.is("copy"):
			err = f.copy(s)
		case s.is("insert", "into"):
			err = f.insert(s)
		case s.is("alter", "table"):
			err = f.alter(s)
		case s.is("set"):
			err = f.set(s)
		}
		if err != nil || f.block != nil {
			return err
		}
	}
}

// end returns io.EOF if the file may end here.
func (f *sqlFile) end() error {
	switch {
	case f.open > 0:
		return failf(f.scanner.line, `the file is cut off: the comment "… dump complete" at its end is missing`)
	case f.refuseUnclaimed() != nil:
		return f.refuseUnclaimed()
	case len(f.schemas) == 0:
		return failf(0, "holds no regions, ports or prices; %s", accepted)
	}
	return io.EOF
}

// copy begins a block if s is COPY … FROM stdin.
func (f *sqlFile) copy(s *statement) error {
	line := s.tokens[0].line
	schema, name, i := s.tableName(1)
	names, i := s.columns(i)
	rest := s.words(i)
	b := &block{name: show(name), line: line}
	if schema != "" {
		b.name = show(schema) + "." + b.name
	}
	b.table, schema = f.find(schema, name)
	if b.table == nil {
		if !strings.Contains(rest, "from stdin") {
			return nil
		}
		f.resembles(b, names)
		return f.skip(b)
	}
	switch {
	case !strings.Contains(rest, "from"):
		return nil
	case rest != "from stdin":
		return failf(line, "COPY %s is not in the form that pg_dump writes: COPY %[1]s (columns) FROM stdin;", b.name)
	case names == nil:
		return failf(line, "COPY %s does not name its columns", b.name)
	}
	if err := f.claim(b.table, schema, line); err != nil {
		return err
	}
	var err error
	if b.layout, err = f.columns.layout(b.table, names); err != nil {
		return failf(line, "COPY %s %s", b.name, err)
	}
	f.block = b
	return f.scanner.skipLine()
}

// skip skips the data of a table that is not ours.
func (f *sqlFile) skip(b *block) error {
	if err := f.scanner.skipLine(); err != nil {
		return err
	}
	f.block = b
	err := f.skipBlock()
	f.block = nil
	return err
}

// claim refuses a table that the file has in two schemas, which would be mixed.
func (f *sqlFile) claim(t *table, schema string, line int) error {
	if first, ok := f.schemas[t.kind]; ok && first != schema {
		return failf(line, "%s is in two schemas, %s and %s; dump one of them with pg_dump --schema",
			t.kind, quote([]byte(first)), quote([]byte(schema)))
	}
	f.schemas[t.kind] = schema
	return nil
}

// insert refuses INSERT INTO one of our tables, rather than lose its rows.
func (f *sqlFile) insert(s *statement) error {
	if _, name, _ := s.tableName(2); tableNamed(name) != nil {
		return failf(s.tokens[0].line, "%s is filled by INSERT statements; dump again without pg_dump --inserts", name)
	}
	return nil
}

// set follows the settings that matter for reading the data.
func (f *sqlFile) set(s *statement) error {
	if len(s.tokens) < 4 {
		return nil
	}
	value := s.tokens[3].text
	switch {
	case s.is("set", "search_path"):
		f.searchPath = value
	case s.is("set", "client_encoding"):
		switch strings.ToUpper(value) {
		case "UTF8", "UTF-8", "UNICODE", "SQL_ASCII":
		default:
			return failf(s.tokens[0].line, "the encoding is %s; dump again with pg_dump --encoding=UTF8", quote([]byte(value)))
		}
	}
	return nil
}

// remark follows the comments with which pg_dump begins and ends a dump.
func (f *sqlFile) remark(comment string) error {
	comment, ok := strings.CutPrefix(strings.TrimSpace(comment), "PostgreSQL database ")
	if !ok {
		return nil
	}
	switch strings.TrimPrefix(comment, "cluster ") {
	case "dump":
		f.open++
	case "dump complete":
		f.open--
	}
	if f.open < 0 {
		return failf(f.scanner.from, `the file is cut off: the comment "PostgreSQL database dump" at its beginning is missing`)
	}
	return nil
}
