package dump

// target follows the name of a table that a statement writes to, or that a view
// shows.
type target struct {
	verb  string    // before the name, or "" if no name is read
	at    qualified // as far as it is read
	named bool      // the name may end here
}

// shows is the verb of a view: any name after it may be a table.
const shows = "AS"

// follow finds the tables that a statement writes to, wherever it names them: after
// WITH, or in COPY (…), they may come late.
func (f *sqlFile) follow(kind byte, text []byte) {
	s := &f.stmt
	t := &s.target
	if kind == '(' && f.routines[string(s.last)] {
		s.call = string(s.last)
	}
	if t.named && kind == '.' {
		t.named = false
		return
	}
	if t.named {
		f.named(t)
	}
	switch {
	case t.verb == "":
		t.verb = s.verb(kind, text)
	case t.at.name == "" && s.isBeforeName(kind, text):
	case kind == word || kind == quoted:
		*t = target{t.verb, qualified{t.at.name, string(text)}, true}
	case t.verb == shows:
		t.at = qualified{}
	default:
		if kind == ':' && s.write == "" {
			s.write = t.verb + " a variable of psql"
		}
		t.verb = ""
	}
}

// named judges a whole name, and makes t ready for what follows it.
func (f *sqlFile) named(t *target) {
	s := &f.stmt
	switch {
	case t.verb == shows && len(s.over) == 0:
		if table, schema := f.find(f.qualify(t.at)); table != nil {
			s.over = []qualified{{schema, table.kind.String()}}
		}
	case t.verb != shows && s.write == "" && f.writes(t):
		s.write = t.verb + " " + show(t.at.name)
	}
	verb := ""
	if t.verb == shows || t.verb == "TRUNCATE" {
		verb = t.verb
	}
	*t = target{verb: verb}
}

// verb returns what is done to the table whose name follows a token, or "".
func (s *statement) verb(kind byte, text []byte) string {
	if kind != word {
		return ""
	}
	last := string(s.last)
	switch string(text) {
	case "into":
		switch last {
		case "insert":
			return "INSERT INTO"
		case "merge":
			return "MERGE INTO"
		}
		return "SELECT INTO"
	case "from":
		if last == "delete" {
			return "DELETE FROM"
		}
	case "update":
		return "UPDATE"
	case "truncate":
		if len(s.tokens) == 0 {
			return "TRUNCATE"
		}
	case "as":
		if object, _ := s.creates(); object == "view" {
			return shows
		}
	}
	return ""
}

// isBeforeName reports whether a token may stand between a verb and the name.
func (s *statement) isBeforeName(kind byte, text []byte) bool {
	switch kind {
	case '(':
		return string(s.last) == "only"
	case ',', '*':
		return s.target.verb == "TRUNCATE"
	case word:
		switch string(text) {
		case "only", "table", "temp", "temporary", "local", "global", "unlogged":
			return true
		}
	}
	return false
}

// writes reports whether a statement that writes to t changes our rows. What takes
// rows away is done before there are any in a dump made with --clean.
func (f *sqlFile) writes(t *target) bool {
	switch object, _ := f.stmt.creates(); object {
	case "function", "procedure", "rule":
		return false // They are not executed.
	}
	switch t.verb {
	case "DELETE FROM", "UPDATE", "TRUNCATE":
		if !f.stmt.is("prepare") {
			return f.concerns(t.at)
		}
	}
	table, _ := f.find(f.qualify(t.at))
	return table != nil
}

// concerns reports whether a table holds rows of ours that the file has given: it is
// one of our tables, or a part of one, or one is a part of it.
func (f *sqlFile) concerns(name qualified) bool {
	at := f.qualify(name)
	for kind, here := range f.found {
		if !here.rows || here.database != f.database {
			continue
		}
		table, schema := f.find(at)
		if table != nil && table.kind == kind && (schema == here.schema || name.schema == "") {
			return true
		}
		for _, whole := range f.ancestors(qualified{here.schema, kind.String()}) {
			if whole == at {
				return true
			}
		}
	}
	return false
}
