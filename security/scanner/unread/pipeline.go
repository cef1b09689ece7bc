package unread

import (
	"path"
	"regexp"
	"strings"

	"example.com/rates/security/finding"
)

// systems are the names of files and folders by which systems know their pipelines:
// names in lower case, of path.Match, or folders with a slash at the end.
var systems = []struct {
	name     string
	patterns []string
}{
	{"Azure Pipelines", []string{"azure-pipelines*.yml", "azure-pipelines*.yaml", "*.azure-pipelines.yml", ".azure-pipelines/", "azure-pipelines/", ".azuredevops/", ".vsts-ci.yml"}},
	{"GitLab CI", []string{".gitlab-ci*.yml", ".gitlab-ci*.yaml", "*.gitlab-ci.yml", "*.gitlab-ci.yaml", ".gitlab/"}},
	{"CircleCI", []string{".circleci/", "circle.yml"}},
	{"Jenkins", []string{"jenkinsfile", "jenkinsfile.*", "*.jenkinsfile", ".jenkins/", "jenkins-x*.yml"}},
	{"Bitbucket Pipelines", []string{"bitbucket-pipelines.yml", "bitbucket-pipelines.yaml"}},
	{"Travis CI", []string{".travis.yml", ".travis.yaml"}},
	{"Drone", []string{".drone.yml", ".drone.yaml", ".drone.star", ".drone.jsonnet", ".drone/"}},
	{"Woodpecker", []string{".woodpecker.yml", ".woodpecker.yaml", ".woodpecker/"}},
	{"AppVeyor", []string{"appveyor.yml", ".appveyor.yml", "appveyor.yaml", ".appveyor.yaml"}},
	{"Buildkite", []string{".buildkite/", "buildkite.yml", "buildkite.yaml"}},
	{"Tekton", []string{".tekton/"}},
	{"TeamCity", []string{".teamcity/"}},
	{"Google Cloud Build", []string{"cloudbuild*.yml", "cloudbuild*.yaml", "cloudbuild*.json"}},
	{"AWS CodeBuild", []string{"buildspec*.yml", "buildspec*.yaml"}},
	{"Cirrus CI", []string{".cirrus.yml", ".cirrus.yaml", ".cirrus.star"}},
	{"Semaphore", []string{".semaphore/"}},
	{"Codefresh", []string{"codefresh*.yml", ".codefresh/"}},
	{"Codemagic", []string{"codemagic.yaml"}},
	{"Bitrise", []string{"bitrise.yml"}},
	{"Buddy", []string{"buddy.yml", ".buddy/"}},
	{"Gitea or Forgejo Actions", []string{".gitea/", ".forgejo/"}},
	{"Bamboo", []string{"bamboo-specs/", "bamboo.yml"}},
	{"Screwdriver", []string{"screwdriver.yaml"}},
	{"Harness", []string{".harness/"}},
	{"Dagger", []string{"dagger.json"}},
	{"Earthly", []string{"earthfile"}},
	{"Wercker", []string{"wercker.yml"}},
	{"Concourse", []string{".concourse/", "concourse.yml"}},
	{"GoCD", []string{"*.gocd.yaml", "*.gocd.yml"}},
	{"sourcehut", []string{".build.yml", ".builds/"}},
	{"Zuul", []string{".zuul.yaml", "zuul.yaml", ".zuul.d/", "zuul.d/"}},
	{"Spacelift", []string{".spacelift/"}},
	{"Atlantis", []string{"atlantis.yaml"}},
}

// texts match pipelines under other names.
var texts = []struct {
	name string
	text *regexp.Regexp
}{
	{"Tekton", regexp.MustCompile(`(?m)^\s*["']?apiVersion["']?\s*:\s*["']?(?:[\w.]+\.)?tekton\.dev/`)},
	{"Argo Workflows", regexp.MustCompile(`(?m)^apiVersion:\s*["']?argoproj\.io/[^#\n]*\n(?:.*\n)*?kind:\s*["']?(?:Cron|Cluster)?Workflow`)},
	{"Azure Pipelines", regexp.MustCompile(`(?m)^\s*(?:- )?(?:vmImage|AzureCLI@\d|task:\s*\w+@\d)\b`)},
	{"Azure Pipelines", regexp.MustCompile(`(?m)^(?:trigger|pool|stages|jobs|steps):(?:.*\n)+?\s*-\s*(?:script|bash|pwsh|powershell|checkout):`)},
	{"GitLab CI", regexp.MustCompile(`(?m)^[\w .:-]+:[ \t]*\n(?:[ \t]+.*\n|[ \t]*\n)*?[ \t]+(?:before_|after_)?script:`)},
	{"CircleCI", regexp.MustCompile(`(?m)^orbs:|^\s+-\s+run:\s*\n\s+(?:name|command):`)},
	{"Jenkins", regexp.MustCompile(`(?m)^\s*pipeline\s*\{(?:.*\n)*?\s*agent\s`)},
	{"GitHub Actions", regexp.MustCompile(`(?m)^["']?on["']?:(?:.*\n)*?jobs:\s*\n(?:.*\n)*?\s+runs-on:`)},
}

// systemOf returns the system whose pipeline a file is, or "".
func systemOf(name string, content []byte) string {
	lower := strings.ToLower(name)
	for _, system := range systems {
		for _, pattern := range system.patterns {
			if folder, ok := strings.CutSuffix(pattern, "/"); ok {
				if strings.Contains("/"+path.Dir(lower)+"/", "/"+folder+"/") {
					return system.name
				}
				continue
			}
			if ok, err := path.Match(pattern, path.Base(lower)); ok && err == nil {
				return system.name
			}
		}
	}
	if isStructured(name) {
		for _, text := range texts {
			if text.text.Match(content) {
				return text.name
			}
		}
	}
	return ""
}

// isStructured reports whether a file is of a format in which pipelines are written.
func isStructured(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yml", ".yaml", ".json", ".groovy", ".toml", ".tmpl", ".tpl":
		return true
	}
	return false
}

func pipeline(name, system string) finding.Finding {
	return finding.Finding{
		Rule: Pipeline, Severity: finding.High, File: name,
		Message: "This is a pipeline of " + system + ", which no gate reads here. It can run any code, with the secrets that the system gives it.",
		Help:    "Remove it. What it does belongs into a workflow in .github/workflows, which the gates actionlint, zizmor and checkov read.",
	}
}
