package scanner

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// trivyLog is what Trivy says about its work in its log, and nowhere else.
type trivyLog struct {
	secrets       map[string]bool // files it searched for secrets
	terraform     map[string]bool // files it parsed as Terraform
	builtInChecks bool            // it used the checks of the program, not a bundle
}

// trivyEnd is the last thing that Trivy logs.
const trivyEnd = "Cleaning up temp directory"

var logAttribute = regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S*)`)

// parseTrivyLog reads the log of Trivy with --debug. What Trivy could not read
// or load is an error here, though Trivy counts it as a success.
func parseTrivyLog(log []byte) (trivyLog, error) {
	l := trivyLog{secrets: map[string]bool{}, terraform: map[string]bool{}}
	if !bytes.Contains(log, []byte("\t"+trivyEnd+"\t")) {
		return trivyLog{}, Errorf(BadOutput, "the log of trivy has no end; its last word should be %q", trivyEnd)
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
			return trivyLog{}, err
		}
	}
	return l, nil
}

func (l *trivyLog) read(level, message string, attributes map[string]string) error {
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
		return Errorf(BadInput, "trivy could not read %s: %s", file, attributes["err"])
	case strings.HasPrefix(message, "[rego] Unable to parse check"),
		strings.HasPrefix(message, "[rego] Module will be skipped"), strings.HasPrefix(message, "[rego] Failed to parse minimum trivy version"):
		return Errorf(ToolFailed, "this trivy is too old for its bundle of checks: %s", about)
	case message == "Unsupported os":
		return Errorf(BadInput, "trivy knows no advisories for the operating system of the image: %s", attributes["family"])
	case level == "FATAL":
		return Errorf(ToolFailed, "trivy: %s", about)
	case level == "ERROR" && (strings.Contains(message, "pars") || strings.Contains(message, "load module")):
		return Errorf(BadInput, "trivy could not read all of its input: %s", about)
	case level == "ERROR":
		return Errorf(ToolFailed, "trivy: %s", about)
	}
	return nil
}

func unquoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}
