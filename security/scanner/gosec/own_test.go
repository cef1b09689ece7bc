package gosec

import (
	"bytes"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// An analysis that did not read everything proves nothing.
func TestAnalysisIsRefused(t *testing.T) {
	whole := scannertest.Read(t, "gosec/defect/analyze.stdout")
	at := scannertest.Tree(t, "gosec/defect")
	at.Dir = "/@TREE@"
	for name, test := range map[string]struct {
		out  []byte
		want scanner.Kind
	}{
		"nothing":             {nil, scanner.BadOutput},
		"no report":           {[]byte("{}"), scanner.BadOutput},
		"half":                {whole[:len(whole)/2], scanner.BadOutput},
		"another file":        {bytes.ReplaceAll(whole, []byte("store.go"), []byte("other.go")), scanner.BadInput},
		"code with a mistake": {bytes.ReplaceAll(whole, []byte(`"problems":[]`), []byte(`"problems":["store.go:1: no"]`)), scanner.BadInput},
		"no line":             {bytes.ReplaceAll(whole, []byte(`"line":8`), []byte(`"line":0`)), scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readAnalysis(test.out, at, []string{"store.go"})
			scannertest.WantKind(t, err, test.want)
		})
	}
	if r, err := readAnalysis(whole, at, []string{"store.go"}); err != nil || len(r.Issues) != 1 {
		t.Errorf("the whole report: %v with %d issues", err, len(r.Issues))
	}
}
