// Package strictyaml reads the YAML files of the harness. It refuses unknown
// keys, and its errors give the line.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads the one document of r. Unknown and repeated keys are errors. The
// error for a file without a document is io.EOF.
func Load(r io.Reader, into any) error {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return plain(err)
	}
	switch err := decoder.Decode(new(yaml.Node)); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return plain(err)
	default:
		return errors.New("there is more than one document in the file")
	}
}

// LoadNode reads a part of a document just as strictly.
func LoadNode(node *yaml.Node, into any) error {
	if err := node.Load(into, yaml.WithKnownFields()); err != nil {
		return plain(err)
	}
	return nil
}

// unknownKey matches the library's error for a key without a field.
var unknownKey = regexp.MustCompile(`^field (.+) not found in type .+$`)

// goType matches the type of a field in the library's errors.
var goType = regexp.MustCompile(` into (struct|[\w.\[\]]*\b[\w]+\.[\w]+)\b.*`)

// kinds replaces the library's names of YAML types.
var kinds = strings.NewReplacer("cannot construct", "cannot use",
	"!!seq", "a list", "!!map", "a mapping", "!!str", "the text", "!!int", "the number", "!!float", "the number",
	"!!bool", "the truth value", "!!null", "nothing", "!!timestamp", "the day")

// plain puts an error in terms of the file rather than of the program.
func plain(err error) error {
	many, ok := errors.AsType[*yaml.LoadErrors](err)
	if !ok {
		return errors.New(strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: "))
	}
	var parts []string
	for _, one := range many.Errors {
		text := unknownKey.ReplaceAllString(one.Message, "unknown key $1")
		text = goType.ReplaceAllString(text, " here")
		text = kinds.Replace(text)
		parts = append(parts, fmt.Sprintf("line %d: %s", one.Mark.Line, strings.Join(strings.Fields(text), " ")))
	}
	return errors.New(strings.Join(parts, "; "))
}
