package httpapi

import (
	"slices"
	"strings"
	"testing"
)

// A list is split at commas outside of quoted strings; whitespace around elements
// and empty elements do not count.
func TestElements(t *testing.T) {
	for _, c := range []struct {
		backslash byte
		lines     []string
		want      []string
	}{
		{escapes, nil, nil},
		{escapes, []string{"", " ", "\t"}, nil},
		{escapes, []string{",,,", " , ,\t,"}, nil},
		{escapes, []string{"a"}, []string{"a"}},
		{escapes, []string{",a,, b ,\tc\t,"}, []string{"a", "b", "c"}},
		{escapes, []string{"a,b", "c"}, []string{"a", "b", "c"}},
		{escapes, []string{`a;x="1,2", b`}, []string{`a;x="1,2"`, "b"}},
		{escapes, []string{`a;x="\",", b`}, []string{`a;x="\","`, "b"}},
		{escapes, []string{`a;x="\\", b`}, []string{`a;x="\\"`, "b"}},
		{escapes, []string{`a\",b`}, []string{`a\",b`}},
		{escapes, []string{`a;x="1, b`, "c"}, []string{`a;x="1, b`, "c"}},
		{escapes, []string{`"\`}, []string{`"\`}},
		{literal, []string{`"a\", "b"`}, []string{`"a\"`, `"b"`}},
		{literal, []string{`W/"a,b", "c"`}, []string{`W/"a,b"`, `"c"`}},
	} {
		if got := slices.Collect(elements(c.lines, c.backslash)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}

// Whatever a header holds, its elements are the text between the commas outside of
// quoted strings, each of which is an element by itself.
func FuzzElements(f *testing.F) {
	for _, line := range []string{"", ",,", "a, b", `"a,b"`, `a;x="\",",b`, `"\`, `\"a,b`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, backslash := range []byte{escapes, literal} {
			list := slices.Collect(elements([]string{line}, backslash))
			for _, element := range list {
				if again := slices.Collect(elements([]string{element}, backslash)); !slices.Equal(again, []string{element}) {
					t.Fatalf("%q has the element %q, which is split into %q", line, element, again)
				}
			}
			if !strings.Contains(line, `"`) && len(list) > strings.Count(line, ",")+1 {
				t.Fatalf("%q has %d elements", line, len(list))
			}
			if strings.NewReplacer(",", "", " ", "", "\t", "").Replace(strings.Join(list, "")) !=
				strings.NewReplacer(",", "", " ", "", "\t", "").Replace(line) {
				t.Fatalf("%q loses text: %q", line, list)
			}
		}
	})
}
