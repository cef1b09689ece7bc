package scanner

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/rates/security/tree"
	"example.com/rates/terraform/tftest"
)

// terraform runs Terraform on a copy of its files: it writes into the folders
// that it works in, and the tree is for all gates.
type terraform struct {
	job      Job
	tool     Tool
	dir      string   // the copy
	roots    []string // folders that hold configuration
	env      []string
	provider string // where azurerm is from, for people; "" if no root needs it
	ran      []string
}

// terraformRoots are the folders that hold configuration.
func terraformRoots(t tree.Tree) []string {
	var roots []string
	for _, file := range terraformFiles(t) {
		roots = append(roots, path.Dir(file))
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// newTerraform copies the roots and makes their providers available.
func newTerraform(ctx context.Context, job Job) (*terraform, error) {
	roots := terraformRoots(job.Tree)
	if len(roots) == 0 {
		return nil, Errorf(NothingExamined, "there is no Terraform file")
	}
	tool, err := job.Tool(ctx, "terraform")
	if err != nil {
		return nil, err
	}
	tf := &terraform{job: job, tool: tool, dir: filepath.Join(job.Scratch, "copy"), roots: roots}
	if err := job.Tree.CopyInto(tf.dir, tf.files()); err != nil {
		return nil, fmt.Errorf("copy the Terraform files: %w", err)
	}
	if err := tf.setUp(""); err != nil {
		return nil, err
	}
	return tf, tf.useProvider(ctx)
}

// files are all that lie in the topmost folders of the roots.
func (tf *terraform) files() []string {
	top := func(name string) string { first, _, _ := strings.Cut(name, "/"); return first }
	return slices.DeleteFunc(slices.Clone(tf.job.Tree.Files), func(file string) bool {
		return !slices.ContainsFunc(tf.roots, func(root string) bool { return root == "." || top(root) == top(file) })
	})
}

// setUp writes the settings of Terraform, so that none of the user are read.
func (tf *terraform) setUp(overrides string) error {
	settings, plugins := filepath.Join(tf.job.Scratch, "terraform.tfrc"), filepath.Join(tf.job.Scratch, "plugins")
	err := errors.Join(os.MkdirAll(plugins, 0o750), os.WriteFile(settings, []byte(overrides), 0o600))
	if err != nil {
		return fmt.Errorf("write the settings of terraform: %w", err)
	}
	tf.env = []string{
		"TF_CLI_CONFIG_FILE=" + settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"TF_PLUGIN_CACHE_DIR=" + plugins, "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1", // one download for all roots
	}
	return nil
}

// run runs terraform in a folder of the copy.
func (tf *terraform) run(ctx context.Context, root string, exits []int, args ...string) (Output, error) {
	cmd := Command{Path: tf.tool.Path, Args: args, Dir: filepath.Join(tf.dir, filepath.FromSlash(root)), Env: tf.env, Exits: exits}
	tf.ran = append(tf.ran, "(cd "+root+" && "+tf.job.typed(cmd)+")")
	return tf.job.Run(ctx, cmd)
}

// useProvider takes azurerm from the registry. Where that cannot be reached, it
// takes the one that make terraform-provider has built.
func (tf *terraform) useProvider(ctx context.Context) error {
	for _, root := range tf.roots {
		out, err := tf.run(ctx, root, []int{0, 1}, "init", "-backend=false", "-input=false", "-no-color")
		if err != nil {
			return err
		}
		said := slices.Concat(out.Stdout, out.Stderr)
		switch {
		case out.Exit == 0 && strings.Contains(string(said), "hashicorp/azurerm v"):
			tf.provider = "azurerm from the registry"
		case out.Exit == 0:
		case tftest.RegistryClosed(said):
			return tf.useBuiltProvider()
		case strings.Contains(string(said), "Terraform encountered problems during initialisation"), strings.Contains(string(said), "Error: "):
			return Errorf(BadInput, "%s: terraform init says %s", root, sentence(said))
		default:
			return Errorf(ToolFailed, "terraform init in %s ended with code %d%s", root, out.Exit, lastWords(out))
		}
	}
	return nil
}

// sentence is what Terraform says in its boxes, as one line.
func sentence(said []byte) string {
	text := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("╷│╵", r) {
			return ' '
		}
		return r
	}, string(said))), " ")
	if at := strings.Index(text, "Error: "); at >= 0 {
		text = text[at:]
	}
	const most = 400
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// azurerm is the Go module of the provider, and providerPin the folder whose
// go.mod and go.sum pin it.
const (
	azurerm     = "github.com/hashicorp/terraform-provider-azurerm"
	providerPin = "terraform/provider"
)

