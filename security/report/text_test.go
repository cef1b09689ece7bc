package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/gate"
)

// ownColour matches the colour codes that the text writes itself.
var ownColour = regexp.MustCompile("\x1b\\[[0-9]+m")

func textOf(t *testing.T, r gate.Report, options TextOptions) string {
	t.Helper()
	var text bytes.Buffer
	if err := Text(&text, r, options); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTextOfTheSampleIsAsReviewed(t *testing.T) {
	for _, width := range []int{80, 120} {
		golden(t, fmt.Sprintf("text-%d.txt", width), []byte(textOf(t, sample(), TextOptions{Width: width})))
	}
	golden(t, "text-green.txt", []byte(textOf(t, greenSample(), TextOptions{})))
}

func TestTextFitsItsWidth(t *testing.T) {
	r := sample()
	r.Gates[0].Gate = strings.Repeat("a-gate-with-a-long-name", 4)
	r.Findings[0].Message = strings.Repeat("word", 100) + " and more"
	for width := narrowest; width <= widest; width++ {
		for line := range strings.Lines(textOf(t, r, TextOptions{Width: width})) {
			if got := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); got > width {
				t.Fatalf("at width %d there is a line of %d: %s", width, got, line)
			}
		}
	}
}

func TestTextHasColourOnlyWhenAskedForAndSaysTheSameWithoutIt(t *testing.T) {
	without, with := textOf(t, sample(), TextOptions{}), textOf(t, sample(), TextOptions{Colour: true})
	if strings.Contains(without, "\x1b") {
		t.Error("there is colour that nobody asked for")
	}
	if with == without {
		t.Error("there is no colour")
	}
	stripped := ownColour.ReplaceAllString(with, "")
	trailing := regexp.MustCompile(" +\n").ReplaceAllString(stripped, "\n")
	if diff := cmp.Diff(without, trailing); diff != "" {
		t.Errorf("colour changes the words (-without +with):\n%s", diff)
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two", 10, []string{"one two"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"ab abcdefghij", 4, []string{"ab", "abcd", "efgh", "ij"}},
		{"first\n  second", 20, []string{"first", "second"}},
		{"übergröße", 5, []string{"überg", "röße"}},
	} {
		if diff := cmp.Diff(test.want, wrap(test.text, test.width)); diff != "" {
			t.Errorf("wrap(%q, %d) differs (-want +got):\n%s", test.text, test.width, diff)
		}
	}
}
