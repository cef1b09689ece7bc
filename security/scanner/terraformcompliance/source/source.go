// Package source examines Terraform files by rules of our own, for what is in no
// plan: programs that run, and code from elsewhere.
package source

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// Check returns the findings in the Terraform files of a tree.
func Check(t tree.Tree) ([]finding.Finding, error) {
	c := &check{tree: t}
	for _, name := range t.Matching("*.tf.json", "*.tfvars.json", "*.tftest.json") {
		c.found(name, 1, "", "terraform/json", "Terraform in JSON is read by no other gate.", "Write it in Terraform's own language.")
	}
	for _, name := range t.Matching("*.tf", "*.tfvars", "*.tftest.hcl", ".terraform.lock.hcl") {
		body, err := terraform.ReadFile(t, name)
		if err != nil {
			return nil, err
		}
		c.file(name, body)
	}
	return c.findings, nil
}

type check struct {
	tree     tree.Tree
	findings []finding.Finding
}

func (c *check) found(file string, line int, resource, rule, message, help string) {
	f := finding.Finding{Rule: rule, Severity: finding.High, Message: message, Help: help, File: file, Line: line, Resource: resource}
	if !slices.ContainsFunc(c.findings, func(g finding.Finding) bool { return g.Rule == rule && g.File == file && g.Line == line }) {
		c.findings = append(c.findings, f)
	}
}

// override matches the name of a file that Terraform merges into the others.
var override = regexp.MustCompile(`^(.*_)?override\.tf$`)

func (c *check) file(name string, body *hclsyntax.Body) {
	if override.MatchString(path.Base(name)) {
		c.found(name, 1, "", "terraform/override", "Terraform merges this file into the others, whose readers do not see it.", "Write the settings where the resource is.")
	}
	if !strings.HasSuffix(name, ".tftest.hcl") { // a test may name what must not be
		c.literals(name, body)
	}
	c.blocks(name, body)
}

func (c *check) blocks(name string, body *hclsyntax.Body) {
	for _, b := range terraform.Blocks(name, body) {
		switch b.Kind {
		case "resource", "data", "ephemeral", "removed":
			c.resource(b)
		case "check", "run": // which may hold data and modules
			c.blocks(name, b.Body)
		case "module":
			c.module(b)
		case "terraform":
			c.providers(b)
		case "provider":
			if source := b.Type(); strings.HasSuffix(name, ".lock.hcl") {
				c.provider(b.File, b.Line, source)
			}
		}
	}
}

// runs matches types whose programs or templates no gate sees.
var runs = regexp.MustCompile(`^(external|http|shell_script|local_command|.*_(deployment_script|run_command|template_deployment|machine_extension|set_extension)(_.*)?)$`)

func (c *check) resource(b terraform.Block) {
	for _, inner := range terraform.Blocks(b.File, b.Body) {
		dynamic := inner.Kind == "dynamic" && inner.Type() == "provisioner"
		if inner.Kind == "provisioner" || inner.Kind == "connection" || dynamic {
			c.found(b.File, inner.Line, b.Name(), "terraform/program", fmt.Sprintf("%s runs programs that no plan shows: %s.", cmp.Or(b.Name(), b.Kind), strings.TrimSpace(inner.Kind+" "+inner.Type())),
				"Let a job of the environment or a workflow run it, where it is examined.")
		}
	}
	if runs.MatchString(b.Type()) {
		c.found(b.File, b.Line, b.Name(), "terraform/program", fmt.Sprintf("%s fetches or runs what no plan shows.", b.Name()),
			"Pass the value as a variable, or describe the resource in Terraform.")
	}
	if strings.Contains(b.Type(), "federated_identity_credential") {
		c.federated(b)
	}
}

// federated finds trust in more than one environment of one repository. The plan is
// examined too; here it has a place.
func (c *check) federated(b terraform.Block) {
	const help = "Trust one environment: repo:OWNER@ID/REPOSITORY@ID:environment:NAME."
	for name, a := range b.Body.Attributes {
		text := strings.Join(texts(a.Expr), "")
		if name == "claims_matching_expression" || name == "subject" && WideSubject(text) {
			c.found(b.File, a.SrcRange.Start.Line, b.Name(), "terraform/federation", "The subject trusts more than one environment of one repository.", help)
		}
	}
	for _, inner := range terraform.Blocks(b.File, b.Body) {
		if inner.Kind == "claims_matching_expression" || inner.Type() == "claims_matching_expression" {
			c.found(b.File, inner.Line, b.Name(), "terraform/federation", "An expression can match more than one subject.", help)
		}
	}
}

var wide = regexp.MustCompile(`[*?]|:pull_request\b|:ref:|:job_workflow_ref:|^repo:[^:]*$`)

// WideSubject reports whether a subject of GitHub trusts more than an environment.
func WideSubject(subject string) bool { return wide.MatchString(subject) }

// commit matches a module of a git repository at a commit, or an archive with its
// checksum.
var commit = regexp.MustCompile(`[?&](ref=[0-9a-f]{40}|checksum=sha(256|512):[0-9a-f]+)(&|$)`)

// exact matches a single version.
var exact = regexp.MustCompile(`^\s*=?\s*\d+\.\d+\.\d+\S*\s*$`)

// registry matches a module of a registry.
var registry = regexp.MustCompile(`^([a-z0-9.-]+/)?[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[a-z0-9]+(//.*)?$`)

func (c *check) module(b terraform.Block) {
	source := terraform.Text(b.Literal("source"))
	switch {
	case b.LocalModule() != "", commit.MatchString(source):
	case registry.MatchString(source) && exact.MatchString(terraform.Text(b.Literal("version"))):
	default:
		c.found(b.File, b.Line, "module."+b.Name(), "terraform/module", fmt.Sprintf("The module %s comes from %s, which is not pinned.", b.Name(), source),
			"Pin it: ?ref= with the 40 digits of a commit, or a single version of a registry. Better: write it here, where it is examined.")
	}
}

func (c *check) providers(b terraform.Block) {
	for _, inner := range terraform.Blocks(b.File, b.Body) {
		if inner.Kind != "required_providers" {
			continue
		}
		for name, a := range inner.Body.Attributes {
			value, problems := a.Expr.Value(nil)
			source := "hashicorp/" + name
			if !problems.HasErrors() && value.Type().IsObjectType() && value.Type().HasAttribute("source") {
				source = terraform.Text(value.GetAttr("source"))
			}
			c.provider(b.File, a.SrcRange.Start.Line, source)
		}
	}
}

var official = regexp.MustCompile(`^(registry\.terraform\.io/|terraform\.io/builtin/terraform$)?(hashicorp/[a-z0-9-]+)?$`)

func (c *check) provider(file string, line int, source string) {
	if !official.MatchString(source) || source == "" {
		c.found(file, line, "", "terraform/provider", fmt.Sprintf("The provider %q is not one of HashiCorp's registry.", source),
			"Use the provider of hashicorp/. Another one needs a waiver that says who keeps it.")
	}
}

// literals finds the names and ids of roles that allow everything, wherever they
// are written.
func (c *check) literals(name string, body *hclsyntax.Body) {
	_ = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok && literal.Val.Type() == cty.String {
			if role := PowerfulRole(literal.Val.AsString()); role != "" {
				c.found(name, literal.SrcRange.Start.Line, "", "terraform/role", fmt.Sprintf("This is the role %s, which allows everything, or to grant everything.", role),
					"Assign a role that allows what is needed, on one resource.")
			}
		}
		return nil
	})
}
