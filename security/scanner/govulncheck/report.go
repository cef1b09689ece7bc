package govulncheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"example.com/rates/security/scanner"
)

// endMessage follows the last message of govulncheck.
const endMessage = `{"end":true}`

// report joins the messages of a run.
type report struct {
	config   config
	sbom     sbom
	osvs     map[string]osvEntry // by id
	findings []osvFinding
}

type config struct {
	ProtocolVersion string    `json:"protocol_version"`
	ScannerVersion  string    `json:"scanner_version"`
	DB              string    `json:"db"`
	DBLastModified  time.Time `json:"db_last_modified"`
	ScanLevel       string    `json:"scan_level"`
	ScanMode        string    `json:"scan_mode"`
}

type sbom struct {
	GoVersion string                  `json:"go_version"`
	Modules   []struct{ Path string } `json:"modules"`
	Roots     []string                `json:"roots"` // the packages that were examined
}

type osvEntry struct {
	ID       string   `json:"id"`
	Aliases  []string `json:"aliases"`
	Summary  string   `json:"summary"`
	Severity []struct {
		Score string `json:"score"` // a vector of CVSS
	} `json:"severity"`
	Specific struct {
		URL string `json:"url"`
	} `json:"database_specific"`
}

// osvFinding is a vulnerability at one of three depths. The trace leads from
// the vulnerable module to our code; its first frame has a package only if that
// is imported, and a function only if that is called.
type osvFinding struct {
	OSV   string  `json:"osv"`
	Fixed string  `json:"fixed_version"`
	Trace []frame `json:"trace"`
}

type frame struct {
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

// message is one of the messages that make up the output. It has one of the
// fields.
type message struct {
	Config   *config     `json:"config"`
	SBOM     *sbom       `json:"SBOM"`
	OSV      *osvEntry   `json:"osv"`
	Finding  *osvFinding `json:"finding"`
	Progress *struct{}   `json:"progress"`
	End      bool        `json:"end"`
}

// parse reads the messages of a run in a mode, up to endMessage.
func parse(out []byte, mode string) (report, error) {
	r, err := messages(out)
	if err != nil {
		return report{}, err
	}
	return r, r.sound(mode)
}

// messages reads the messages of a run, up to endMessage.
func messages(out []byte) (report, error) {
	r := report{osvs: map[string]osvEntry{}}
	decoder := json.NewDecoder(bytes.NewReader(out))
	ended := false
	for n := 0; ; n++ {
		var m message
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) && ended {
			return r, nil
		}
		if err != nil || ended {
			return report{}, scanner.Errorf(scanner.BadOutput, "govulncheck printed %d messages, and then something other than the end marker (%v)", n, err)
		}
		switch {
		case m.Config != nil && n == 0:
			r.config = *m.Config
		case m.SBOM != nil && r.sbom.Modules == nil:
			r.sbom = *m.SBOM
		case m.OSV != nil && m.OSV.ID != "":
			r.osvs[m.OSV.ID] = *m.OSV
		case m.Finding != nil && len(m.Finding.Trace) > 0 && r.osvs[m.Finding.OSV].ID != "":
			r.findings = append(r.findings, *m.Finding)
		case m.Progress != nil:
		case m.End:
			ended = true
		default:
			return report{}, scanner.Errorf(scanner.BadOutput, "message %d of govulncheck is of an unknown kind, or out of order", n+1)
		}
	}
}

// sound returns an error unless the run was of the mode, at the level of
// symbols, and had a database.
func (r report) sound(mode string) error {
	const protocol, level = "v1.0.0", "symbol"
	c := r.config
	switch {
	case c.ProtocolVersion != protocol || c.ScanMode != mode || c.ScanLevel != level || c.ScannerVersion == "":
		return scanner.Errorf(scanner.BadOutput, "govulncheck uses protocol %q and examined a %q by %q, not %q, a %q by %q",
			c.ProtocolVersion, c.ScanMode, c.ScanLevel, protocol, mode, level)
	case c.DBLastModified.IsZero():
		return scanner.Errorf(scanner.DatabaseMissing, "the Go vulnerability database at %q does not say how old it is; set GOVULNDB to the URL of a whole one", c.DB)
	case len(r.sbom.Roots) == 0 || len(r.sbom.Modules) == 0:
		return scanner.Errorf(scanner.NothingExamined, "govulncheck found no packages")
	case r.sbom.GoVersion == "":
		return scanner.Errorf(scanner.BadOutput, "govulncheck does not know which version of Go is used")
	case len(r.osvs) == 0:
		// Every program uses the standard library, which has hundreds of
		// vulnerabilities.
		return scanner.Errorf(scanner.DatabaseMissing, "the Go vulnerability database at %q is empty; set GOVULNDB to the URL of a whole one", c.DB)
	}
	return nil
}
