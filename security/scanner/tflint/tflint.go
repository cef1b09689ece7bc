// Package tflint is the gate that examines Terraform with tflint and its rules
// of the language, and with those of Azure where they are installed.
package tflint

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
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "tflint", About: "Terraform: mistakes and things left undeclared", Unit: "files",
		Inputs: terraform.Files, NoInputs: "there is no Terraform file",
		Obeys:   []scanner.Obeyed{{Tool: "tflint", Settings: []string{".tflint.hcl", ".tflint.json"}, Marks: ignores}},
		Examine: examine,
	}
}

var ignores = scanner.Comments("tflint-ignore", `\btflint-ignore(-file)?:`)

// config enables all rules of the language but the one that prescribes the files
// of a module: here files are named after their contents.
const config = `plugin "terraform" {
  enabled = true
  preset  = "all"
}

rule "terraform_standard_module_structure" {
  enabled = false
}
`

// azurermRuleset is the version of tflint's rules of Azure that is used if it is
// installed.
const azurermRuleset = "0.32.0"

func examine(ctx context.Context, s *scanner.Scan) error {
	azurerm := findPlugin()
	// Named, so that no .tflint.hcl in the tree or in the user's home is read.
	settings, err := s.Write("tflint.hcl", config+azurerm.config)
	if err != nil {
		return err
	}
	env := []string{
		"HOME=" + s.Job.Scratch, "TFLINT_PLUGIN_DIR=" + azurerm.dir, "TFLINT_DISABLE_VERSION_CHECK=1",
		"TFLINT_LOG=info", // it says which folders were examined
	}
	out, err := s.Run(ctx, scanner.Command{Env: env, Args: []string{"--version", "--format", "json", "--config", settings}})
	if err != nil {
		return err
	}
	if s.Outcome.Notes, err = rulesets(out.Stdout, azurerm.config != ""); err != nil {
		return err
	}
	if azurerm.config == "" {
		s.Unseen("the rules of Azure (tflint-ruleset-azurerm %s) are not installed, so none was used; tflint --init installs them", azurermRuleset)
	}
	out, err = s.Run(ctx, scanner.Command{
		Env: env, Exits: []int{0, 1, 2},
		Args: []string{"--recursive", "--config", settings, "--format", "json", "--no-color"},
	})
	if err != nil {
		return err
	}
	issues, err := parse(out)
	if err != nil {
		return err
	}
	if err := sawAll(out.Stderr, s.Files); err != nil {
		return err
	}
	s.Found(findings(issues)...)
	return s.FindSuppressions(s.Files)
}

// plugin is where tflint looks for rulesets, and the settings that enable one.
type plugin struct{ dir, config string }

// findPlugin finds the rules of Azure where tflint --init puts them.
func findPlugin() plugin {
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

// rulesets checks the versions of the rulesets that tflint has, and returns
// notes about them.
func rulesets(out []byte, azurerm bool) (notes []string, err error) {
	var report struct {
		Plugins []struct{ Name, Version string } `json:"plugins"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "tflint --version printed %s: %w", scanner.Describe(out), err)
	}
	versions := map[string]string{}
	for _, p := range report.Plugins {
		versions[p.Name] = p.Version
		notes = append(notes, p.Name+" "+p.Version)
	}
	if got := versions["ruleset.terraform"]; !strings.HasSuffix(got, "-bundled") {
		return nil, scanner.Errorf(scanner.WrongVersion, "tflint's rules of the language are %q, not those that come with it", got)
	}
	if got := versions["ruleset.azurerm"]; azurerm && got != azurermRuleset {
		return nil, scanner.Errorf(scanner.WrongVersion, "tflint-ruleset-azurerm is %q, not %s", got, azurermRuleset)
	}
	return notes, nil
}

// issue is a broken rule at a place.
type issue struct {
	Rule    struct{ Name, Severity, Link string } `json:"rule"`
	Message string                                `json:"message"`
	Range   struct {
		File  string             `json:"filename"`
		Start struct{ Line int } `json:"start"`
		End   struct{ Line int } `json:"end"`
	} `json:"range"`
}

// logLine matches a line of the log, which tflint puts into its messages.
var logLine = regexp.MustCompile(`(?m)^(\d\d:\d\d:\d\d .*)?\n`)

// parse reads tflint's JSON. Besides the issues it lists the modules that could
// not be loaded.
func parse(out scanner.Output) ([]issue, error) {
	var report struct {
		Issues *[]issue                    `json:"issues"`
		Errors *[]struct{ Message string } `json:"errors"`
	}
	if err := json.Unmarshal(out.Stdout, &report); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "tflint printed %s: %w", scanner.Describe(out.Stdout), err)
	}
	if report.Issues == nil || report.Errors == nil {
		return nil, scanner.Errorf(scanner.BadOutput, "tflint's report has no list of issues or of errors: %s", scanner.Describe(out.Stdout))
	}
	if errs := *report.Errors; len(errs) > 0 {
		return nil, scanner.Errorf(scanner.BadInput, "tflint could not read all of its input: %s", scanner.Describe(logLine.ReplaceAll([]byte(errs[0].Message), nil)))
	}
	const failed = 1
	if out.Exit == failed {
		return nil, scanner.Errorf(scanner.ToolFailed, "tflint failed%s", scanner.LastWords(out))
	}
	for _, i := range *report.Issues {
		if i.Rule.Name == "" {
			return nil, scanner.Errorf(scanner.BadOutput, "tflint's report has an issue without a rule")
		}
	}
	return *report.Issues, nil
}

// folderLine is the line of the log about a folder that tflint worked in.
var folderLine = regexp.MustCompile(`(?m)An output to stderr found in (.+)$`)

// sawAll checks that tflint worked in each folder with Terraform files.
func sawAll(log []byte, files []string) error {
	var folders []string
	for _, found := range folderLine.FindAllSubmatch(log, -1) {
		folders = append(folders, filepath.ToSlash(string(found[1])))
	}
	for _, file := range files {
		if folder := path.Dir(file); !slices.Contains(folders, folder) {
			return scanner.Errorf(scanner.BadInput, "tflint did not work in the folder %s, where %s is", folder, path.Base(file))
		}
	}
	return nil
}

func findings(issues []issue) []finding.Finding {
	severities := map[string]finding.Severity{"error": finding.High, "warning": finding.Medium, "info": finding.Low}
	var found []finding.Finding
	for _, i := range issues {
		found = append(found, finding.Finding{
			Rule: i.Rule.Name, Severity: severities[i.Rule.Severity], Message: i.Message + ".",
			Help: "Follow the rule; " + cmp.Or(i.Rule.Link, "tflint's documentation") + " shows how.", URL: i.Rule.Link,
			File: path.Clean(filepath.ToSlash(i.Range.File)), Line: max(i.Range.Start.Line, 0), EndLine: max(i.Range.End.Line, 0),
		})
	}
	return found
}
