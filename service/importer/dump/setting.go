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
	switch name := s.word(i); {
	case name == "search_path":
		// There is rarely a schema with the name of the user.
		if value < len(s.tokens) && s.tokens[value].text == "$user" {
			value += 2
		}
		f.searchPath = defaultSchema
		if value < len(s.tokens) && s.word(value) != "default" && s.tokens[value].text != "" {
			f.searchPath = s.tokens[value].text
		}
	case (name == "client_encoding" || name == "names") && value < len(s.tokens):
		return encoding(s.tokens[0].line, s.tokens[value].text)
	case name == "standard_conforming_strings" && value < len(s.tokens):
		f.scanner.escapes = slices.Contains([]string{"off", "false", "no", "0"}, s.tokens[value].text)
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
