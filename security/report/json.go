package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"example.com/rates/security/gate"
)

// Format is the version of the JSON rendering. It changes when a field is
// renamed, removed or given another meaning; fields may be added without.
const Format = 1

// document is report.json: the format, and the fields of gate.Report.
type document struct {
	Format int `json:"format"`
	gate.Report
}

// JSON writes the whole report for ReadJSON. The findings are those of all gates
// together; each gate has only its counts.
func JSON(w io.Writer, r gate.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{Format, r})
}

// ReadJSON reads the output of JSON.
func ReadJSON(r io.Reader) (gate.Report, error) {
	var d document
	decoder := json.NewDecoder(r)
	if err := decoder.Decode(&d); err != nil {
		return gate.Report{}, fmt.Errorf("read the report: %w", err)
	}
	switch {
	case d.Format == 0:
		return gate.Report{}, errors.New("read the report: this is not a report of the gates: it has no format")
	case d.Format != Format:
		return gate.Report{}, fmt.Errorf("read the report: it has format %d, this program reads %d; run the gates again", d.Format, Format)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return gate.Report{}, errors.New("read the report: something follows after its end")
	}
	return d.Report, nil
}
