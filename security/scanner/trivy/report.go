package scanner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// trivyReport is the part of Trivy's JSON report that is used.
type trivyReport struct {
	SchemaVersion int
	ArtifactType  string
	Metadata      struct {
		DiffIDs []string
		OS      struct {
			Family, Name string
			EOSL         bool
		}
	}
	Results []trivyResult
}

type trivyResult struct {
	Target            string
	Class             string
	Type              string
	Packages          []struct{ Name string }
	Vulnerabilities   []trivyVulnerability
	Misconfigurations []trivyMisconfiguration
	Secrets           []trivySecret
}

type trivyVulnerability struct {
	VulnerabilityID  string
	VendorIDs        []string
	PkgName          string
	PkgPath          string
	InstalledVersion string
	FixedVersion     string
	Severity         string
	Title            string
	PrimaryURL       string
}

type trivyMisconfiguration struct {
	ID, Title, Message, Resolution, Severity, PrimaryURL, Status string
	CauseMetadata                                                struct {
		Resource           string
		StartLine, EndLine int
	}
}

type trivySecret struct {
	RuleID, Severity, Title string
	StartLine, EndLine      int
}

// parseTrivy reads the JSON report of a scan of the kind artifact.
func parseTrivy(out []byte, artifact string) (trivyReport, error) {
	var report trivyReport
	if err := json.Unmarshal(out, &report); err != nil {
		return trivyReport{}, Errorf(BadOutput, "trivy printed %s: %w", describe(out), err)
	}
	const schema = 2
	if report.SchemaVersion != schema || report.ArtifactType != artifact {
		return trivyReport{}, Errorf(BadOutput, "trivy's report has schema %d of a %q, not %d of a %q",
			report.SchemaVersion, report.ArtifactType, schema, artifact)
	}
	for _, result := range report.Results {
		if result.Target == "" || result.Class == "" {
			return trivyReport{}, Errorf(BadOutput, "trivy's report has a result without target or class")
		}
		for _, m := range result.Misconfigurations {
			if m.ID == "" || m.Status == "" {
				return trivyReport{}, Errorf(BadOutput, "trivy's report on %s has a check without id or status", result.Target)
			}
		}
		for _, v := range result.Vulnerabilities {
			if v.VulnerabilityID == "" || v.PkgName == "" {
				return trivyReport{}, Errorf(BadOutput, "trivy's report on %s has a vulnerability without id or package", result.Target)
			}
		}
		for _, s := range result.Secrets {
			if s.RuleID == "" {
				return trivyReport{}, Errorf(BadOutput, "trivy's report on %s has a secret without a rule", result.Target)
			}
		}
	}
	return report, nil
}

// packages counts the packages of all results.
func (r trivyReport) packages() int {
	n := 0
	for _, result := range r.Results {
		n += len(result.Packages)
	}
	return n
}

// trivyLeavesOut are the folders at the root of a tree into which Trivy does not
// look.
var trivyLeavesOut = []string{"dev", "proc", "sys"}

// examined returns the files that Trivy says it looked at. One that it should
// have seen and did not is an error.
func (r trivyReport) examined(t tree.Tree, log trivyLog) (map[string]bool, error) {
	read := map[string]map[string]bool{"lang-pkgs": {}, "dockerfile": {}, "terraform": log.terraform}
	for _, result := range r.Results {
		switch {
		case result.Class == "lang-pkgs":
			read["lang-pkgs"][result.Target] = true
		case result.Type == "dockerfile":
			read["dockerfile"][result.Target] = true
		}
	}
	seen := map[string]bool{}
	for kind, names := range map[string][]string{
		"lang-pkgs": dependencyLists(t), "dockerfile": dockerfiles(t), "terraform": terraformFiles(t),
	} {
		for _, name := range names {
			if !read[kind][name] {
				return nil, Errorf(BadInput, "trivy did not read %s as %s: it is empty, malformed, or in a folder that trivy leaves out", name, kind)
			}
			seen[name] = true
		}
	}
	for _, name := range t.Files {
		if top, _, below := strings.Cut(name, "/"); below && slices.Contains(trivyLeavesOut, top) {
			return nil, Errorf(BadInput, "trivy leaves out the folder %s, where %s is, and cannot be told otherwise; give the folder another name", top, name)
		}
		if log.secrets[name] {
			seen[name] = true
		}
	}
	return seen, nil
}

// findings returns what the report says is wrong. Targets that are none of
// files keep their place as the resource.
func (r trivyReport) findings(gate string, files []string, lines func(file string) []string) []finding.Finding {
	var found []finding.Finding
	for _, result := range r.Results {
		for _, f := range result.findings() {
			f.Witnesses = []finding.Witness{{Gate: gate, Rule: f.Rule}}
			if _, ours := slices.BinarySearch(files, f.File); !ours {
				f.Resource, f.File = cmp.Or(f.Resource, f.File), ""
				f.Line, f.EndLine = 0, 0
			}
			if f.Package != "" && f.File != "" {
				f.Line = packageLine(lines(f.File), f.Package, f.Version)
			}
			found = append(found, f)
		}
	}
	return found
}

func (r trivyResult) findings() []finding.Finding {
	var found []finding.Finding
	for _, v := range r.Vulnerabilities {
		help := "No version without the defect is known. Do without the package, or write a waiver that says why the defect does not matter here."
		if v.FixedVersion != "" {
			help = fmt.Sprintf("Update %s to %s or later.", v.PkgName, v.FixedVersion)
		}
		found = append(found, finding.Finding{
			Rule: v.VulnerabilityID, Aliases: v.VendorIDs, Severity: trivySeverity(v.Severity),
			Message: fmt.Sprintf("%s %s has a known vulnerability: %s", v.PkgName, v.InstalledVersion, cmp.Or(v.Title, "no title was given")),
			Help:    help, URL: v.PrimaryURL, File: cmp.Or(v.PkgPath, r.Target),
			Package: v.PkgName, Version: v.InstalledVersion, Fixed: v.FixedVersion,
		})
	}
	for _, m := range r.Misconfigurations {
		if m.Status == "PASS" {
			continue
		}
		f := finding.Finding{
			Rule: m.ID, Severity: trivySeverity(m.Severity), Message: cmp.Or(m.Message, m.Title), Help: m.Resolution, URL: m.PrimaryURL,
			File: r.Target, Line: m.CauseMetadata.StartLine, EndLine: m.CauseMetadata.EndLine, Resource: m.CauseMetadata.Resource,
		}
		if !strings.HasPrefix(m.ID, "AVD-") {
			f.Aliases = []string{"AVD-" + m.ID} // its name until 2025
		}
		found = append(found, f)
	}
	for _, s := range r.Secrets {
		found = append(found, finding.Finding{
			Rule: s.RuleID, Severity: trivySeverity(s.Severity), Message: "This looks like a secret: " + s.Title + ".",
			Help: "Take it back where it was issued, then remove it from the file and from the history.",
			File: r.Target, Line: s.StartLine, EndLine: s.EndLine, Secret: true,
		})
	}
	return found
}

func trivySeverity(name string) finding.Severity {
	severity, err := finding.ParseSeverity(name)
	if err != nil {
		return finding.Unknown // which counts as high
	}
	return severity
}

// packageLine returns the first line that names the package in its version,
// or 0.
func packageLine(lines []string, name, version string) int {
	for i, line := range lines {
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\"'=@,:;", r) })
		if slices.Contains(words, name) && slices.Contains(words, version) {
			return i + 1
		}
	}
	return 0
}
