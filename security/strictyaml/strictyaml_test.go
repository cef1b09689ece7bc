package strictyaml_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"example.com/rates/security/strictyaml"
)

type shelf struct {
	Name  string      `yaml:"name"`
	Books []yaml.Node `yaml:"books"`
}

type book struct {
	Title string `yaml:"title"`
	Pages int    `yaml:"pages"`
}

// A valid file is read; the error for any other gives the line.
func TestLoad(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"all is known", "name: a\n", ""},
		{"an unknown key", "name: a\ntitle: b\n", "line 2: unknown key title"},
		{"a key twice", "name: a\nname: b\n", `line 2: mapping key "name" already defined at line 1`},
		{"two documents", "name: a\n---\nname: b\n", "there is more than one document in the file"},
		{"a broken second document", "name: a\n---\n[\n", "line 4: did not find expected node content"},
		{"no YAML", "name: [\n", "line 2: did not find expected node content"},
		{"another shape", "- a\n", "line 1: cannot use a list here"},
		{"a scalar for a list", "books: 5\n", "line 1: cannot use the number `5` here"},
		{"nothing", "", "EOF"},
		{"a comment alone", "# nothing\n", "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := strictyaml.Load(strings.NewReader(test.text), new(shelf)); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// A part is read as strictly as the whole, with the lines of the file.
func TestLoadNode(t *testing.T) {
	var s shelf
	err := strictyaml.Load(strings.NewReader("name: a\nbooks:\n- title: x\n  pages: 3\n- title: y\n  pagse: 4\n- 5\n"), &s)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"", "line 6: unknown key pagse", "line 7: cannot use the number `5` here"}
	for i := range s.Books {
		got := ""
		if err := strictyaml.LoadNode(&s.Books[i], new(book)); err != nil {
			got = err.Error()
		}
		if got != want[i] {
			t.Errorf("part %d: error %q, want %q", i, got, want[i])
		}
	}
}

// A file without a document differs from a wrong one.
func TestLoadNothing(t *testing.T) {
	if err := strictyaml.Load(strings.NewReader("\n"), new(shelf)); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF", err)
	}
}
