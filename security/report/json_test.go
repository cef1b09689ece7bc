package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestJSONReadsBackUnchanged(t *testing.T) {
	var stored bytes.Buffer
	if err := JSON(&stored, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadJSON(&stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the report changed (-want +got):\n%s", diff)
	}
}

func TestReadJSONRefusesOtherDocuments(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":          {"", "EOF"},
		"no JSON":        {"<html>", "invalid character"},
		"other JSON":     {"{}", "has no format"},
		"later format":   {`{"format": 2}`, "run the gates again"},
		"cut off":        {`{"format": 1, "gates": [`, "EOF"},
		"two reports":    {`{"format": 1} {"format": 1}`, "something follows"},
		"wrong severity": {`{"format": 1, "findings": [{"severity": "dreadful"}]}`, "dreadful"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadJSON(strings.NewReader(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one that says %q", err, test.want)
			}
		})
	}
}
