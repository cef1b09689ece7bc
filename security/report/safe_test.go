package report

import "testing"

func TestLinkAllowsOnlyPlainWebPages(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://pkg.go.dev/vuln/GO-2026-1234":      true,
		"http://example.org:8080/a?b=c&d=e#f":       true,
		"":                                          false,
		"javascript:alert(1)":                       false,
		"javascript://example.org/%0aalert(1)":      false,
		"data:text/html,x":                          false,
		"file:///etc/passwd":                        false,
		"/relative":                                 false,
		"//example.org/x":                           false,
		"https://user:password@example.org/":        false,
		"https://example.org/)[x](https://evil.org": false,
		"https://example.org/\"><b>":                false,
		"https://example.org/\u202e":                false,
		"https://example.org/ x":                    false,
		"https://exa\nmple.org/":                    false,
	} {
		if got := link(address) != ""; got != ok {
			t.Errorf("link(%q) leads somewhere: %v, want %v", address, got, ok)
		}
	}
}

func TestVisibleReplacesUnseenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"plain, übergröße, 港": "plain, übergröße, 港",
		"a\tb\nc":             "a\tb\nc",
		"\x1b[31m\x00\r\x7f":  "␛[31m␀␍␡",
		"\u009b":              "\ufffd",
		"\u202e\u200b\ufeff":  "\ufffd\ufffd\ufffd",
		"\xff":                "\ufffd",
	} {
		if got := visible(text); got != want {
			t.Errorf("visible(%q) is %q, want %q", text, got, want)
		}
	}
}