// useBuiltProvider proves that the built provider is made from the source that
// is pinned, and has Terraform take it.
func (tf *terraform) useBuiltProvider() error {
	const advice = "registry.terraform.io cannot be reached; run: make terraform-provider"
	version, sum, err := pinnedProvider(tf.job.Tree)
	if err != nil {
		return Errorf(ToolMissing, "the provider azurerm is not installed, and it is pinned nowhere: %w", err)
	}
	cache, err := userCache()
	if err != nil {
		return Errorf(ToolMissing, "the provider azurerm is not installed: %w", err)
	}
	dir := filepath.Join(cache, "rates", "terraform-provider-azurerm", version)
	info, err := buildinfo.ReadFile(filepath.Join(dir, path.Base(azurerm)))
	if errors.Is(err, fs.ErrNotExist) {
		return Errorf(ToolMissing, "the provider azurerm is not installed, and %s", advice)
	}
	if err != nil {
		return Errorf(WrongVersion, "the provider azurerm does not tell what it was made from: %w; remove %s and run: make terraform-provider", err, dir)
	}
	if main := info.Main; main.Replace != nil || main.Path != azurerm || main.Version != version || main.Sum != sum {
		return Errorf(WrongVersion, "the provider in %s was made from %s %s with the checksum %q, not from what %s pins; remove that folder and run: make terraform-provider",
			dir, main.Path, main.Version, main.Sum, providerPin)
	}
	tf.provider = "azurerm built from its Go module " + version
	return tf.setUp(fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hashicorp/azurerm\" = %q\n  }\n  direct {}\n}\n", dir))
}

// pinnedProvider returns the version and the checksum of the provider's module.
func pinnedProvider(t tree.Tree) (version, sum string, err error) {
	mod, err := os.ReadFile(t.Path(providerPin + "/go.mod"))
	if err != nil {
		return "", "", err
	}
	parsed, err := modfile.Parse(providerPin+"/go.mod", mod, nil)
	if err != nil {
		return "", "", err
	}
	at := slices.IndexFunc(parsed.Require, func(r *modfile.Require) bool { return r.Mod.Path == azurerm })
	if at < 0 {
		return "", "", fmt.Errorf("%s/go.mod does not require %s", providerPin, azurerm)
	}
	version = parsed.Require[at].Mod.Version
	sums, err := os.ReadFile(t.Path(providerPin + "/go.sum"))
	if err != nil {
		return "", "", err
	}
	for line := range strings.Lines(string(sums)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == azurerm && fields[1] == version {
			return version, fields[2], nil
		}
	}
	return "", "", fmt.Errorf("%s/go.sum has no checksum of %s %s", providerPin, azurerm, version)
}

// userCache is where terraform/provider/install.sh keeps what it builds.
func userCache() (string, error) {
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache"), err
}

// notes say which provider was used.
func (tf *terraform) notes() []string {
	if tf.provider == "" {
		return []string{"no provider but Terraform's own is used"}
	}
	return []string{"the provider is " + tf.provider + ", and it is mocked"}
}

// test runs terraform test in a root and reads what it says.
func (tf *terraform) test(ctx context.Context, root string, args ...string) (tftest.Report, error) {
	out, err := tf.run(ctx, root, []int{0, 1}, args...)
	if err != nil {
		return tftest.Report{}, err
	}
	report, err := tftest.Parse(out.Stdout)
	if invalid, ok := errors.AsType[*tftest.InvalidError](err); ok {
		return tftest.Report{}, Errorf(BadInput, "%s/%s", root, invalid.Diagnostics[0])
	}
	if err != nil {
		return tftest.Report{}, Errorf(BadOutput, "%s: %w%s", root, err, lastWords(Output{Stderr: out.Stderr}))
	}
	bad := slices.ContainsFunc(report.Results, func(r tftest.Result) bool { return r.Status != "pass" })
	if bad != (out.Exit == 1) {
		return tftest.Report{}, Errorf(BadOutput, "%s: terraform test ended with code %d, which is not what it tells of the runs", root, out.Exit)
	}
	for _, result := range report.Results {
		if result.Status == "error" || result.Status == "skip" {
			return tftest.Report{}, Errorf(BadInput, "%s/%s: it could not be carried out%s", root, result.Run, because(report, result.Run))
		}
	}
	return report, nil
}

// because is what Terraform said about a run, for messages.
func because(report tftest.Report, run tftest.Run) string {
	for _, d := range report.Diagnostics {
		if d.Run == run {
			return ": " + d.String()
		}
	}
	return ""
}

// validate has Terraform and its providers check a root.
func (tf *terraform) validate(ctx context.Context, root string) error {
	out, err := tf.run(ctx, root, []int{0, 1}, "validate", "-json")
	if err != nil {
		return err
	}
	var answer struct {
		Valid       *bool `json:"valid"`
		Diagnostics []struct {
			Severity, Summary, Detail string
			Range                     struct {
				Filename string
				Start    struct{ Line int }
			}
		} `json:"diagnostics"`
	}
	if err := json.Unmarshal(out.Stdout, &answer); err != nil || answer.Valid == nil {
		return Errorf(BadOutput, "%s: terraform validate printed %s", root, describe(out.Stdout))
	}
	if *answer.Valid != (out.Exit == 0) {
		return Errorf(BadOutput, "%s: terraform validate ended with code %d and says that valid is %t", root, out.Exit, *answer.Valid)
	}
	for _, d := range answer.Diagnostics {
		if d.Severity == "error" {
			at := tftest.Diagnostic{Summary: d.Summary, Detail: d.Detail, File: d.Range.Filename, Line: d.Range.Start.Line}
			return Errorf(BadInput, "%s/%s", root, at)
		}
	}
	if !*answer.Valid {
		return Errorf(BadInput, "%s: terraform validate says that it is not valid", root)
	}
	return nil
}
