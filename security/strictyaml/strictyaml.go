// Package strictyaml reads the YAML files of the harness: what is not known is
// refused, and what is wrong is named by its line.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads the one document of r. Keys that into does not have, and keys
// that stand there twice, are refused. A file without a document is io.EOF.
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

// LoadNode reads a part of a document as strictly.
func LoadNode(node *yaml.Node, into any) error {
	if err := node.Load(into, yaml.WithKnownFields()); err != nil {
		return plain(err)
	}
	return nil
}

// unknownKey is how the library says that a struct has no such field.
var unknownKey = regexp.MustCompile(`^field (.+) not found in type .+$`)

// goType is how the library names the type of a field.
var goType = regexp.MustCompile(` into (struct|[\w.\[\]]*\b[\w]+\.[\w]+)\b.*`)

// kinds are the names of the library for what stands in a file, and ours.
var kinds = strings.NewReplacer("cannot construct", "cannot use",
	"!!seq", "a list", "!!map", "a mapping", "!!str", "the text", "!!int", "the number", "!!float", "the number",
	"!!bool", "the truth value", "!!null", "nothing", "!!timestamp", "the day")

// plain says what is wrong in words of the file, not of the program.
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
