package report

import (
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/gate"
)

// What a run did not see comes before anything that looks like a result, also on a
// green page.
func TestWhatWasNotSeenComesFirst(t *testing.T) {
	green := greenSample()
	green.Verdict.Unseen = []string{"trivy: the database is 97 days old", "zap was skipped: no Docker"}
	green.Gates[0].Outcome.Notes = []string{"an ordinary note"}
	for _, r := range []gate.Report{green, sample()} {
		for name, text := range map[string]string{
			"text": textOf(t, r, false), "Markdown": rendered(t, Markdown, r), "HTML": body(rendered(t, HTML, r)),
		} {
			title := strings.Index(text, unseenTitle+" (2)")
			gates := strings.Index(text, r.Gates[0].Gate)
			if title < 0 || gates < title {
				t.Errorf("%s: the section is at %d, the first gate at %d:\n%s", name, title, gates, text)
			}
			for _, unseen := range r.Verdict.Unseen {
				if plain := strings.ReplaceAll(text, "\\", ""); !strings.Contains(plain, unseen) {
					t.Errorf("%s does not name %q", name, unseen)
				}
			}
			if !strings.Contains(text, "2 things not seen") {
				t.Errorf("%s: the verdict does not count them", name)
			}
		}
	}
	read, err := ReadJSON(strings.NewReader(rendered(t, JSON, green)))
	if err != nil || !slices.Equal(read.Verdict.Unseen, green.Verdict.Unseen) {
		t.Errorf("JSON has %q, error %v", read.Verdict.Unseen, err)
	}
}

// body returns what follows the list of sections.
func body(page string) string {
	head, after, _ := strings.Cut(page, "<nav")
	_, main, _ := strings.Cut(after, "</nav>")
	_, header, _ := strings.Cut(head, "<header")
	return header + main
}

// A page without anything unseen has no such section.
func TestNothingUnseen(t *testing.T) {
	for _, text := range []string{textOf(t, greenSample(), false), rendered(t, Markdown, greenSample()), rendered(t, HTML, greenSample())} {
		if strings.Contains(text, unseenTitle) || strings.Contains(text, "not seen") {
			t.Errorf("the report has a section without content:\n%s", text)
		}
	}
}
