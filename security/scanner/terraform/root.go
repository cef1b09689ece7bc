package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/tftest"
)

// terraformRoot is a root that Terraform works in. Several can be worked in at
// the same time, and one by several.
type terraformRoot struct {
	*terraform
	name string   // its folder in the repository
	ran  []string // what was run, as one could type it
}

// in returns the root of that name.
func (tf *terraform) in(name string) *terraformRoot { return &terraformRoot{terraform: tf, name: name} }

// dir is the folder in the copy.
func (r *terraformRoot) dir() string { return filepath.Join(r.folder, filepath.FromSlash(r.name)) }

// fsys holds the files of the copy.
func (r *terraformRoot) fsys() fs.FS { return os.DirFS(r.dir()) }

// run runs terraform in the root.
func (r *terraformRoot) run(ctx context.Context, exits []int, args ...string) (Output, error) {
	cmd := Command{Path: r.tool.Path, Args: args, Dir: r.dir(), Env: r.env, Exits: exits}
	r.ran = append(r.ran, "(cd "+r.name+" && "+r.job.typed(cmd)+")")
	return r.job.Run(ctx, cmd)
}

// test runs terraform test and reads what it says.
func (r *terraformRoot) test(ctx context.Context, args ...string) (tftest.Report, error) {
	out, err := r.run(ctx, []int{0, 1}, args...)
	if err != nil {
		return tftest.Report{}, err
	}
	report, err := tftest.Parse(out.Stdout)
	if invalid, ok := errors.AsType[*tftest.InvalidError](err); ok {
		return tftest.Report{}, Errorf(BadInput, "%s/%s", r.name, invalid.Diagnostics[0])
	}
	if err != nil {
		return tftest.Report{}, Errorf(BadOutput, "%s: %w%s", r.name, err, lastWords(Output{Stderr: out.Stderr}))
	}
	bad := slices.ContainsFunc(report.Results, func(result tftest.Result) bool { return result.Status != "pass" })
	if bad != (out.Exit == 1) {
		return tftest.Report{}, Errorf(BadOutput, "%s: terraform test ended with code %d, which is not what it tells of the runs", r.name, out.Exit)
	}
	for _, result := range report.Results {
		if result.Status == "error" || result.Status == "skip" {
			return tftest.Report{}, Errorf(BadInput, "%s/%s: it could not be carried out%s", r.name, result.Run, because(report, result.Run))
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

// validate has Terraform and its providers check the root.
func (r *terraformRoot) validate(ctx context.Context) error {
	out, err := r.run(ctx, []int{0, 1}, "validate", "-json")
	if err != nil {
		return err
	}
	return parseValidation(out, r.name)
}

// parseValidation returns an error unless terraform validate -json says that a
// root is valid.
func parseValidation(out Output, root string) error {
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
