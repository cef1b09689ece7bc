package gosec

import (
	"bytes"
	"testing"
)

func FuzzMarks(f *testing.F) {
	f.Add([]byte("package a\n// #nosec\n"))
	f.Add([]byte("package a\n/*\n#nosec\n*/ //nolint"))
	f.Fuzz(func(t *testing.T, content []byte) {
		marks, err := unjustifiedMarks("a.go", content)
		if err != nil {
			return
		}
		for _, m := range marks {
			if lines := bytes.Count(content, []byte("\n")) + 1; m.Line < 1 || m.Line > lines || m.Text == "" {
				t.Errorf("%q on line %d of %d", m.Text, m.Line, lines)
			}
		}
	})
}
