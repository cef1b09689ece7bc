package hadolint

import (
	"os"
	"regexp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// dockerfileText matches a Dockerfile by its text: after comments and arguments
// a FROM, and then another instruction.
var dockerfileText = regexp.MustCompile(`(?i)\A(?:[ \t]*(?:#.*|ARG[ \t].*)?\r?\n)*[ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?\S+(?:[ \t]+AS[ \t]+\S+)?[ \t]*\r?\n` +
	`(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)[ \t]`)

// unnamedDockerfiles returns a finding for each file that is a Dockerfile by
// its text and not by its name: Docker can build from any file, and no gate
// examines this one.
func unnamedDockerfiles(t tree.Tree) ([]finding.Finding, error) {
	var found []finding.Finding
	for _, name := range t.Files {
		if scanner.IsDockerfile(name) {
			continue
		}
		info, err := os.Lstat(t.Path(name))
		if err != nil {
			return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
		}
		if dockerfileText.Match(content) {
			found = append(found, scanner.Unexamined(name,
				"This is a Dockerfile under a name that the gates do not know.",
				"Call it Dockerfile, NAME.Dockerfile or Dockerfile.NAME."))
		}
	}
	return found, nil
}
