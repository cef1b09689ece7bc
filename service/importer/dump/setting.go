package dump

import (
	"slices"
	"strings"
)

// set follows the settings that matter for reading the data.
func (f *sqlFile) set(s *statement) error {
	i := s.skip(1, "session", "local")
	value := s.skip(i+1, "to")
	if s.punctuation(value, '=') {
		value++
	}
	var values []string
	for ; value < len(s.tokens); value++ {
		if text := s.tokens[value].text; text != "" {
			values = append(values, text)
		}
	}
	return f.setting(s.tokens[0].line, s.word(i), values)
}

// setConfig is set for SELECT set_config('name', 'value', …).
func (f *sqlFile) setConfig(s *statement) error {
	for i := s.index(1, "set_config"); i > 0; i = s.index(i+1, "set_config") {
		const name, value = 2, 4 // after the parenthesis and the comma
		if i+value >= len(s.tokens) {
			return nil
		}
		values := strings.FieldsFunc(s.tokens[i+value].text, func(r rune) bool { return strings.ContainsRune(`, "`, r) })
		if err := f.setting(s.tokens[0].line, strings.ToLower(s.tokens[i+name].text), values); err != nil {
			return err
		}
	}
	return nil
}

// setting follows a setting. Without values it gets its default.
func (f *sqlFile) setting(line int, name string, values []string) error {
	switch name {
	case "search_path", "schema", "all":
		// There is rarely a schema with the name of the user.
		f.searchPath = slices.DeleteFunc(values, func(v string) bool { return v == "$user" || v == "default" })
		if len(f.searchPath) == 0 {
			f.searchPath = []string{defaultSchema}
		}
	case "client_encoding", "names":
		if len(values) > 0 {
			return encoding(line, values[0])
		}
	case "standard_conforming_strings":
		f.scanner.escapes = len(values) > 0 && slices.Contains([]string{"off", "false", "no", "0"}, strings.ToLower(values[0]))
	}
	return nil
}

// encoding refuses an encoding of the file that would have to be converted.
func encoding(line int, name string) error {
	switch strings.ToUpper(name) {
	case "UTF8", "UTF-8", "UNICODE", "SQL_ASCII", "":
		return nil
	}
	return failf(line, "the encoding is %s; dump again with pg_dump --encoding=UTF8", quote([]byte(name)))
}
