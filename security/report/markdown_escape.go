package report

import "strings"

// unseen is a zero-width space, as an entity. After an @ or # it keeps GitHub
// from mentioning a user or linking an issue, which a backslash does not.
const unseen = "&#8203;"

// escapeMarkdown makes s one line of Markdown that shows s: without markup, HTML,
// automatic links and mentions.
func escapeMarkdown(s string) string {
	var b strings.Builder
	line := oneLine(s)
	for i, r := range line {
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
		case strings.ContainsRune("\\`*_[]|~$", r),
			strings.ContainsRune("-+=", r) && i == 0,                    // a list or a heading
			strings.ContainsRune(".)", r) && isNumber(line[:i]),         // a list
			strings.HasPrefix(line[i:], "://"),                          // an address
			r == '.' && i >= 3 && strings.EqualFold(line[i-3:i], "www"): // another
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// codeMarkdown makes s a code span. It is not for tables.
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
