package scanner

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// govulncheckEnd is the message that stands after all of govulncheck's own.
const govulncheckEnd = `{"end":true}`

// govulncheckReport is what the messages of a run say together.
type govulncheckReport struct {
	config   govulncheckConfig
	sbom     govulncheckSBOM
	osvs     map[string]govulncheckOSV // by id
	findings []govulncheckFinding
}

type govulncheckConfig struct {
	ProtocolVersion string    `json:"protocol_version"`
	ScannerVersion  string    `json:"scanner_version"`
	DB              string    `json:"db"`
	DBLastModified  time.Time `json:"db_last_modified"`
	ScanLevel       string    `json:"scan_level"`
	ScanMode        string    `json:"scan_mode"`
}

type govulncheckSBOM struct {
	GoVersion string                  `json:"go_version"`
	Modules   []struct{ Path string } `json:"modules"`
	Roots     []string                `json:"roots"` // the packages that were examined
}

type govulncheckOSV struct {
	ID       string   `json:"id"`
	Aliases  []string `json:"aliases"`
	Summary  string   `json:"summary"`
	Specific struct {
		URL string `json:"url"`
	} `json:"database_specific"`
}

// govulncheckFinding is a vulnerability at one of three depths. The trace
// leads from what is vulnerable to our code; its first frame has a package
// only if that is imported, and a function only if that is called.
type govulncheckFinding struct {
	OSV   string             `json:"osv"`
	Fixed string             `json:"fixed_version"`
	Trace []govulncheckFrame `json:"trace"`
}

type govulncheckFrame struct {
	Module   string `json:"module"`
	Version  string `json:"version"`
	Package  string `json:"package"`
	Function string `json:"function"`
	Receiver string `json:"receiver"`
	Position *struct {
		Filename string `json:"filename"` // as seen from the module's folder
		Line     int    `json:"line"`
	} `json:"position"`
}

// govulncheckMessage is one of the messages that make up the output. Each has
// one of the fields.
type govulncheckMessage struct {
	Config   *govulncheckConfig  `json:"config"`
	SBOM     *govulncheckSBOM    `json:"SBOM"`
	OSV      *govulncheckOSV     `json:"osv"`
	Finding  *govulncheckFinding `json:"finding"`
	Progress *struct{}           `json:"progress"`
	End      bool                `json:"end"`
}

// parseGovulncheck reads the messages of a run in a mode, to the one that says
// that there are no more.
func parseGovulncheck(out []byte, mode string) (govulncheckReport, error) {
	report := govulncheckReport{osvs: map[string]govulncheckOSV{}}
	messages := json.NewDecoder(bytes.NewReader(out))
	ended := false
	for n := 0; ; n++ {
		var m govulncheckMessage
		err := messages.Decode(&m)
		if errors.Is(err, io.EOF) && ended {
			return report, report.sound(mode)
		}
		if err != nil || ended {
			return govulncheckReport{}, Errorf(BadOutput, "govulncheck printed %d messages, and then something else than their end (%v)", n, err)
		}
		switch {
		case m.Config != nil && n == 0:
			report.config = *m.Config
		case m.SBOM != nil && report.sbom.Modules == nil:
			report.sbom = *m.SBOM
		case m.OSV != nil && m.OSV.ID != "":
			report.osvs[m.OSV.ID] = *m.OSV
		case m.Finding != nil && len(m.Finding.Trace) > 0 && report.osvs[m.Finding.OSV].ID != "":
			report.findings = append(report.findings, *m.Finding)
		case m.Progress != nil:
		case m.End:
			ended = true
		default:
			return govulncheckReport{}, Errorf(BadOutput, "message %d of govulncheck is of no known kind, or out of its place", n+1)
		}
	}
}

// sound returns an error unless the run was of the mode, as deep as it goes,
// and had a database.
func (r govulncheckReport) sound(mode string) error {
	const protocol, level = "v1.0.0", "symbol"
	c := r.config
	switch {
	case c.ProtocolVersion != protocol || c.ScanMode != mode || c.ScanLevel != level || c.ScannerVersion == "":
		return Errorf(BadOutput, "govulncheck speaks protocol %q and examined a %q by %q, not %q, a %q by %q",
			c.ProtocolVersion, c.ScanMode, c.ScanLevel, protocol, mode, level)
	case c.DBLastModified.IsZero():
		return Errorf(DatabaseMissing, "the Go vulnerability database at %q does not say how old it is; set GOVULNDB to the URL of a whole one", c.DB)
	case len(r.sbom.Roots) == 0 || len(r.sbom.Modules) == 0:
		return Errorf(NothingExamined, "govulncheck found no packages")
	case r.sbom.GoVersion == "":
		return Errorf(BadOutput, "govulncheck does not know which version of Go is used")
	case len(r.osvs) == 0:
		// Every program uses the standard library, of which there are hundreds.
		return Errorf(DatabaseMissing, "the Go vulnerability database at %q is empty; set GOVULNDB to the URL of a whole one", c.DB)
	}
	return nil
}
