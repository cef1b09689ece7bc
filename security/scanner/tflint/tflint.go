package scanner

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
)

// Tflint examines Terraform with tflint and its rules of the language, and with
// those of Azure where they are installed.
type Tflint struct{}

// Name implements Scanner.
func (Tflint) Name() string { return "tflint" }

// Subject implements Scanner.
func (Tflint) Subject() string { return "Terraform: mistakes and things left undeclared" }

// tflintConfig asks for all rules of the language but the one that prescribes
// which files a module has: here files are named for what they hold.
const tflintConfig = `plugin "terraform" {
  enabled = true
  preset  = "all"
}

rule "terraform_standard_module_structure" {
  enabled = false
}
`

// azurermRuleset is the version of tflint's rules of Azure that is used, if it
// is installed.
const azurermRuleset = "0.32.0"

// Scan implements Scanner.
func (g Tflint) Scan(ctx context.Context, job Job) (Outcome, error) {
	files := terraformFiles(job.Tree)
	if len(files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no Terraform file")
	}
	tool, err := job.Tool(ctx, "tflint")
	if err != nil {
		return Outcome{}, err
	}
	// Named here, so that no .tflint.hcl in the tree or in the user's home is read.
	config, azurerm := filepath.Join(job.Scratch, "tflint.hcl"), tflintPlugin()
	if err := os.WriteFile(config, []byte(tflintConfig+azurerm.config), 0o600); err != nil {
		return Outcome{}, fmt.Errorf("write the settings of tflint: %w", err)
	}
	env := []string{
		"HOME=" + job.Scratch, "TFLINT_PLUGIN_DIR=" + azurerm.dir, "TFLINT_DISABLE_VERSION_CHECK=1",
		"TFLINT_LOG=info", // it says which folders were examined
	}
	asked := Command{Path: tool.Path, Dir: job.Tree.Dir, Env: env, Args: []string{"--version", "--format", "json", "--config", config}}
	out, err := job.Run(ctx, asked)
	if err != nil {
		return Outcome{}, err
	}
	notes, err := tflintRulesets(out.Stdout, azurerm.config != "")
	if err != nil {
		return Outcome{}, err
	}
	cmd := Command{
		Path: tool.Path, Dir: job.Tree.Dir, Env: env, Exits: []int{0, 1, 2},
		Args: []string{"--recursive", "--config", config, "--format", "json", "--no-color"},
	}
	if out, err = job.Run(ctx, cmd); err != nil {
		return Outcome{}, err
	}
	issues, err := parseTflint(out)
	if err != nil {
		return Outcome{}, err
	}
	if err := tflintSaw(out.Stderr, files); err != nil {
		return Outcome{}, err
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(files), Unit: "files"},
		Commands: []string{job.typed(asked), job.typed(cmd)}, Notes: notes,
		Findings: append(tflintFindings(g.Name(), issues), suppressions(job.Tree, g.Name(), files)...),
	}, nil
}

// plugin is where tflint looks for rulesets, and what it must be told of them.
type plugin struct{ dir, config string }

// tflintPlugin finds the rules of Azure where tflint --init puts them.
func tflintPlugin() plugin {
	const source = "github.com/terraform-linters/tflint-ruleset-azurerm"
	home, err := os.UserHomeDir()
	if err != nil {
		home = string(filepath.Separator)
	}
	p := plugin{dir: filepath.Join(home, ".tflint.d", "plugins")}
	if _, err := os.Stat(filepath.Join(p.dir, filepath.FromSlash(source), azurermRuleset, "tflint-ruleset-azurerm")); err == nil {
		p.config = fmt.Sprintf("\nplugin \"azurerm\" {\n  enabled = true\n  version = %q\n  source  = %q\n}\n", azurermRuleset, source)
	}
	return p
}

