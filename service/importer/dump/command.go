package dump

import (
	"slices"
	"strings"
)

// harmless are the commands of psql that cannot change what a file stores.
var harmless = strings.Fields("restrict unrestrict echo qecho warn p print timing pset x a t f H C T o out " +
	"unset conninfo errverbose l z d dn dt d+ dt+")

// command reads a command of psql. Outside of quotes a backslash ends it, as the
// end of the line does anywhere.
func (s *scanner) command() error {
	var quote byte
	escaped := false
	return s.while(func(c byte) bool {
		switch {
		case c == '\n' || c == '\\' && quote == 0:
			return false
		case escaped:
			escaped = false
		case c == '\\':
			escaped = quote == '\''
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"' || c == '`'):
			quote = c
		}
		return true
	})
}

// command follows the commands of psql that matter, and doubts a file with one that
// may change the data.
func (f *sqlFile) command(line int, text string) error {
	name, args, _ := strings.Cut(strings.TrimSpace(text), " ")
	args = strings.TrimSpace(args)
	switch variable, _, _ := strings.Cut(args, " "); {
	case strings.Contains(args, "`"), strings.HasPrefix(args, "|"):
		return f.doubtful(unapplied(line, `\`+show(name)+" with a command of the shell"))
	case slices.Contains(harmless, name):
		return nil
	case name == "connect" || name == "c":
		return f.connect(line, database(args))
	case name == "encoding":
		return encoding(line, args)
	case name == "set" && variable == strings.ToUpper(variable) && variable != "AUTOCOMMIT" && variable != "SINGLELINE":
		// A setting of psql. The name of another variable stands for any text.
		return nil
	}
	return f.doubtful(unapplied(line, `\`+show(name)))
}

// doubtful returns err if the file is a dump. Any other text may hold a backslash,
// and is refused for what it is.
func (f *sqlFile) doubtful(err error) error {
	if f.open > 0 || len(f.found) > 0 {
		return err
	}
	if f.doubt == nil {
		f.doubt = err
	}
	return nil
}

// database returns the database that the arguments of \connect name, or "" for the
// same as before.
func database(args string) string {
	args = strings.TrimPrefix(args, "-reuse-previous=on ")
	if _, value, ok := strings.Cut(args, "dbname="); ok {
		args, _, _ = strings.Cut(strings.Trim(value, `"'`), "' ")
		return strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(args)
	}
	name, _, _ := strings.Cut(args, " ")
	if strings.HasPrefix(args, `"`) {
		name, _, _ = strings.Cut(args[1:], `"`)
	}
	return strings.TrimPrefix(name, "-")
}
