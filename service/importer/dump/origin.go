package dump

// origin is where a file has given a table of ours.
type origin struct {
	schema   string
	database string // named by \connect; "" before it
	dump     int    // the line on which its dump begins
	rows     bool   // not only a COPY without rows
}

// claim refuses a table that the file has twice, which would be mixed.
func (f *sqlFile) claim(t *table, schema string, line int, rows bool) error {
	if f.doubt != nil {
		return f.doubt
	}
	here := origin{schema, f.database, f.dump, rows}
	old, ok := f.found[t.kind]
	if ok && old.database == here.database && old.schema != schema {
		return failf(line, "%s is in two schemas, %s and %s; dump one of them with pg_dump --schema",
			t.kind, quote([]byte(old.schema)), quote([]byte(schema)))
	}
	if !rows {
		if !old.rows {
			f.found[t.kind] = here
		}
		return nil
	}
	switch {
	case !old.rows:
	case old.database != here.database:
		return failf(line, "%s has rows in two databases, %s and %s; import one of them, made with pg_dump DATABASE > NEW.sql",
			t.kind, describe(old.database), describe(here.database))
	case old.dump != here.dump:
		return failf(line, "%s has rows in two dumps, which begin on lines %d and %d; "+
			"import one of them, or each as a file of its own", t.kind, max(1, old.dump), here.dump)
	}
	f.tx.rows = f.tx.rows || f.tx.begin > 0
	f.found[t.kind] = here
	return nil
}

func describe(database string) string {
	if database == "" {
		return "the first"
	}
	return quote([]byte(database))
}

// connect follows \connect to a database, or to the same if it names none.
func (f *sqlFile) connect(line int, database string) error {
	if err := f.uncommitted(); err != nil {
		return err
	}
	f.tx = transaction{}
	if database == "" || database == f.database {
		return nil
	}
	if f.hasRows() {
		if err := f.unrelated(); err != nil {
			return err
		}
	}
	clear(f.relations)
	clear(f.triggers)
	f.database, f.dump, f.searchPath = database, line, []string{defaultSchema}
	return nil
}
