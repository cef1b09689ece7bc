package trivy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// report is the part of Trivy's JSON report that is used.
type report struct {
	SchemaVersion int
	ArtifactType  string
	Metadata      struct {
		DiffIDs []string
		OS      struct {
			Family, Name string
			EOSL         bool
		}
	}
	Results []result
}

type result struct {
	Target            string
	Class             string
	Type              string
	Packages          []struct{ Name string }
	Vulnerabilities   []vulnerability
	Misconfigurations []misconfiguration
	Secrets           []secret
}

type vulnerability struct {
	VulnerabilityID  string
	VendorIDs        []string
	PkgName          string
	PkgPath          string
	InstalledVersion string
	FixedVersion     string
	Severity         string
	Title            string
	PrimaryURL       string
	CVSS             map[string]score // by who gave it
}

// score is a score of CVSS, 0 if there is none of that version.
type score struct{ V3Score, V40Score float64 }

// severity is that of the report, else that of the advisory's worst score.
func (v vulnerability) severity() finding.Severity {
	worst := finding.SeverityOf(v.Severity)
	if worst != finding.Unknown {
		return worst
	}
	for _, s := range v.CVSS {
		worst = max(worst, finding.SeverityOfScore(s.V3Score), finding.SeverityOfScore(s.V40Score))
	}
	return worst
}

type misconfiguration struct {
	ID, Title, Message, Resolution, Severity, PrimaryURL, Status string
	CauseMetadata                                                struct {
		Resource           string
		StartLine, EndLine int
	}
}

type secret struct {
	RuleID, Severity, Title string
	StartLine, EndLine      int
}

// parse reads the JSON report of a scan of the kind artifact.
func parse(out []byte, artifact string) (report, error) {
	var doc report
	if err := json.Unmarshal(out, &doc); err != nil {
		return report{}, scanner.Errorf(scanner.BadOutput, "trivy printed %s: %w", scanner.Describe(out), err)
	}
	const schema = 2
	if doc.SchemaVersion != schema || doc.ArtifactType != artifact {
		return report{}, scanner.Errorf(scanner.BadOutput, "trivy's report has schema %d of a %q, not %d of a %q",
			doc.SchemaVersion, doc.ArtifactType, schema, artifact)
	}
	for _, result := range doc.Results {
		if result.Target == "" || result.Class == "" {
			return report{}, scanner.Errorf(scanner.BadOutput, "trivy's report has a result without target or class")
		}
		for _, m := range result.Misconfigurations {
			if m.ID == "" || m.Status == "" {
				return report{}, scanner.Errorf(scanner.BadOutput, "trivy's report on %s has a check without id or status", result.Target)
			}
		}
		for _, v := range result.Vulnerabilities {
			if v.VulnerabilityID == "" || v.PkgName == "" {
				return report{}, scanner.Errorf(scanner.BadOutput, "trivy's report on %s has a vulnerability without id or package", result.Target)
			}
		}
		for _, s := range result.Secrets {
			if s.RuleID == "" {
				return report{}, scanner.Errorf(scanner.BadOutput, "trivy's report on %s has a secret without a rule", result.Target)
			}
		}
	}
	return doc, nil
}

// packages counts the packages of all results.
func (r report) packages() int {
	n := 0
	for _, result := range r.Results {
		n += len(result.Packages)
	}
	return n
}

// ignoredFolders are the folders at the root of a tree that Trivy ignores.
var ignoredFolders = []string{"dev", "proc", "sys"}

// examined returns the files that Trivy says it examined. A file that it should
// have examined and did not is an error.
func (r report) examined(t tree.Tree, log scanLog) (map[string]bool, error) {
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
		"lang-pkgs": dependencyLists(t), "dockerfile": scanner.Dockerfiles(t), "terraform": terraform.Files(t),
	} {
		for _, name := range names {
			if !read[kind][name] {
				return nil, scanner.Errorf(scanner.BadInput, "trivy did not read %s as %s: it is empty, malformed, or in a folder that trivy ignores", name, kind)
			}
			seen[name] = true
		}
	}
	for _, name := range t.Files {
		if top, _, below := strings.Cut(name, "/"); below && slices.Contains(ignoredFolders, top) {
			return nil, scanner.Errorf(scanner.BadInput, "trivy ignores the folder %s, where %s is, and has no setting for that; rename the folder", top, name)
		}
		if log.secrets[name] {
			seen[name] = true
		}
	}
	return seen, nil
}

// findings returns the defects in the report. A target that is not a file
// becomes the resource.
func (r report) findings(files []string, lines func(file string) []string) []finding.Finding {
	var found []finding.Finding
	for _, result := range r.Results {
		for _, f := range result.findings() {
			if _, ours := slices.BinarySearch(files, f.File); !ours {
				f.Resource, f.File = cmp.Or(f.Resource, f.File), ""
				f.Line, f.EndLine = 0, 0
			}
			if f.Package != "" && f.File != "" {
				f.Line = scanner.PackageLine(lines(f.File), f.Package, f.Version)
			}
			found = append(found, f)
		}
	}
	return found
}

func (r result) findings() []finding.Finding {
	var found []finding.Finding
	for _, v := range r.Vulnerabilities {
		help := "No version without the defect is known. Do without the package, or write a waiver that says why the defect does not matter here."
		if v.FixedVersion != "" {
			help = fmt.Sprintf("Update %s to %s or later.", v.PkgName, v.FixedVersion)
		}
		found = append(found, finding.Finding{
			Rule: v.VulnerabilityID, Aliases: v.VendorIDs, Severity: v.severity(),
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
			Rule: m.ID, Severity: finding.SeverityOf(m.Severity), Message: cmp.Or(m.Message, m.Title), Help: cmp.Or(m.Resolution, "Change the settings as the page about "+m.ID+" says."), URL: m.PrimaryURL,
			File: r.Target, Line: m.CauseMetadata.StartLine, EndLine: m.CauseMetadata.EndLine, Resource: m.CauseMetadata.Resource,
		}
		if !strings.HasPrefix(m.ID, "AVD-") {
			f.Aliases = []string{"AVD-" + m.ID} // its name until 2025
		}
		found = append(found, f)
	}
	for _, s := range r.Secrets {
		found = append(found, finding.Finding{
			Rule: s.RuleID, Severity: finding.SeverityOf(s.Severity), Message: "This looks like a secret: " + s.Title + ".",
			Help: "Revoke it where it was issued, then remove it from the file and from the history.",
			File: r.Target, Line: s.StartLine, EndLine: s.EndLine, Secret: true,
		})
	}
	return found
}
