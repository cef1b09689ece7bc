package report

import (
	"strings"
	"unicode"
)

// unseen is a zero-width space, as an entity. After an @ or # it keeps GitHub
// from mentioning somebody or linking an issue, which backslashes do not.
const unseen = "&#8203;"

// escapeMarkdown makes s one line of Markdown that shows s: no markup, no HTML,
// no link that GitHub makes by itself, nobody who is mentioned.
func escapeMarkdown(s string) string {
	var b strings.Builder
	var before rune
	for _, r := range oneLine(s) {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '@':
			b.WriteString("@" + unseen)
		case r == '#':
			b.WriteString(`\#` + unseen)
		case strings.ContainsRune("\\`*_[]|~$", r), // anywhere
			strings.ContainsRune("-+=", r) && before == 0,                                  // a list or a heading
			strings.ContainsRune(".)", r) && (unicode.IsDigit(before) || before|32 == 'w'), // a list; www.
			r == ':': // an address
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// codeMarkdown makes s a code span, not for use in tables.
func codeMarkdown(s string) string {
	s = oneLine(s)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
