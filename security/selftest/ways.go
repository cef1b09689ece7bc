package selftest

import "slices"

// Way is a way in which a tool is known to be green though it has not looked,
// or not at all that it should.
type Way struct {
	Gate   string
	Blind  string   // how it comes about
	Cases  []string // of the gate, that show that it is closed here
	Test   string   // of package scanner, that shows it where no input can
	Closed bool     // all of them are there and in order
}

// knownWays are collected from what users of these tools reported.
func knownWays() []Way {
	return []Way{
		{
			Gate: "gosec", Blind: "a comment without rule and reason switches every rule off",
			Cases: []string{"a comment that excuses without rule and reason excuses nothing"},
		},
		{
			Gate: "gosec", Blind: "what it could not load is left out, and files that it does not see are not missed",
			Cases: []string{
				"code that does not parse", "code that does not compile, of which the tool skips the deeper half",
				"a folder whose name has vendor in it, which the tool leaves out silently",
				"code behind a build tag, which the tool does not see",
				"code for another system, which the tool does not see on this one", emptyTree,
			},
		},
		{
			Gate: "trivy", Blind: "it ends with code 0 whatever it finds",
			Cases: []string{"a vulnerable module, a container that runs as root, a public container, keys in files"},
		},
		{
			Gate: "trivy", Blind: "a folder with nothing to examine is in order, and so is an old database",
			Cases: []string{emptyTree, databaseMissing, databaseOld},
		},
		{Gate: "trivy", Blind: "a check that is newer than the program is left out, with a line in the log", Test: "TestTrivyErrors"},
		{
			Gate: "govulncheck", Blind: "as JSON it ends with code 0 whatever it finds, and what it prints has no end that could be missed",
			Cases: []string{"a vulnerable function of a dependency is called", cutOff},
			Test:  "TestGovulncheckCutOff",
		},
		{
			Gate: "govulncheck", Blind: "an empty folder is a database in which nothing is vulnerable, and an old one knows nothing new",
			Cases: []string{databaseMissing, databaseOld},
		},
		{
			Gate: "gitleaks", Blind: "of a shallow clone it sees one commit, and of the tree nothing unless it is asked",
			Cases: []string{
				"a shallow clone, of which the tool sees one commit", "a key in a file",
				"a key that was removed is still in the history",
			},
		},
		{
			Gate: "gitleaks", Blind: "comments, files in the tree and settings of git tell it to look away",
			Cases: []string{
				"a comment that allows the key", "settings in the tree cannot blind the gate",
				"a removed file that was marked as binary, which git does not show", "an archive, which the tool does not open",
			},
			Test: "TestGitleaksSeesAllOfTheHistory",
		},
		{
			Gate: "checkov", Blind: "a file that it cannot parse is left out, with code 0 or with only a warning",
			Cases: []string{
				"Terraform that does not parse, for which the tool ends with code 0",
				"a Dockerfile that does not parse, for which the tool has only a warning",
				"a Compose file that does not parse, which the tool leaves out silently",
				"a workflow that does not parse, which the tool leaves out silently",
				emptyTree,
			},
		},
		{
			Gate: "checkov", Blind: "settings in the tree and comments skip its checks",
			Cases: []string{
				"settings in the tree cannot blind the gate", "a comment that skips a check is a finding, and so is what it hides",
			},
		},
		{
			Gate: "tfsec", Blind: "it knows none of the newer resources, and green is then silence",
			Test: "TestTfsecTellsWhatItHasNoRuleFor",
		},
		{
			Gate: "tfsec", Blind: "a module that it cannot load, comments and settings in the tree leave resources out",
			Cases: []string{
				"a module that is not there, of which only the log tells", "settings in the tree cannot blind the gate",
				"a comment hides nothing, and is a finding",
			},
		},
		{
			Gate: "tflint", Blind: "without its ruleset it has no rule of the cloud, and it can be told to end with code 0",
			Cases: []string{"settings in the tree cannot blind the gate", "a comment that hides a finding is a finding"},
			Test:  "TestTflintAssertsTheRulesOfAzure",
		},
		{
			Gate: "zizmor", Blind: "with SARIF it ends with code 0 whatever it finds, and leaves out what it cannot read",
			Cases: []string{
				"a title that becomes part of a script, an action by its tag, all permissions",
				"a workflow that does not parse, which the tool leaves out with a warning", emptyTree,
			},
		},
		{
			Gate: "terraform-test", Blind: "without a test it says success, and after an error it skips",
			Cases: []string{
				"a root without tests, of which Terraform says \"Success!\"", "a test file without runs", "a test file that lies where none is run",
				"a run in a comment, which does not run", "a run that breaks off, after which Terraform skips the others",
			},
			Test: "TestTerraformTestErrors",
		},
		{
			Gate: "terraform-compliance", Blind: "a missing resource skips its scenario, which passes",
			Cases: []string{
				"a resource that is missing, for which the tool skips a scenario, which passes", "a scenario that may be skipped",
			},
			Test: "TestParseComplianceRefusesWhatDoesNotAgree",
		},
		{
			Gate: "terraform-compliance", Blind: "tags make failures count as none, and a misspelt keyword takes the feature out",
			Cases: []string{
				"a tag with which no failure counts", "a misspelt keyword, which makes the tool leave out the whole feature",
				"a feature that is held against no plan",
			},
		},
	}
}

// notGates are tools that cannot be green while blind here, because none of
// them decides anything here.
var notGates = []struct{ Tool, Blind, Why string }{
	{"ZAP", "a passive scan that ran out of time, or saw an empty page, passes", "becomes a gate with the scan of the running service"},
	{"action-baseline", "exit codes that it does not know pass", "ZAP is driven without it"},
	{"reviewdog", "it fails nothing by default, and shows only changed lines", "it may show findings; it never judges"},
	{"ASH", "scanners that are missing or failed count as passed", "the harness takes its place"},
}

// waysClosed returns the known ways of the gates that were tested, and whether
// their cases show that each is closed.
func waysClosed(gates []Result) []Way {
	var ways []Way
	for _, result := range gates {
		if result.Untested != "" {
			continue
		}
		for _, way := range knownWays() {
			if way.Gate != result.Gate {
				continue
			}
			way.Closed = len(way.Cases)+len(way.Test) > 0 && !slices.ContainsFunc(way.Cases, func(name string) bool {
				return !slices.ContainsFunc(result.Cases, func(c Case) bool { return c.Name == name && c.OK })
			})
			ways = append(ways, way)
		}
	}
	return ways
}