// tflintRulesets reads which rules tflint has, checks their versions, and
// returns what is to be said about them.
func tflintRulesets(out []byte, azurerm bool) (notes []string, err error) {
	var report struct {
		Plugins []struct{ Name, Version string } `json:"plugins"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, Errorf(BadOutput, "tflint --version printed %s: %w", describe(out), err)
	}
	versions := map[string]string{}
	for _, p := range report.Plugins {
		versions[p.Name] = p.Version
		notes = append(notes, p.Name+" "+p.Version)
	}
	if got := versions["ruleset.terraform"]; !strings.HasSuffix(got, "-bundled") {
		return nil, Errorf(WrongVersion, "tflint's rules of the language are %q, not those that come with it", got)
	}
	switch got := versions["ruleset.azurerm"]; {
	case !azurerm:
		notes = append(notes, "the rules of Azure (tflint-ruleset-azurerm "+azurermRuleset+") are not installed, so none was applied")
	case got != azurermRuleset:
		return nil, Errorf(WrongVersion, "tflint-ruleset-azurerm is %q, not %s", got, azurermRuleset)
	}
	return notes, nil
}

// tflintIssue is a rule that is broken at a place.
type tflintIssue struct {
	Rule    struct{ Name, Severity, Link string } `json:"rule"`
	Message string                                `json:"message"`
	Range   struct {
		File  string             `json:"filename"`
		Start struct{ Line int } `json:"start"`
		End   struct{ Line int } `json:"end"`
	} `json:"range"`
}

// tflintLogged is a line of the log, which tflint puts into its messages.
var tflintLogged = regexp.MustCompile(`(?m)^(\d\d:\d\d:\d\d .*)?\n`)

// parseTflint reads tflint's JSON. It lists what it could not load beside the
// issues.
func parseTflint(out Output) ([]tflintIssue, error) {
	var report struct {
		Issues *[]tflintIssue              `json:"issues"`
		Errors *[]struct{ Message string } `json:"errors"`
	}
	if err := json.Unmarshal(out.Stdout, &report); err != nil {
		return nil, Errorf(BadOutput, "tflint printed %s: %w", describe(out.Stdout), err)
	}
	if report.Issues == nil || report.Errors == nil {
		return nil, Errorf(BadOutput, "tflint's report has no list of issues or of errors: %s", describe(out.Stdout))
	}
	if errs := *report.Errors; len(errs) > 0 {
		return nil, Errorf(BadInput, "tflint could not read all of its input: %s", describe(tflintLogged.ReplaceAll([]byte(errs[0].Message), nil)))
	}
	const failed = 1
	if out.Exit == failed {
		return nil, Errorf(ToolFailed, "tflint failed%s", lastWords(out))
	}
	for _, issue := range *report.Issues {
		if issue.Rule.Name == "" {
			return nil, Errorf(BadOutput, "tflint's report has an issue without a rule")
		}
	}
	return *report.Issues, nil
}

// tflintFolder is what tflint says of each folder that it worked in.
var tflintFolder = regexp.MustCompile(`(?m)An output to stderr found in (.+)$`)

// tflintSaw checks that tflint worked in each folder with Terraform files.
func tflintSaw(log []byte, files []string) error {
	var folders []string
	for _, found := range tflintFolder.FindAllSubmatch(log, -1) {
		folders = append(folders, filepath.ToSlash(string(found[1])))
	}
	for _, file := range files {
		if folder := path.Dir(file); !slices.Contains(folders, folder) {
			return Errorf(BadInput, "tflint did not work in the folder %s, where %s is", folder, path.Base(file))
		}
	}
	return nil
}

func tflintFindings(gate string, issues []tflintIssue) []finding.Finding {
	severities := map[string]finding.Severity{"error": finding.High, "warning": finding.Medium, "info": finding.Low}
	var found []finding.Finding
	for _, issue := range issues {
		found = append(found, finding.Finding{
			Rule: issue.Rule.Name, Severity: severities[issue.Rule.Severity], Message: issue.Message + ".",
			Help: "Follow the rule; " + cmp.Or(issue.Rule.Link, "tflint's documentation") + " shows how.", URL: issue.Rule.Link,
			File: path.Clean(filepath.ToSlash(issue.Range.File)), Line: max(issue.Range.Start.Line, 0), EndLine: max(issue.Range.End.Line, 0),
			Witnesses: []finding.Witness{{Gate: gate, Rule: issue.Rule.Name}},
		})
	}
	return found
}
