package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

func markdownOf(t *testing.T, r gate.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := Markdown(&text, r); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestMarkdownBeginsWithTheVerdict(t *testing.T) {
	if text := markdownOf(t, greenSample()); !strings.HasPrefix(text, "## Security gates: green\n") {
		t.Errorf("a green run begins with %.40q", text)
	}
	if text := markdownOf(t, sample()); !strings.HasPrefix(text, "## Security gates: not green\n") {
		t.Errorf("a run that is not green begins with %.40q", text)
	}
}

func TestMarkdownFitsAComment(t *testing.T) {
	r := sample()
	for i := range 300 {
		f := finding.Finding{
			Rule: fmt.Sprint("R", i), Severity: finding.Critical, Message: strings.Repeat("@#", 400), Help: strings.Repeat("long ", 400),
			File: "a.go", Line: i + 1, Witnesses: []finding.Witness{{Gate: "gosec"}}, Fingerprint: fmt.Sprint(i),
		}
		if i%3 == 0 {
			f.Waiver = &finding.Waiver{Reason: f.Help, Owner: "Ada", Expires: "2026-08-20"}
		}
		r.Findings = append(r.Findings, f)
		r.Verdict.Reasons, r.Verdict.Warnings = append(r.Verdict.Reasons, f.Help), append(r.Verdict.Warnings, f.Message)
	}
	text := markdownOf(t, r)
	if len(text) > commentLimit {
		t.Errorf("the comment has %d bytes, GitHub takes %d characters", len(text), commentLimit)
	}
	for _, part := range []string{"### Open findings (203)", "Waived findings (101)", "gosec", "more are left out", "<summary>Evidence (8)"} {
		if !strings.Contains(text, part) {
			t.Errorf("the comment does not say %q", part)
		}
	}
	if opened, closed := strings.Count(text, "<details>"), strings.Count(text, "</details>"); opened != closed {
		t.Errorf("%d folds are opened and %d closed", opened, closed)
	}
}

func TestEscapeMarkdownLeavesNoMarkup(t *testing.T) {
	for text, want := range map[string]string{
		"plain text.":               "plain text.",
		"<script>&amp;":             "&lt;script&gt;&amp;amp;",
		"[click](https://evil.org)": `\[click\](https\://evil.org)`,
		"www.evil.org":              `www\.evil.org`,
		"@admin see #12":            `@&#8203;admin see \#&#8203;12`,
		"a | b\nc":                  `a \| b c`,
		"`code` *bold* _it_ ~no~":   "\\`code\\` \\*bold\\* \\_it\\_ \\~no\\~",
		"- item":                    `\- item`,
		"1. item":                   `1\. item`,
		"\x1b[2J":                   `␛\[2J`,
		"a\u202eb":                  "a\ufffdb",
	} {
		if got := escapeMarkdown(text); got != want {
			t.Errorf("escapeMarkdown(%q) is %q, want %q", text, got, want)
		}
	}
}

func TestCodeSpanCannotBeClosedFromWithin(t *testing.T) {
	for text, want := range map[string]string{
		"":          "",
		"a.go:1":    "`a.go:1`",
		"a`b":       "`` a`b ``",
		"``<b>":     "``` ``<b> ```",
		"two\nline": "`two line`",
	} {
		if got := codeMarkdown(text); got != want {
			t.Errorf("codeMarkdown(%q) is %q, want %q", text, got, want)
		}
	}
}
