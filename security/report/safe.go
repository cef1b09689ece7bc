package report

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible replaces characters that act without being seen: escape sequences,
// other control characters, and those that reorder or hide text. It keeps line
// ends and tabs. Invalid UTF-8 becomes U+FFFD.
func visible(s string) string { return strings.Map(visibleRune, s) }

func visibleRune(r rune) rune {
	const (
		pictures = 0x2400 // plus the code of a control character is its picture
		deleted  = 0x7f
	)
	switch {
	case r == '\n' || r == '\t':
		return r
	case r < ' ':
		return pictures + r
	case r == deleted:
		return '\u2421'
	case r < utf8.RuneSelf:
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point):
		return utf8.RuneError
	default:
		return r
	}
}

// oneLine makes one visible line of s, with single spaces.
func oneLine(s string) string { return visible(strings.Join(strings.Fields(s), " ")) }

// cut returns s, or its start and an ellipsis if it is longer than limit runes.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// link returns address if it is a plain address of a web page, which cannot end
// a link early, else "".
func link(address string) string {
	const refused = "<>()[]{}\"'`\\^| "
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.ContainsAny(address, refused) || address != oneLine(address) {
		return ""
	}
	return address
}
