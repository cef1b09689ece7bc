package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/gate"
)

// ownColour matches the colour codes of the text.
var ownColour = regexp.MustCompile("\x1b\\[[0-9]+m")

func textOf(t *testing.T, r gate.Report, colour bool) string {
	t.Helper()
	var text bytes.Buffer
	if err := Text(&text, r, colour); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestColourDoesNotChangeTheText(t *testing.T) {
	without, with := textOf(t, sample(), false), textOf(t, sample(), true)
	if strings.Contains(without, "\x1b") {
		t.Error("there is colour in plain text")
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
