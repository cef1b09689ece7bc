package dump

import "testing"

// A file with more port codes than are kept is still read.
func TestRememberedCodesAreBounded(t *testing.T) {
	p := newParser()
	code := []byte("AAAAA")
	for range maxCodes + 1000 {
		if got, err := p.code(code); err != nil || got != string(code) {
			t.Fatalf("code %s is read as %q, %v", code, got, err)
		}
		for i := len(code) - 1; ; i-- {
			if code[i]++; code[i] <= 'Z' {
				break
			}
			code[i] = 'A'
		}
	}
	if len(p.codes) != maxCodes {
		t.Errorf("%d codes are remembered, want %d", len(p.codes), maxCodes)
	}
}
