package trivy

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"example.com/rates/security/scanner"
)

// scanLog holds the facts that only Trivy's log reports.
type scanLog struct {
	secrets       map[string]bool // files it searched for secrets
	terraform     map[string]bool // files it parsed as Terraform
	builtInChecks bool            // it used the checks of the program, not a bundle
}

// logEnd is the last thing that Trivy logs.
const logEnd = "Cleaning up temp directory"

var logAttribute = regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S*)`)

// parseLog reads the log of Trivy with --debug. Input that Trivy could not read
// or load is an error here, although Trivy counts it as success.
func parseLog(log []byte) (scanLog, error) {
	l := scanLog{secrets: map[string]bool{}, terraform: map[string]bool{}}
	if !bytes.Contains(log, []byte("\t"+logEnd)) {
		return scanLog{}, scanner.Errorf(scanner.BadOutput, "the log of trivy is cut off; its last line should be %q", logEnd)
	}
	for line := range bytes.Lines(log) {
		fields := strings.Split(strings.TrimRight(string(line), "\n"), "\t")
		if len(fields) < 3 {
			continue // the continuation of a message
		}
		level, message := fields[1], fields[2]
		attributes := map[string]string{}
		for _, found := range logAttribute.FindAllStringSubmatch(strings.Join(fields[3:], " "), -1) {
			attributes[found[1]] = unquoted(found[2])
		}
		if err := l.read(level, message, attributes); err != nil {
			return scanLog{}, err
		}
	}
	return l, nil
}

func (l *scanLog) read(level, message string, attributes map[string]string) error {
	file := attributes["file_path"]
	about := message
	for _, key := range []string{"file_path", "loc", "err"} {
		if attributes[key] != "" {
			about += ": " + attributes[key]
		}
	}
	switch {
	case message == "[misconfig] Falling back to embedded checks":
		l.builtInChecks = true
	case message == "[secret] Using streaming scanner":
		l.secrets[file] = true
	case message == "[terraform parser] Added file":
		l.terraform[file] = true
	case message == "Walk error", strings.HasSuffix(message, "Analysis error"):
		return scanner.Errorf(scanner.BadInput, "trivy could not read %s: %s", file, attributes["err"])
	case strings.HasPrefix(message, "[rego] Unable to parse check"),
		strings.HasPrefix(message, "[rego] Module will be skipped"), strings.HasPrefix(message, "[rego] Failed to parse minimum trivy version"):
		return scanner.Errorf(scanner.ToolFailed, "this trivy is too old for its bundle of checks: %s", about)
	case message == "Unsupported os":
		return scanner.Errorf(scanner.BadInput, "trivy knows no advisories for the operating system of the image: %s", attributes["family"])
	case level == "FATAL":
		return scanner.Errorf(scanner.ToolFailed, "trivy: %s", about)
	case level == "ERROR" && (strings.Contains(message, "pars") || strings.Contains(message, "load module")):
		return scanner.Errorf(scanner.BadInput, "trivy could not read all of its input: %s", about)
	case level == "ERROR":
		return scanner.Errorf(scanner.ToolFailed, "trivy: %s", about)
	}
	return nil
}

func unquoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}
